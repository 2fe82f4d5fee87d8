// Who is behind a bearer token: OpenID providers that the configuration names,
// and how their claims name an account of a customer. Thread-safe;
// may block while a provider's keys are read. Never says anything of a token's
// text.
#ifndef SERVICES_IDENTITY_TOKEN_ISSUERS_H_
#define SERVICES_IDENTITY_TOKEN_ISSUERS_H_

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "proto/masa/v1/config.pb.h"
#include "services/identity/key_set.h"
#include "services/identity/principal.h"
#include "services/observe/clock.h"
#include "services/verifier/verifier.h"

namespace masa::identity {

class TokenIssuers {
 public:
  using Issuers = google::protobuf::RepeatedPtrField<masa::v1::OidcIssuer>;
  // Where an issuer's keys come from.
  using ReaderOf = std::function<KeySet::Read(const masa::v1::OidcIssuer&)>;

  // kMisconfigured for an issuer named twice. Reads each set once; those that
  // cannot be had yet are asked for again when a token comes. Verifier and
  // clock outlive this.
  static absl::StatusOr<std::unique_ptr<TokenIssuers>> Create(
      const Issuers& issuers, const ReaderOf& reader_of,
      const Verifier& verifier, const Clock& clock);

  // A person of a customer. kUnauthenticated unless the token is of a known
  // issuer, for its audience, signed by one of its keys, in its time, and
  // names user and organisation.
  absl::StatusOr<Principal> Identify(const std::string& token);

 private:
  struct Known {
    masa::v1::OidcIssuer options;
    std::unique_ptr<KeySet> keys;
  };

  TokenIssuers(const Verifier& verifier, const Clock& clock)
      : verifier_(verifier), clock_(clock) {}

  absl::Status CheckClaims(const Known& issuer, const wire::Jwt& token) const;

  const Verifier& verifier_;
  const Clock& clock_;
  std::map<std::string, Known> issuers_;  // by iss
};

}  // namespace masa::identity

#endif  // SERVICES_IDENTITY_TOKEN_ISSUERS_H_
