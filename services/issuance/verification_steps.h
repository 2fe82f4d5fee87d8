// How a verification of the log goes on: what each step makes of its record as
// it is stored. A step of somebody whose lease is over changes nothing
// (kStoreConflict): somebody else goes on. Pure.
#ifndef SERVICES_ISSUANCE_VERIFICATION_STEPS_H_
#define SERVICES_ISSUANCE_VERIFICATION_STEPS_H_

#include <cstdint>
#include <string>

#include "absl/time/time.h"
#include "services/issuance/examine_log.h"
#include "services/transparency/log_verifier.h"
#include "storage/verification_store.h"

namespace masa::issuance {

// How long nobody else may run one after each step of who does; and how long
// it rests when that one could not go on.
inline constexpr absl::Duration kVerificationLease = absl::Seconds(10);

// Who steps, and when.
struct VerificationStep {
  std::string holder;  // 16 octets
  absl::Time now;
};

// What a step found.
struct VerificationFinding {
  LogFaults faults;
  absl::Duration took;
};

// Takes it, to run it until the lease ends. kStoreConflict while somebody else
// does.
storage::VerificationPlan TakeVerification(const VerificationStep& step);

// Adds what was found behind `done` entries up to where `verifier` is, and
// keeps the lease; its end, with an event, when all was looked at, or it shall
// be cancelled.
storage::VerificationPlan AdvanceVerification(
    const VerificationStep& step, uint64_t done,
    const transparency::LogVerifier& verifier,
    const VerificationFinding& finding);

// Gives the lease back.
storage::VerificationPlan ReleaseVerification(const VerificationStep& step);

// Asks it to end, with an event. kJobEnded.
storage::VerificationPlan CancelVerification(absl::Time now);

}  // namespace masa::issuance

#endif  // SERVICES_ISSUANCE_VERIFICATION_STEPS_H_
