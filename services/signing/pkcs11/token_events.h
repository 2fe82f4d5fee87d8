// What a session pool tells about its tokens, so that metrics and logs are made
// beside it and not inside it.
#ifndef SERVICES_SIGNING_PKCS11_TOKEN_EVENTS_H_
#define SERVICES_SIGNING_PKCS11_TOKEN_EVENTS_H_

#include <cstddef>
#include <string>
#include <vector>

#include "absl/time/time.h"

namespace masa::signing {

// How busy a pool is at a moment.
struct TokenLoad {
  std::string label;
  int busy = 0;    // sessions in a call
  int lost = 0;    // in one that does not come back
  int idle = 0;    // open, and waiting for work
  int closed = 0;  // of a token that does not sign
};
struct PoolLoad {
  size_t waiting = 0;  // signatures, for a session
  std::vector<TokenLoad> tokens;
};

// Told when a token comes or goes: once, not for each call that failed.
// Implementations are thread-safe and do not block.
class TokenEvents {
 public:
  virtual ~TokenEvents() = default;
  virtual void TokenCame(const std::string& label) = 0;
  // `why` names the module's answer; `forever`: its PIN is refused and is not
  // tried again, because tries lock tokens.
  virtual void TokenWent(const std::string& label, const std::string& why,
                         bool forever) = 0;
  // A signature got its session after waiting for it so long.
  virtual void Waited(absl::Duration waited) = 0;
};

}  // namespace masa::signing

#endif  // SERVICES_SIGNING_PKCS11_TOKEN_EVENTS_H_
