#include "services/fetch/address_guard.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "services/status/reason.h"

namespace masa::fetch {
namespace {

namespace ip = boost::asio::ip;

// IANA's special-purpose registries, but for what is globally reachable.
constexpr const char* kClosedV4[] = {
    "0.0.0.0/8",      "10.0.0.0/8",     "100.64.0.0/10", "127.0.0.0/8",
    "169.254.0.0/16", "172.16.0.0/12",  "192.0.0.0/24",  "192.0.2.0/24",
    "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24",
    "203.0.113.0/24", "224.0.0.0/4",    "240.0.0.0/4",
};
// Of IPv6 only 2000::/3 is given out; these parts of it are not public.
constexpr const char* kClosedV6[] = {"2001::/23", "2001:db8::/32", "2002::/16",
                                     "3fff::/20"};
constexpr const char* kPublicV6 = "2000::/3";

bool Holds(const ip::network_v4& network, const ip::address_v4& address) {
  return ip::network_v4(address, network.prefix_length()).canonical() ==
         network.canonical();
}

bool Holds(const ip::network_v6& network, const ip::address_v6& address) {
  return ip::network_v6(address, network.prefix_length()).canonical() ==
         network.canonical();
}

// 64:ff9b::/96 translates to the IPv4 address in its last octets.
bool IsTranslated(const ip::address_v6& address) {
  return Holds(ip::make_network_v6("64:ff9b::/96"), address);
}

ip::address_v4 LastOctets(const ip::address_v6& address) {
  const auto octets = address.to_bytes();
  return ip::address_v4({octets[12], octets[13], octets[14], octets[15]});
}

}  // namespace

absl::StatusOr<AddressGuard> AddressGuard::Create(
    const std::vector<std::string>& allowed) {
  absl::StatusOr<AddressGuard> guard{AddressGuard()};
  for (const std::string& text : allowed) {
    boost::system::error_code not_v4, not_v6;
    const auto v4 = ip::make_network_v4(text, not_v4);
    const auto v6 = ip::make_network_v6(text, not_v6);
    if (!not_v4) {
      guard->v4_.push_back(v4);
    } else if (!not_v6) {
      guard->v6_.push_back(v6);
    } else {
      return Refuse(Reason::kMisconfigured,
                    absl::StrCat("not a network like 10.1.0.0/16: ", text));
    }
  }
  return guard;
}

absl::StatusOr<AddressGuard> AddressGuard::CreateClosed(
    const std::vector<std::string>& allowed) {
  absl::StatusOr<AddressGuard> guard = Create(allowed);
  if (guard.ok()) {
    guard->closed_ = true;
  }
  return guard;
}

AddressGuard AddressGuard::Nobody() {
  AddressGuard guard;
  guard.closed_ = true;
  return guard;
}

bool AddressGuard::Allows(const ip::address& address) const {
  if (address.is_v4()) {
    return AllowsV4(address.to_v4());
  }
  const ip::address_v6 v6 = address.to_v6();
  return v6.is_v4_mapped() || IsTranslated(v6) ? AllowsV4(LastOctets(v6))
                                               : AllowsV6(v6);
}

bool AddressGuard::AllowsV4(const ip::address_v4& address) const {
  const auto holds = [&address](const ip::network_v4& network) {
    return Holds(network, address);
  };
  return std::any_of(v4_.begin(), v4_.end(), holds) ||
         (!closed_ && std::none_of(std::begin(kClosedV4), std::end(kClosedV4),
                                   [&holds](const char* text) {
                                     return holds(ip::make_network_v4(text));
                                   }));
}

bool AddressGuard::AllowsV6(const ip::address_v6& address) const {
  const auto holds = [&address](const ip::network_v6& network) {
    return Holds(network, address);
  };
  return std::any_of(v6_.begin(), v6_.end(), holds) ||
         (!closed_ && holds(ip::make_network_v6(kPublicV6)) &&
          std::none_of(std::begin(kClosedV6), std::end(kClosedV6),
                       [&holds](const char* text) {
                         return holds(ip::make_network_v6(text));
                       }));
}

}  // namespace masa::fetch
