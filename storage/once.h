// What makes a change safe to send again: the caller's own id for it, and what
// the id stands for. Pure values.
#ifndef STORAGE_ONCE_H_
#define STORAGE_ONCE_H_

#include <string>

namespace masa::storage {

struct OnceKey {
  std::string tenant_id;
  std::string actor;
  std::string request_id;
};

struct OnceResult {
  std::string digest;  // of what was asked, 32 octets
  std::string result;  // what came of it: an id
};

// A change under the caller's own id, which a repeat of it finds again.
struct OnceOrder {
  OnceKey key;
  std::string digest;  // of all that is asked, 32 octets
};

}  // namespace masa::storage

#endif  // STORAGE_ONCE_H_
