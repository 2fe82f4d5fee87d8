// What the faces of organisations, groups, roles and domain certificates have
// in common: a call with its request id, etags, and a page of what a tree
// holds. Pure.
#ifndef SERVICES_AUTHORITY_GROUP_CALLS_H_
#define SERVICES_AUTHORITY_GROUP_CALLS_H_

#include <functional>
#include <map>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "services/authority/pages.h"
#include "services/issuance/group_desk.h"
#include "services/issuance/once.h"
#include "services/status/macros.h"

namespace masa::authority {

inline issuance::GroupCall CallOf(const RequestContext& context,
                                  const identity::Principal& caller) {
  return issuance::GroupCall{context, caller};
}

// kInvalidArgument for one that is over 64 characters or has others than a
// UUID, letters, and any of - _ . :
absl::Status CheckRequestId(const std::string& request_id);

// The caller's own id for a change, where it gave one. kInvalidArgument.
template <typename Request>
absl::StatusOr<issuance::Once> OnceOf(const Request& request) {
  MASA_RETURN_IF_ERROR(CheckRequestId(request.request_id()));
  return request.request_id().empty()
             ? issuance::Once{}
             : issuance::Once{request.request_id(),
                              DigestOf(request.GetTypeName(),
                                       request.SerializeAsString())};
}

// Under the id that the change's message names, so that its event is found by
// it. What the metadata named stays: all that the call is about has that one.
RequestContext Under(const RequestContext& context, const issuance::Once& once);

// A change: under the caller's own id, where it gave one. kInvalidArgument.
template <typename Request>
absl::StatusOr<issuance::GroupCall> ChangeOf(const RequestContext& context,
                                             const identity::Principal& caller,
                                             const Request& request) {
  MASA_ASSIGN_OR_RETURN(const issuance::Once once, OnceOf(request));
  issuance::GroupCall call = CallOf(Under(context, once), caller);
  call.once_id = once.id;
  call.once_digest = once.digest;
  return call;
}

std::string EtagOf(int64_t version);
// None for an empty one. kEtagMismatch for one that was never given.
absl::StatusOr<std::optional<int64_t>> VersionOf(const std::string& etag);

// The organisation that is meant where none is named.
std::string OrganizationOr(const std::string& organization_id,
                           const identity::Principal& caller);

// Hands out the page of `items`, which are in the order of their keys, that
// follows the token; the next token, or nothing at the end.
template <typename Item>
absl::StatusOr<std::string> Page(
    const std::map<std::string, Item>& items, const std::string& list,
    int32_t page_size, const std::string& page_token,
    const std::function<void(const Item& item)>& add) {
  MASA_ASSIGN_OR_RETURN(int left, PageSizeOf(page_size));
  MASA_ASSIGN_OR_RETURN(const std::string last, LastOf(list, page_token));
  std::string end;
  for (auto at = items.upper_bound(last); at != items.end(); ++at) {
    if (left-- == 0) {
      return PageTokenOf(list, end);
    }
    add(at->second);
    end = at->first;
  }
  return std::string();
}

}  // namespace masa::authority

#endif  // SERVICES_AUTHORITY_GROUP_CALLS_H_
