// A running masad: the parts of its roles, made in the order of their arrows
// and drained the other way round.
#ifndef SERVICES_MASAD_PROCESS_H_
#define SERVICES_MASAD_PROCESS_H_

#include <atomic>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/config/check_config.h"
#include "services/executor/executor.h"
#include "services/masad/signer_part.h"
#include "services/observe/clock.h"
#include "services/telemetry/metrics.h"

// Each part is known where the process is built: what it needs is much.
namespace masa::admin {
class AdminServer;
}
namespace masa::edge {
class HttpsEdge;
class StatusServer;
}  // namespace masa::edge
namespace masa::issuance {
class CountRefusals;
class ServeEscrow;
}  // namespace masa::issuance
namespace masa::signing {
class SynchronisedSigner;
}
namespace masa::telemetry {
class HsmEvents;
class LoggedSigner;
class MeteredSigner;
class ObservedEdge;
class VoucherJobMetrics;
}  // namespace masa::telemetry

namespace masa::masad {

class AdminPart;
class ApiListener;
class AuditPart;
class CallMetrics;
class EnrollmentPart;
class EvidencePart;
class GuardPart;
class InternalListener;
class KeyLoop;
class OwnershipLoop;
class PledgePart;
class ReadPart;
class RemoteDesk;
class ResourceMetrics;
class RunningConfig;
class SelfTest;
class StorePart;
class UseCases;
class VoucherJobLoop;
class WatchLoop;

class Process {
 public:
  // Everything that the roles need, serving. An unreachable database or signer
  // is no fault here: the process is up and not ready, since waiting helps.
  static absl::StatusOr<std::unique_ptr<Process>> New(
      const Setup& setup, const config::Roles& roles);
  ~Process();

  // Can it do its work now? What /readyz says: when it can, a line for each
  // key that cannot sign while others do.
  absl::StatusOr<std::string> Ready();

  // Where it listens, for the log: a port of 0 in the configuration becomes
  // known here. 0 for what this process does not serve.
  struct Ports {
    int https = 0;
    int api = 0;
    int internal = 0;
    int signer = 0;
    int admin = 0;
    int status = 0;
    int admin_rpc = 0;
  };
  Ports ports() const;

  // By which it runs, to take what its file says by then: the edge's
  // certificates, and the log's level.
  RunningConfig& config() { return *config_; }

  // As an operator asks: not ready, and NOT_SERVING, while `set_aside`. Who
  // comes nevertheless is served.
  void SetAside(bool set_aside);

  prometheus::Registry& registry() { return metrics_.registry(); }

  // Not ready from here on; takes nothing new, finishes within `grace`.
  void Drain(absl::Duration grace);

 private:
  Process();
  absl::Status Build(const Setup& setup, const config::Roles& roles);
  absl::StatusOr<std::string> CheckReady();
  std::string MetricsText();
  // kMisconfigured, and nothing is taken, where a certificate is of no use.
  absl::Status Take(const Setup& renewed);
  absl::Status BuildAdmin(const Setup& setup, const config::Roles& roles);
  void AnnounceEnd(absl::Duration left);
  absl::Status BuildKeys(const Setup& setup);
  absl::Status BuildSigner(const Setup& setup, const config::Roles& roles);
  absl::Status BuildAuthority(const Setup& setup, const config::Roles& roles);
  void BuildOtherUseCases(const Setup& setup);
  absl::Status BuildFaces(const Setup& setup, const config::Roles& roles);
  absl::Status BuildEdgeFaces(const Setup& setup, const config::Roles& roles);

  std::atomic<bool> draining_{false};
  std::atomic<bool> set_aside_{false};
  config::Roles roles_;
  std::string folder_;  // of the configuration
  std::unique_ptr<RunningConfig> config_;
  telemetry::Metrics metrics_;
  std::unique_ptr<CallMetrics> calls_;
  std::unique_ptr<ResourceMetrics> resources_;
  const KernelClock kernel_clock_;
  bool clock_required_ = false;
  std::unique_ptr<telemetry::ObservedEdge> edge_events_;
  std::unique_ptr<Executor> executor_;
  std::unique_ptr<telemetry::HsmEvents> hsm_events_;
  std::string hsm_key_;  // any; none without an HSM
  Keys keys_;
  std::unique_ptr<GuardPart> guard_;
  signing::KeyMaker* maker_ = nullptr;  // behind the guard, if any
  std::unique_ptr<signing::SynchronisedSigner> synchronised_;
  std::unique_ptr<telemetry::MeteredSigner> signer_;
  std::unique_ptr<telemetry::LoggedSigner> logged_signer_;
  std::unique_ptr<StorePart> stores_;
  std::unique_ptr<UseCases> use_cases_;
  const SystemClock clock_;
  std::unique_ptr<issuance::CountRefusals> registrars_;
  std::unique_ptr<AuditPart> audit_;
  std::unique_ptr<EnrollmentPart> enrollment_;
  std::unique_ptr<PledgePart> pledges_;
  std::unique_ptr<issuance::ServeEscrow> escrow_;
  std::unique_ptr<ReadPart> reads_;
  std::unique_ptr<OwnershipLoop> ownership_loop_;
  std::unique_ptr<WatchLoop> watch_loop_;
  std::unique_ptr<KeyLoop> key_loop_;
  std::unique_ptr<telemetry::VoucherJobMetrics> job_metrics_;
  std::unique_ptr<VoucherJobLoop> job_loop_;
  std::unique_ptr<RemoteDesk> remote_desk_;
  std::unique_ptr<EvidencePart> evidence_;
  std::unique_ptr<SignerListener> signer_listener_;
  std::unique_ptr<InternalListener> internal_;
  std::unique_ptr<ApiListener> api_;
  std::unique_ptr<edge::HttpsEdge> edge_;
  std::unique_ptr<edge::StatusServer> status_;
  std::unique_ptr<admin::AdminServer> admin_;
  std::unique_ptr<SelfTest> self_test_;
  std::unique_ptr<AdminPart> admin_rpc_;
};

}  // namespace masa::masad

#endif  // SERVICES_MASAD_PROCESS_H_
