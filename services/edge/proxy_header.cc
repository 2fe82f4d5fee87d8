#include "services/edge/proxy_header.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "services/status/reason.h"

namespace masa::edge {
namespace {

namespace ip = boost::asio::ip;

constexpr absl::string_view kSignature("\r\n\r\n\0\r\nQUIT\n", 12);
constexpr size_t kFixed = 16;  // signature, version, family, length
constexpr size_t kLongest = 1024;

// The octets of address families, behind the fixed part: source, destination,
// two ports.
constexpr uint8_t kTcp4 = 0x11, kTcp6 = 0x21;
constexpr size_t kAddresses4 = 12, kAddresses6 = 36;

enum Command { kLocal = 0x20, kProxy = 0x21 };  // with the version, 2

absl::Status Malformed(const char* what) {
  return Refuse(Reason::kMalformed, what);
}

template <typename Address>
ip::address SourceOf(absl::string_view addresses) {
  typename Address::bytes_type octets;
  std::copy_n(addresses.begin(), octets.size(), octets.begin());
  return Address(octets);
}

absl::StatusOr<std::optional<ip::address>> ReadSource(
    uint8_t family, absl::string_view addresses) {
  std::optional<ip::address> source;
  if (family == kTcp4 || family == kTcp6) {
    const bool four = family == kTcp4;
    if (addresses.size() < (four ? kAddresses4 : kAddresses6)) {
      return Malformed("the PROXY header is shorter than its addresses");
    }
    source = four ? SourceOf<ip::address_v4>(addresses)
                  : SourceOf<ip::address_v6>(addresses);
  }
  return source;
}

}  // namespace

absl::StatusOr<std::optional<ProxyHeader>> ReadProxyHeader(
    absl::string_view received) {
  const size_t compared = std::min(received.size(), kSignature.size());
  if (received.substr(0, compared) != kSignature.substr(0, compared)) {
    return Malformed("there is no PROXY header, version 2");
  }
  if (received.size() < kFixed) {
    return std::optional<ProxyHeader>();
  }
  const auto octet = [&](size_t at) {
    return static_cast<uint8_t>(received[at]);
  };
  if (octet(12) != kLocal && octet(12) != kProxy) {
    return Malformed("the PROXY header is not of version 2");
  }
  const size_t length = octet(14) * size_t{256} + octet(15);
  if (kFixed + length > kLongest) {
    return Malformed("the PROXY header is too long");
  }
  if (received.size() < kFixed + length) {
    return std::optional<ProxyHeader>();
  }
  ProxyHeader header{kFixed + length, std::nullopt};
  if (octet(12) == kProxy) {
    auto source = ReadSource(octet(13), received.substr(kFixed, length));
    if (!source.ok()) {
      return source.status();
    }
    header.source = *source;
  }
  return std::optional(header);
}

}  // namespace masa::edge
