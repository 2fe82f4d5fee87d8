#include "services/fetch/url.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "services/status/reason.h"

namespace masa::fetch {
namespace {

absl::Status No() {
  return Refuse(Reason::kInvalidArgument,
                "not an http or https URL that can be asked");
}

bool IsDigits(absl::string_view text) {
  return !text.empty() && text.size() <= 5 &&
         std::all_of(text.begin(), text.end(),
                     [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

std::string Url::HostHeader() const {
  const bool v6 = absl::StrContains(host, ":");
  const std::string name = v6 ? absl::StrCat("[", host, "]") : host;
  return port == (tls ? "443" : "80") ? name : absl::StrCat(name, ":", port);
}

absl::StatusOr<Url> ParseUrl(absl::string_view text) {
  constexpr size_t kLongest = 2048;
  const bool printable = std::all_of(
      text.begin(), text.end(), [](char c) { return c > ' ' && c < '\x7f'; });
  const size_t scheme = text.find("://");
  Url url;
  url.tls = absl::EqualsIgnoreCase(text.substr(0, scheme), "https");
  if (text.size() > kLongest || !printable || scheme == text.npos ||
      (!url.tls && !absl::EqualsIgnoreCase(text.substr(0, scheme), "http"))) {
    return No();
  }
  text.remove_prefix(scheme + 3);
  const size_t slash = std::min(text.find_first_of("/?"), text.size());
  absl::string_view authority = text.substr(0, slash);
  absl::string_view target = text.substr(slash);
  target = target.substr(0, target.find('#'));
  url.port = url.tls ? "443" : "80";
  url.target = absl::StartsWith(target, "/") ? std::string(target)
                                             : absl::StrCat("/", target);
  if (absl::StrContains(authority, "@")) {
    return No();
  }
  const size_t bracket = authority.find(']');
  const size_t colon =
      authority.find(':', bracket == absl::string_view::npos ? 0 : bracket);
  if (colon != absl::string_view::npos) {
    url.port = std::string(authority.substr(colon + 1));
    authority = authority.substr(0, colon);
  }
  if (absl::ConsumePrefix(&authority, "[") &&
      !absl::ConsumeSuffix(&authority, "]")) {
    return No();
  }
  url.host = std::string(authority);
  return url.host.empty() || !IsDigits(url.port) ? absl::StatusOr<Url>(No())
                                                 : url;
}

}  // namespace masa::fetch
