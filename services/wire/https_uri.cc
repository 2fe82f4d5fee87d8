#include "services/wire/https_uri.h"

#include <arpa/inet.h>

#include <algorithm>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"

namespace masa::wire {
namespace {

bool IsLabel(absl::string_view label) {
  constexpr size_t kLongest = 63;
  return !label.empty() && label.size() <= kLongest && label.front() != '-' &&
         label.back() != '-' &&
         std::all_of(label.begin(), label.end(), [](unsigned char c) {
           return absl::ascii_isalnum(c) || c == '-';
         });
}

// An IPv4 address looks like a name.
bool IsNameOrIpv4(absl::string_view host) {
  in_addr address;
  return IsHostName(host) ||
         (host.find('\0') == absl::string_view::npos &&
          inet_pton(AF_INET, std::string(host).c_str(), &address) == 1);
}

// Takes "[...]" off the front.
bool TakeIpv6(absl::string_view* authority) {
  const size_t end = authority->find(']');
  if (end == absl::string_view::npos) {
    return false;
  }
  const std::string text(authority->substr(1, end - 1));
  authority->remove_prefix(end + 1);
  in6_addr address;
  return text.find('\0') == std::string::npos &&
         inet_pton(AF_INET6, text.c_str(), &address) == 1;
}

bool IsPort(absl::string_view text) {
  constexpr int kHighest = 65535;
  int port = 0;
  return std::all_of(text.begin(), text.end(),
                     [](unsigned char c) { return absl::ascii_isdigit(c); }) &&
         absl::SimpleAtoi(text, &port) && port > 0 && port <= kHighest;
}

bool IsAuthority(absl::string_view authority) {
  if (authority.empty()) {
    return false;
  }
  if (authority.front() == '[') {
    if (!TakeIpv6(&authority)) {
      return false;
    }
    return authority.empty() ||
           (absl::ConsumePrefix(&authority, ":") && IsPort(authority));
  }
  const size_t colon = authority.find(':');
  return IsNameOrIpv4(authority.substr(0, colon)) &&
         (colon == absl::string_view::npos ||
          IsPort(authority.substr(colon + 1)));
}

// RFC 3986 sections 3.3 and 3.4: pchar, "/" and "?".
bool IsPathAndQuery(absl::string_view text) {
  constexpr absl::string_view kMarks = "-._~!$&'()*+,;=:@/?";
  for (size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c == '%') {
      if (i + 2 >= text.size() ||
          !absl::ascii_isxdigit(static_cast<unsigned char>(text[i + 1])) ||
          !absl::ascii_isxdigit(static_cast<unsigned char>(text[i + 2]))) {
        return false;
      }
      i += 2;
    } else if (!absl::ascii_isalnum(c) &&
               kMarks.find(text[i]) == absl::string_view::npos) {
      return false;
    }
  }
  return true;
}

}  // namespace

bool IsHostName(absl::string_view text) {
  constexpr size_t kLongest = 253;
  absl::string_view last;
  for (const absl::string_view label : absl::StrSplit(text, '.')) {
    if (!IsLabel(label)) {
      return false;
    }
    last = label;
  }
  return text.size() <= kLongest &&
         !std::all_of(last.begin(), last.end(),
                      [](unsigned char c) { return absl::ascii_isdigit(c); });
}

bool IsHttpsUri(absl::string_view text) {
  if (text.size() > kLongestHttpsUri ||
      !absl::ConsumePrefix(&text, "https://")) {
    return false;
  }
  const size_t end = std::min(text.find_first_of("/?"), text.size());
  return IsAuthority(text.substr(0, end)) && IsPathAndQuery(text.substr(end));
}

}  // namespace masa::wire
