#include "services/masad/guard_part.h"

#include <filesystem>
#include <map>
#include <utility>

#include "absl/time/clock.h"
#include "services/status/macros.h"
#include "services/status/reason.h"
#include "services/telemetry/log.h"

namespace masa::masad {
namespace {

// A name that is mistyped stops nothing, and whoever wrote it believes it does.
void WarnOfNoKey(signing::Signer& signer, const std::string& name) {
  constexpr absl::Duration kLongest = absl::Seconds(1);
  RequestContext context;
  context.deadline = absl::Now() + kLongest;
  const absl::Status known = signer.Describe(context, name).status();
  if (!known.ok() && ReasonOf(known) == Reason::kKeyUnknown) {
    telemetry::Log(telemetry::Level::kWarn,
                   "the list of stopped keys names no key", {{"key", name}});
  }
}

}  // namespace

absl::StatusOr<std::unique_ptr<GuardPart>> GuardPart::New(const Setup& setup,
                                                          const Keys& keys) {
  signing::Signer& signer = *keys.signer;
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
        },
        [&signer](const std::string& name) { WarnOfNoKey(signer, name); });
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
  made->guarded_maker_ = std::make_unique<signing::GuardedKeyMaker>(
      *keys.maker, made->clock_, made->stopped_.get());
  return made;
}

}  // namespace masa::masad
