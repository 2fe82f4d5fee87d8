#include "services/masad/guard_part.h"

#include <filesystem>
#include <map>
#include <utility>

#include "services/status/macros.h"

namespace masa::masad {

absl::StatusOr<std::unique_ptr<GuardPart>> GuardPart::New(
    const Setup& setup, signing::Signer& signer) {
  const masa::v1::SignerConfig& config = setup.config.signer();
  std::unique_ptr<GuardPart> made(new GuardPart());
  if (!config.budget_folder().empty()) {
    const std::filesystem::path folder(setup.folder);
    MASA_ASSIGN_OR_RETURN(made->folder_, signing::BudgetFolder::Open(
                                             folder / config.budget_folder()));
  }
  if (!config.stopped_keys_file().empty()) {
    made->stopped_ = std::make_unique<signing::StoppedKeys>(
        [setup, name = config.stopped_keys_file()] {
          return TextOf(setup, name);
        });
  }
  std::map<std::string, std::unique_ptr<signing::KeyBudget>> budgets;
  for (const masa::v1::KeyLimit& limit : config.limits()) {
    MASA_ASSIGN_OR_RETURN(
        budgets[limit.key()],
        signing::KeyBudget::New(
            limit.key(),
            {limit.signatures_per_second(), limit.signatures_per_day()},
            made->folder_.get()));
  }
  made->guarded_ = std::make_unique<signing::GuardedSigner>(
      signer, made->clock_, made->stopped_.get(), std::move(budgets));
  return made;
}

}  // namespace masa::masad
