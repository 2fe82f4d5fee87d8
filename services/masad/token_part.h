// OpenID providers of a configuration, and where their keys come from.
#ifndef SERVICES_MASAD_TOKEN_PART_H_
#define SERVICES_MASAD_TOKEN_PART_H_

#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "services/fetch/http_fetcher.h"
#include "services/identity/token_issuers.h"
#include "services/masad/files.h"
#include "services/observe/clock.h"
#include "services/rpc/gate.h"
#include "services/verification/boring_verifier.h"

namespace masa::masad {

class TokenPart {
 public:
  // Null where the configuration names no provider. kMisconfigured.
  static absl::StatusOr<std::unique_ptr<TokenPart>> New(const Setup& setup);

  // For a gate that this outlives.
  rpc::Gate::AuthenticateToken Authenticate();

 private:
  TokenPart() = default;

  const SystemClock clock_;
  const verification::BoringVerifier verifier_;
  std::vector<std::unique_ptr<fetch::HttpFetcher>> fetchers_;
  std::unique_ptr<identity::TokenIssuers> issuers_;
};

}  // namespace masa::masad

#endif  // SERVICES_MASAD_TOKEN_PART_H_
