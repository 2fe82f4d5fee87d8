#include "services/edge/source_places.h"

namespace masa::edge {
namespace {

constexpr size_t kNetworkOctets = 8;  // of an IPv6 address

template <typename Octets>
std::string TextOf(const Octets& octets, size_t count) {
  return std::string(octets.begin(), octets.begin() + count);
}

}  // namespace

std::string SourceKeyOf(const boost::asio::ip::address& source) {
  if (source.is_v4()) {
    const auto octets = source.to_v4().to_bytes();
    return TextOf(octets, octets.size());
  }
  if (source.to_v6().is_v4_mapped()) {
    return SourceKeyOf(boost::asio::ip::make_address_v4(
        boost::asio::ip::v4_mapped, source.to_v6()));
  }
  return TextOf(source.to_v6().to_bytes(), kNetworkOctets);
}

SourcePlaces::Place::~Place() {
  if (places_ != nullptr) {
    places_->GiveBack(source_);
  }
}

std::optional<SourcePlaces::Place> SourcePlaces::Take(
    const boost::asio::ip::address& source) {
  if (most_ == 0) {
    return Place(nullptr, "");
  }
  std::string key = SourceKeyOf(source);
  absl::MutexLock lock(&mutex_);
  size_t& taken = taken_[key];
  if (taken >= most_) {
    return std::nullopt;
  }
  ++taken;
  return Place(this, std::move(key));
}

void SourcePlaces::GiveBack(const std::string& source) {
  absl::MutexLock lock(&mutex_);
  const auto at = taken_.find(source);
  if (--at->second == 0) {
    taken_.erase(at);
  }
}

}  // namespace masa::edge
