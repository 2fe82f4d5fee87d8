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
#include "services/status/macros.h"

namespace masa::authority {

inline issuance::GroupCall CallOf(const RequestContext& context,
                                  const identity::Principal& caller) {
  return issuance::GroupCall{context, caller};
}

// A change: under the caller's own id, where it gave one.
template <typename Request>
issuance::GroupCall ChangeOf(const RequestContext& context,
                             const identity::Principal& caller,
                             const Request& request) {
  issuance::GroupCall call = CallOf(context, caller);
  call.once_id = request.request_id();
  if (!call.once_id.empty()) {
    call.once_digest =
        DigestOf(request.GetTypeName(), request.SerializeAsString());
  }
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
