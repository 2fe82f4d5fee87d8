#include "load-tests/hammer/limits.h"

#include "load-tests/hammer/handshake_cost.h"
#include "load-tests/signature_cost.h"

namespace masa::hammer {

std::optional<Limit> LimitOf(const Scenario& scenario) {
  if (scenario.mix_size() != 1) {
    return std::nullopt;
  }
  const Work& work = scenario.mix(0);
  if (work.kind() != Work::KIND_REQUEST_VOUCHER &&
      work.kind() != Work::KIND_ISSUE_MANY) {
    return std::nullopt;
  }
  const SignatureCost cost = MeasureP256();
  Limit limit;
  if (work.kind() == Work::KIND_ISSUE_MANY) {
    limit = {"1 ECDSA_sign P-256", cost.sign_seconds * 1e6};
  } else {
    limit = {"3 ECDSA_verify and 1 ECDSA_sign P-256",
             (3 * cost.verify_seconds + cost.sign_seconds) * 1e6};
  }
  if (work.one_shot()) {
    limit.what += ", and the server's side of a TLS 1.3 handshake";
    limit.microseconds += ServerHandshakeSeconds() * 1e6;
  }
  return limit;
}

}  // namespace masa::hammer
