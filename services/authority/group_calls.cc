#include "services/authority/group_calls.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "services/status/field_faults.h"
#include "services/status/reason.h"

namespace masa::authority {

absl::Status CheckRequestId(const std::string& request_id) {
  constexpr size_t kLongest = 64;
  const bool fits =
      request_id.size() <= kLongest &&
      std::all_of(request_id.begin(), request_id.end(), [](unsigned char c) {
        return absl::ascii_isalnum(c) || c == '-' || c == '_' || c == '.' ||
               c == ':';
      });
  return fits ? absl::OkStatus()
              : RefuseFields(Reason::kInvalidArgument,
                             {{"request_id",
                               "is longer than 64 characters, or has others "
                               "than a UUID and any of _ . :"}});
}

RequestContext Under(const RequestContext& context,
                     const issuance::Once& once) {
  RequestContext named = context;
  if (context.is_id_made && !once.id.empty()) {
    named.request_id = once.id;
    named.is_id_made = false;
  }
  return named;
}

std::string EtagOf(int64_t version) { return absl::StrCat(version); }

absl::StatusOr<std::optional<int64_t>> VersionOf(const std::string& etag) {
  std::optional<int64_t> version;
  if (etag.empty()) {
    return version;
  }
  if (!absl::SimpleAtoi(etag, &version.emplace())) {
    return AtField(
        Refuse(Reason::kEtagMismatch, "etag is not the one that was read last"),
        "etag");
  }
  return version;
}

std::string OrganizationOr(const std::string& organization_id,
                           const identity::Principal& caller) {
  return organization_id.empty() ? caller.organization_id : organization_id;
}

}  // namespace masa::authority
