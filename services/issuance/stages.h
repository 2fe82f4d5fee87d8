// The stages of a voucher's way through the use cases, so that somebody may
// measure them.
#ifndef SERVICES_ISSUANCE_STAGES_H_
#define SERVICES_ISSUANCE_STAGES_H_

#include <cstddef>

#include "absl/functional/function_ref.h"

namespace masa::issuance {

enum class Stage {
  kVerify = 0,   // what came is read, and its signatures and chains verified
  kResolve = 1,  // devices, owners, earlier vouchers and domains are looked up
  kDecide = 2,
  kSign = 3,    // vouchers are built, looked at by the lint, and signed
  kCommit = 4,  // they are stored, with their events
};

inline constexpr Stage kStages[] = {Stage::kVerify, Stage::kResolve,
                                    Stage::kDecide, Stage::kSign,
                                    Stage::kCommit};

// Thread-safe.
class Stages {
 public:
  virtual ~Stages() = default;

  // Runs `work`, once, which is this stage of so many requests.
  virtual void Run(Stage stage, size_t requests,
                   absl::FunctionRef<void()> work) {
    (void)stage, (void)requests;
    work();
  }

  static Stages& Unwatched() {
    static Stages stages;
    return stages;
  }
};

}  // namespace masa::issuance

#endif  // SERVICES_ISSUANCE_STAGES_H_
