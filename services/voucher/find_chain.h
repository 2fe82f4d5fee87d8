// Chains out of certificates that come in any order, renewed ones beside old
// ones and strangers among them (RV-02): the likeliest chain is asked about
// first, and where it does not hold, the next. Who asks: the rules about
// registrars and agents. Pure.
#ifndef SERVICES_VOUCHER_FIND_CHAIN_H_
#define SERVICES_VOUCHER_FIND_CHAIN_H_

#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/verifier/verifier.h"
#include "services/wire/certificate.h"

namespace masa::voucher {

// One search, of one caller; not thread-safe.
struct ChainSearch {
  const std::vector<wire::Certificate>& enclosed;
  const Verifier& verifier;
  absl::Time now;
  // Chains that may still be asked about: who sends many certificates of one
  // name makes no more work than that.
  int tries = 4;
};

// The chain that holds from `leaf` up to where no enclosed CA is above it, leaf
// first. Where none holds, the refusal of the likeliest: kChainInvalid,
// kCertificateExpired.
absl::StatusOr<std::vector<wire::Certificate>> FindChain(
    const wire::Certificate& leaf, ChainSearch& search);

// Whether a chain holds from `leaf` up to `anchor`, enclosed or not.
bool LeadsTo(const wire::Certificate& leaf, const wire::Certificate& anchor,
             ChainSearch& search);

}  // namespace masa::voucher

#endif  // SERVICES_VOUCHER_FIND_CHAIN_H_
