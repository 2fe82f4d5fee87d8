// How many connections one source address holds at once (SE-01), so that one
// host cannot hold all that an edge takes.
#ifndef SERVICES_EDGE_SOURCE_PLACES_H_
#define SERVICES_EDGE_SOURCE_PLACES_H_

#include <boost/asio/ip/address.hpp>
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

namespace masa::edge {

// The octets that stand for the network of a client: an IPv4 address, in
// either of its forms, or the /64 of an IPv6 address.
std::string SourceKeyOf(const boost::asio::ip::address& source);

// Thread-safe. Holds no more sources than there are places taken.
class SourcePlaces {
 public:
  // One connection's, until it goes. The SourcePlaces outlives it.
  class Place {
   public:
    Place(Place&& other) noexcept
        : places_(std::exchange(other.places_, nullptr)),
          source_(std::move(other.source_)) {}
    Place& operator=(Place&&) = delete;
    ~Place();

   private:
    friend class SourcePlaces;
    Place(SourcePlaces* places, std::string source)
        : places_(places), source_(std::move(source)) {}

    SourcePlaces* places_;  // null: moved from, or nothing is counted
    std::string source_;
  };

  // `most` of zero: no limit.
  explicit SourcePlaces(size_t most) : most_(most) {}

  // Nothing when the source has as many as it may.
  std::optional<Place> Take(const boost::asio::ip::address& source);

 private:
  void GiveBack(const std::string& source);

  const size_t most_;
  absl::Mutex mutex_;
  std::map<std::string, size_t> taken_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace masa::edge

#endif  // SERVICES_EDGE_SOURCE_PLACES_H_
