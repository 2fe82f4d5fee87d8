// The guard beside this process's keys, from the configuration.
#ifndef SERVICES_MASAD_GUARD_PART_H_
#define SERVICES_MASAD_GUARD_PART_H_

#include <memory>

#include "services/masad/files.h"
#include "services/observe/clock.h"
#include "services/signing/guard/guarded_signer.h"

namespace masa::masad {

class GuardPart {
 public:
  // `signer` outlives this. kMisconfigured when what was signed today cannot be
  // read, or another process has the folder.
  static absl::StatusOr<std::unique_ptr<GuardPart>> New(
      const Setup& setup, signing::Signer& signer);

  signing::Signer& signer() { return *guarded_; }

 private:
  GuardPart() = default;

  const SystemClock clock_;
  std::unique_ptr<signing::BudgetFolder> folder_;
  std::unique_ptr<signing::StoppedKeys> stopped_;
  std::unique_ptr<signing::GuardedSigner> guarded_;
};

}  // namespace masa::masad

#endif  // SERVICES_MASAD_GUARD_PART_H_
