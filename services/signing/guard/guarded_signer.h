// The signer's own guard (OP-11, OP-13): what an authority may not ask for,
// whoever it is. Beside the lint, which the signers themselves do.
#ifndef SERVICES_SIGNING_GUARD_GUARDED_SIGNER_H_
#define SERVICES_SIGNING_GUARD_GUARDED_SIGNER_H_

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "services/observe/clock.h"
#include "services/signing/guard/key_budget.h"
#include "services/signing/guard/stopped_keys.h"
#include "services/signing/signer.h"

namespace masa::signing {

class GuardedSigner final : public Signer {
 public:
  // `stopped` may be null. All outlive this; keys without a budget have no
  // limit.
  GuardedSigner(Signer& signer, const Clock& clock, StoppedKeys* stopped,
                std::map<std::string, std::unique_ptr<KeyBudget>> budgets)
      : signer_(signer),
        clock_(clock),
        stopped_(stopped),
        budgets_(std::move(budgets)) {}

  // Beyond a budget the first items are signed and the others refused. All are
  // refused with kKeyNotForThis where one is a voucher of another day than the
  // signer's clock says: so none is made for later.
  std::vector<absl::StatusOr<std::string>> Sign(
      const RequestContext& context, const std::string& key,
      absl::Span<const ToBeSigned> items) override;
  // Of stopped keys too: others must not wait for them to be ready.
  absl::StatusOr<KeyDescription> Describe(const RequestContext& context,
                                          const std::string& key) override;

 private:
  absl::StatusOr<size_t> MayMake(const std::string& key,
                                 absl::Span<const ToBeSigned> items);

  Signer& signer_;
  const Clock& clock_;
  StoppedKeys* const stopped_;
  const std::map<std::string, std::unique_ptr<KeyBudget>> budgets_;
};

}  // namespace masa::signing

#endif  // SERVICES_SIGNING_GUARD_GUARDED_SIGNER_H_
