// What a session pool tells about its tokens, so that metrics and logs are made
// beside it and not inside it.
#ifndef SERVICES_SIGNING_PKCS11_TOKEN_EVENTS_H_
#define SERVICES_SIGNING_PKCS11_TOKEN_EVENTS_H_

#include <string>

namespace masa::signing {

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
};

}  // namespace masa::signing

#endif  // SERVICES_SIGNING_PKCS11_TOKEN_EVENTS_H_
