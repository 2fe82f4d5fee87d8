// The guard beside this process's keys, from the configuration.
#ifndef SERVICES_MASAD_GUARD_PART_H_
#define SERVICES_MASAD_GUARD_PART_H_

#include <memory>

#include "services/masad/files.h"
#include "services/masad/signer_part.h"
#include "services/observe/clock.h"
#include "services/signing/guard/guarded_key_maker.h"
#include "services/signing/guard/guarded_signer.h"

namespace masa::masad {

class GuardPart {
 public:
  // `keys` outlive this. kMisconfigured when what was signed today cannot be
  // read, or another process has the folder.
  static absl::StatusOr<std::unique_ptr<GuardPart>> New(const Setup& setup,
                                                        const Keys& keys);

  signing::Signer& signer() { return *guarded_; }
  signing::KeyMaker& maker() { return *guarded_maker_; }

 private:
  GuardPart() = default;

  const SystemClock clock_;
  std::unique_ptr<signing::BudgetFolder> folder_;
  std::unique_ptr<signing::StoppedKeys> stopped_;
  std::unique_ptr<signing::GuardedSigner> guarded_;
  std::unique_ptr<signing::GuardedKeyMaker> guarded_maker_;
};

}  // namespace masa::masad

#endif  // SERVICES_MASAD_GUARD_PART_H_
