#include "services/status/reason.h"
#include "services/voucher/rules.h"

namespace masa::voucher {

absl::Status CheckCmcRa(const Registrar& registrar) {
  // RFC 8995 section 5.5.4: holds for every customer, authenticated or not.
  if (!registrar.signer->has_cmc_ra) {
    return Refuse(Reason::kRegistrarNotAuthorized,
                  "the certificate that signed the request lacks the extended "
                  "key usage id-kp-cmcRA (1.3.6.1.5.5.7.3.28)");
  }
  return absl::OkStatus();
}

}  // namespace masa::voucher
