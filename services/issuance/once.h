// The caller's own id for a change, which makes it safe to send again.
#ifndef SERVICES_ISSUANCE_ONCE_H_
#define SERVICES_ISSUANCE_ONCE_H_

#include <string>

namespace masa::issuance {

// A repeat changes nothing; another change under the id is refused
// (kRequestIdReused).
struct Once {
  std::string id = {};      // empty: none
  std::string digest = {};  // of all that the change asks, 32 octets
};

}  // namespace masa::issuance

#endif  // SERVICES_ISSUANCE_ONCE_H_
