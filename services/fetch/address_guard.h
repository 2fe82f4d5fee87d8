// Which addresses may be asked on behalf of a stranger: public ones, and those
// that the operator allows (RV-07). Immutable.
#ifndef SERVICES_FETCH_ADDRESS_GUARD_H_
#define SERVICES_FETCH_ADDRESS_GUARD_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "boost/asio/ip/address.hpp"
#include "boost/asio/ip/network_v4.hpp"
#include "boost/asio/ip/network_v6.hpp"

namespace masa::fetch {

class AddressGuard {
 public:
  // `allowed` are networks as 10.1.0.0/16 or fd00::/8. kMisconfigured for one
  // that does not parse.
  static absl::StatusOr<AddressGuard> Create(
      const std::vector<std::string>& allowed);

  // Those of `allowed` and no others, public ones neither: for what the
  // operator names and no stranger.
  static absl::StatusOr<AddressGuard> CreateClosed(
      const std::vector<std::string>& allowed);

  // Allows no address at all.
  static AddressGuard Nobody();

  // False for loopback, private, link-local, shared, documentation, multicast
  // and reserved addresses, whether written as IPv4 or wrapped in IPv6.
  bool Allows(const boost::asio::ip::address& address) const;

 private:
  bool AllowsV4(const boost::asio::ip::address_v4& address) const;
  bool AllowsV6(const boost::asio::ip::address_v6& address) const;

  std::vector<boost::asio::ip::network_v4> v4_;
  std::vector<boost::asio::ip::network_v6> v6_;
  bool closed_ = false;
};

}  // namespace masa::fetch

#endif  // SERVICES_FETCH_ADDRESS_GUARD_H_
