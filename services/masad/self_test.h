// Tries what a process needs to do its work, when an operator asks.
#ifndef SERVICES_MASAD_SELF_TEST_H_
#define SERVICES_MASAD_SELF_TEST_H_

#include <functional>
#include <string>
#include <vector>

#include "services/admin/admin_desk.h"
#include "services/observe/clock_health.h"
#include "services/verification/boring_verifier.h"

namespace masa::signing {
class Signer;
}

namespace masa::masad {

class AuditPart;
class RemoteDesk;
class RunningConfig;
class StorePart;
class UseCases;

// Thread-safe; blocks.
class SelfTest {
 public:
  // What a process has; null: its roles have none. All outlive this.
  struct Parts {
    const ClockHealth& clock;
    RunningConfig& config;
    signing::Signer* local_signer = nullptr;  // of keys that are here
    StorePart* stores = nullptr;
    UseCases* use_cases = nullptr;
    AuditPart* audit = nullptr;
    RemoteDesk* authority = nullptr;
  };

  explicit SelfTest(const Parts& parts) : parts_(parts) {}

  // Each check that applies, in order; one that fails stops no other.
  std::vector<admin::SelfCheck> Run(const RequestContext& context);

 private:
  using Check = std::function<absl::Status()>;

  // Keys that products name, with those of them tried that are for tests.
  void CheckKeysOfProducts(const RequestContext& context,
                           std::vector<admin::SelfCheck>* checks);
  // Keys that the configuration names.
  void CheckKeysHere(const RequestContext& context,
                     std::vector<admin::SelfCheck>* checks);

  const Parts parts_;
  const verification::BoringVerifier verifier_;
};

}  // namespace masa::masad

#endif  // SERVICES_MASAD_SELF_TEST_H_
