// Signs nothing while the clock may be wrong (OP-19): a voucher with a false
// created-on is worse than one that comes later.
#ifndef SERVICES_SIGNING_SYNCHRONISED_SIGNER_H_
#define SERVICES_SIGNING_SYNCHRONISED_SIGNER_H_

#include <string>
#include <vector>

#include "services/observe/clock_health.h"
#include "services/signing/signer.h"

namespace masa::signing {

class SynchronisedSigner final : public Signer {
 public:
  // Both outlive this.
  SynchronisedSigner(Signer& signer, const ClockHealth& clock)
      : signer_(signer), clock_(clock) {}

  std::vector<absl::StatusOr<std::string>> Sign(
      const RequestContext& context, const std::string& key,
      absl::Span<const ToBeSigned> items) override;
  absl::StatusOr<KeyDescription> Describe(const RequestContext& context,
                                          const std::string& key) override;

 private:
  Signer& signer_;
  const ClockHealth& clock_;
};

}  // namespace masa::signing

#endif  // SERVICES_SIGNING_SYNCHRONISED_SIGNER_H_
