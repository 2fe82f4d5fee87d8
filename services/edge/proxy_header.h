// The header of the PROXY protocol, version 2, by which a balancer that passes
// TLS through says whose connection it is (haproxy's proxy-protocol.txt,
// section 2.2). Pure.
#ifndef SERVICES_EDGE_PROXY_HEADER_H_
#define SERVICES_EDGE_PROXY_HEADER_H_

#include <cstddef>
#include <optional>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "boost/asio/ip/address.hpp"

namespace masa::edge {

struct ProxyHeader {
  size_t octets = 0;  // how long it is; what follows is the connection's
  // The client's address. None for a connection of the balancer's own (LOCAL),
  // and for what is neither IPv4 nor IPv6.
  std::optional<boost::asio::ip::address> source;
};

// The header that `received` begins with; none while more octets are needed.
// kMalformed when it does not begin with one, or it is longer than 1 KiB.
absl::StatusOr<std::optional<ProxyHeader>> ReadProxyHeader(
    absl::string_view received);

}  // namespace masa::edge

#endif  // SERVICES_EDGE_PROXY_HEADER_H_
