#include "services/rpc/bearer.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace masa::rpc {
namespace {

std::vector<std::string> InAuthorization(absl::string_view value) {
  value = absl::StripAsciiWhitespace(value);
  const size_t space = value.find(' ');
  if (space == absl::string_view::npos) {
    return value.empty() ? std::vector<std::string>()
                         : std::vector<std::string>{std::string(value)};
  }
  if (!absl::EqualsIgnoreCase(value.substr(0, space), "Bearer")) {
    return {};
  }
  return {std::string(absl::StripAsciiWhitespace(value.substr(space)))};
}

std::vector<std::string> InCookies(absl::string_view value) {
  std::vector<std::string> tokens;
  for (absl::string_view cookie : absl::StrSplit(value, ';')) {
    cookie = absl::StripAsciiWhitespace(cookie);
    if (absl::ConsumePrefix(&cookie, "access_token=")) {
      tokens.emplace_back(cookie);
    }
  }
  return tokens;
}

}  // namespace

std::vector<std::string> TokensIn(absl::string_view key,
                                  absl::string_view value) {
  return key == "authorization" ? InAuthorization(value)
         : key == "cookie"      ? InCookies(value)
                                : std::vector<std::string>();
}

}  // namespace masa::rpc
