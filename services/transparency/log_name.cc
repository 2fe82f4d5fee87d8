#include "services/transparency/log_name.h"

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace masa::transparency {
namespace {

// What may stand for itself. At the front a dot would mean another folder where
// logs are kept as files, and an underline is the catalog's.
bool IsPlain(char c, bool is_first) {
  return absl::ascii_isalnum(c) || c == '-' ||
         (!is_first && (c == '.' || c == '_'));
}

}  // namespace

std::string OriginOf(const std::string& origin, const std::string& tenant_id) {
  if (tenant_id.empty()) {
    return origin + "/_catalog";
  }
  std::string name = origin + "/";
  for (size_t i = 0; i < tenant_id.size(); ++i) {
    const absl::string_view octet(&tenant_id[i], 1);
    absl::StrAppend(&name, IsPlain(octet[0], i == 0) ? "" : "%",
                    IsPlain(octet[0], i == 0) ? std::string(octet)
                                              : absl::BytesToHexString(octet));
  }
  return name;
}

}  // namespace masa::transparency
