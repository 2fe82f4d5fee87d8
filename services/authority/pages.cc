#include "services/authority/pages.h"

#include <algorithm>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "services/issuance/ids.h"
#include "services/status/field_faults.h"
#include "services/status/reason.h"

namespace masa::authority {
namespace {

constexpr size_t kMarkOctets = 8;

std::string MarkOf(absl::string_view list) {
  return issuance::Sha256(std::string(list)).substr(0, kMarkOctets);
}

}  // namespace

absl::StatusOr<int> PageSizeOf(int32_t page_size) {
  constexpr int kUsual = 100;
  constexpr int kMost = 1000;
  if (page_size < 0) {
    return RefuseFields(Reason::kInvalidArgument,
                        {{"page_size", "is less than zero"}});
  }
  return page_size == 0 ? kUsual : std::min(page_size, kMost);
}

std::string PageTokenOf(absl::string_view list, absl::string_view last) {
  return absl::WebSafeBase64Escape(absl::StrCat(MarkOf(list), last));
}

absl::StatusOr<std::string> LastOf(absl::string_view list,
                                   const std::string& page_token) {
  std::string octets;
  if (page_token.empty()) {
    return octets;
  }
  if (!absl::WebSafeBase64Unescape(page_token, &octets) ||
      octets.size() <= kMarkOctets ||
      octets.substr(0, kMarkOctets) != MarkOf(list)) {
    return RefuseFields(Reason::kPageTokenInvalid,
                        {{"page_token", "is not one of this list's"}});
  }
  return octets.substr(kMarkOctets);
}

std::string DigestOf(absl::string_view method, const std::string& request) {
  return issuance::Sha256(absl::StrCat(method, ":", request));
}

}  // namespace masa::authority
