// Sessions of one or more tokens that hold the same keys, logged in and kept
// open, each with a thread of its own: work is queued, and answers come back
// as the HSM gives them. What fails is asked again in a new session, after a
// new login, or of another token.
#ifndef SERVICES_SIGNING_PKCS11_SESSION_POOL_H_
#define SERVICES_SIGNING_PKCS11_SESSION_POOL_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "services/signing/pkcs11/module.h"
#include "services/signing/pkcs11/sign_queue.h"
#include "services/signing/pkcs11/token.h"
#include "services/signing/pkcs11/token_events.h"

namespace masa::signing {

class SessionCore;

struct TokenOptions {
  std::string label;
  std::string pin;  // never shown again
  int sessions = 8;
};

// What start-up found of one token.
struct TokenReport {
  std::string label;
  bool open = false;
  std::string why;             // when it is not
  std::vector<TokenKey> keys;  // in the order of the names; when it is
};

struct SessionPoolOptions {
  std::vector<TokenOptions> tokens;  // 1 to 16
  std::vector<TokenKeyName> keys;
  // A call that takes longer hangs: its session counts as lost.
  absl::Duration longest_call = absl::Seconds(3);
  // Between attempts to get a token back; doubled each time.
  absl::Duration least_pause = absl::Milliseconds(100);
  absl::Duration most_pause = absl::Seconds(10);
  size_t most_waiting = 4096;  // signatures; more are refused
};

// Thread-safe.
class SessionPool {
 public:
  // Opens every token once before it returns; those that do not open are tried
  // again in the background, but for a refused PIN. `events` outlives this.
  SessionPool(std::shared_ptr<Pkcs11Module> module,
              const SessionPoolOptions& options, TokenEvents& events);
  // Leaves calls that hang to themselves, and with them the module.
  ~SessionPool();

  std::vector<TokenReport> Report() const;

  PoolLoad Load() const;

  // No token is open, so that calls would fail at once.
  bool IsBroken() const;

  // Another key, for Sign: its number. It is looked for when first used.
  size_t AddKey(const TokenKeyName& name);

  static constexpr uint32_t kAnyToken = ~0u;

  // Runs `job` in a session of one token (bit i: the i-th), and gives its
  // answer. kSignerUnavailable as Sign has it. Blocks.
  absl::StatusOr<std::string> Run(absl::Time deadline, uint32_t token,
                                  TokenJob job);

  // A signature for each input with the key of that number, in order, by any
  // of the tokens (bit i: the i-th). kSignerUnavailable: no token that has the
  // key answered before the deadline. kOverloaded: too many wait. Blocks.
  std::vector<absl::StatusOr<std::string>> Sign(absl::Time deadline, size_t key,
                                                CK_MECHANISM_TYPE mechanism,
                                                std::vector<std::string> inputs,
                                                uint32_t tokens = kAnyToken);

 private:
  // Shared with the threads, one of which may never return from its call.
  const std::shared_ptr<SessionCore> core_;
};

}  // namespace masa::signing

#endif  // SERVICES_SIGNING_PKCS11_SESSION_POOL_H_
