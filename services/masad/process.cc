#include "services/masad/process.h"

#include "absl/time/clock.h"
#include "services/status/macros.h"
#include "services/status/reason.h"

namespace masa::masad {
namespace {

constexpr int kDefaultThreads = 32;
constexpr size_t kQueueLimit = 1024;

}  // namespace

absl::StatusOr<std::unique_ptr<Process>> Process::New(
    const Setup& setup, const config::Roles& roles) {
  std::unique_ptr<Process> made(new Process());
  const int configured =
      static_cast<int>(setup.config.authority().executor_threads());
  made->executor_ = std::make_unique<Executor>(Executor::Options{
      "calls", configured == 0 ? kDefaultThreads : configured, kQueueLimit});
  MASA_RETURN_IF_ERROR(made->BuildSigner(setup, roles));
  MASA_RETURN_IF_ERROR(made->BuildAuthority(setup, roles));
  MASA_RETURN_IF_ERROR(made->BuildFaces(setup, roles));
  Process* process = made.get();
  MASA_ASSIGN_OR_RETURN(made->admin_,
                        admin::AdminServer::New(
                            admin::AdminOptions{setup.config.admin().listen()},
                            [process] { return process->metrics_.Text(); },
                            [process] { return process->Ready(); }));
  return made;
}

absl::Status Process::BuildKeys(const Setup& setup) {
  if (!setup.config.signer().has_pkcs11()) {
    MASA_ASSIGN_OR_RETURN(keys_, BuildLocalKeys(setup));
    return absl::OkStatus();
  }
  hsm_events_ = std::make_unique<telemetry::HsmEvents>(metrics_.registry(),
                                                       TokenLabels(setup));
  MASA_ASSIGN_OR_RETURN(keys_, BuildPkcs11Keys(setup, *hsm_events_));
  hsm_key_ = setup.config.signer().pkcs11().keys(0).name();
  return absl::OkStatus();
}

absl::Status Process::BuildSigner(const Setup& setup,
                                  const config::Roles& roles) {
  if (roles.signer) {
    MASA_RETURN_IF_ERROR(BuildKeys(setup));
  } else if (roles.authority) {
    MASA_ASSIGN_OR_RETURN(keys_, BuildRemoteKeys(setup));
  } else {
    return absl::OkStatus();
  }
  signing::Signer* signer = keys_.signer.get();
  if (roles.signer) {
    MASA_ASSIGN_OR_RETURN(guard_, GuardPart::New(setup, *signer));
    signer = &guard_->signer();
  }
  clock_required_ = setup.config.synchronised_clock_required();
  if (clock_required_) {
    synchronised_ =
        std::make_unique<signing::SynchronisedSigner>(*signer, kernel_clock_);
    signer = synchronised_.get();
  }
  signer_ = std::make_unique<telemetry::MeteredSigner>(*signer, metrics_);
  return absl::OkStatus();
}

absl::Status Process::BuildAuthority(const Setup& setup,
                                     const config::Roles& roles) {
  if (!roles.authority) {
    return absl::OkStatus();
  }
  MASA_ASSIGN_OR_RETURN(stores_, StorePart::New(setup, metrics_));
  use_cases_ = std::make_unique<UseCases>(
      stores_->gathered(), stores_->direct(), *signer_, *keys_.maker, metrics_,
      setup.config.authority().ownership_watch());
  registrars_ = std::make_unique<issuance::CountRefusals>(
      use_cases_->registrars(), clock_);
  MASA_ASSIGN_OR_RETURN(
      audit_, AuditPart::New(
                  setup, {stores_->audit_log(), stores_->audit_sequence(),
                          stores_->verifications(), stores_->direct().catalog,
                          stores_->direct().groups, use_cases_->operators(),
                          *signer_, *registrars_, metrics_.registry()}));
  const masa::v1::AuditLog& log = setup.config.authority().audit();
  escrow_ = std::make_unique<issuance::ServeEscrow>(
      use_cases_->tools(),
      issuance::ServeEscrow::Needs{use_cases_->jobs(), use_cases_->vouchers(),
                                   stores_->audit_sequence()},
      issuance::ServeEscrow::LogTerms{log.signing_key(), log.origin()});
  reads_ = std::make_unique<ReadPart>(stores_->audit_sequence(), clock_,
                                      use_cases_->operators(),
                                      use_cases_->vouchers(), audit_->desk());
  ownership_loop_ = std::make_unique<OwnershipLoop>(
      use_cases_->histories(), use_cases_->transfers(), metrics_);
  watch_loop_ = std::make_unique<WatchLoop>(use_cases_->watches());
  key_loop_ = std::make_unique<KeyLoop>(*use_cases_, metrics_);
  job_metrics_ =
      std::make_unique<telemetry::VoucherJobMetrics>(metrics_.registry());
  job_loop_ =
      std::make_unique<VoucherJobLoop>(use_cases_->job_runner(), *job_metrics_);
  return absl::OkStatus();
}

absl::Status Process::BuildFaces(const Setup& setup,
                                 const config::Roles& roles) {
  const masa::v1::Config& config = setup.config;
  if (roles.signer && !roles.authority) {
    logged_signer_ = std::make_unique<telemetry::LoggedSigner>(*signer_);
    MASA_ASSIGN_OR_RETURN(
        signer_listener_,
        SignerListener::New(setup, *logged_signer_, *keys_.maker, *executor_));
  }
  if (roles.authority && config.authority().has_internal()) {
    MASA_ASSIGN_OR_RETURN(
        internal_, InternalListener::New(setup, *registrars_, *executor_));
  }
  if (roles.authority && config.authority().has_api()) {
    MASA_ASSIGN_OR_RETURN(
        api_, ApiListener::New(
                  setup,
                  {reads_->operators(), use_cases_->policies(),
                   use_cases_->claims(), use_cases_->groups(),
                   use_cases_->registry(), use_cases_->transfers(),
                   use_cases_->watches(), use_cases_->resolves(),
                   use_cases_->keys(), reads_->vouchers(), use_cases_->jobs(),
                   *escrow_, reads_->audit(), audit_->verifications()},
                  *executor_));
  }
  if (!roles.edge) {
    return absl::OkStatus();
  }
  if (!roles.authority) {
    MASA_ASSIGN_OR_RETURN(remote_desk_, RemoteDesk::New(setup));
  }
  edge_events_ = std::make_unique<telemetry::ObservedEdge>(metrics_.registry());
  issuance::RegistrarDesk& desk =
      roles.authority ? *registrars_ : remote_desk_->desk();
  MASA_ASSIGN_OR_RETURN(evidence_, EvidencePart::New(setup, desk, *executor_));
  MASA_ASSIGN_OR_RETURN(
      edge_, BuildEdge(setup, EdgeThreads(roles.authority), evidence_->desk(),
                       *executor_, *edge_events_));
  return absl::OkStatus();
}

Process::Ports Process::ports() const {
  Ports ports;
  ports.https = edge_ == nullptr ? 0 : edge_->port();
  ports.api = api_ == nullptr ? 0 : api_->port();
  ports.internal = internal_ == nullptr ? 0 : internal_->port();
  ports.signer = signer_listener_ == nullptr ? 0 : signer_listener_->port();
  ports.admin = admin_->port();
  return ports;
}

absl::Status Process::Ready() {
  if (draining_) {
    return Refuse(Reason::kDraining, "this process is draining");
  }
  const bool synchronised = kernel_clock_.IsSynchronised();
  metrics_.SetClockSynchronised(synchronised);
  if (clock_required_ && !synchronised) {
    return Refuse(Reason::kSignerUnavailable,
                  "the clock is not synchronised, and the configuration asks "
                  "for it");
  }
  if (!hsm_key_.empty()) {
    // Of one key, since it is the tokens that come and go.
    const absl::Status hsm = keys_.signer->Describe({}, hsm_key_).status();
    if (!hsm.ok() && ReasonOf(hsm) != Reason::kKeyUnknown) {
      return hsm;  // one that has its versions alone is unknown by its name
    }
  }
  if (stores_ != nullptr) {
    MASA_RETURN_IF_ERROR(stores_->Ready());
    MASA_RETURN_IF_ERROR(use_cases_->Ready());
    MASA_RETURN_IF_ERROR(audit_->Ready());
  }
  return remote_desk_ == nullptr ? absl::OkStatus() : remote_desk_->Ready();
}

void Process::Drain(absl::Duration grace) {
  draining_ = true;
  const absl::Time end = absl::Now() + grace;
  const auto left = [end] {
    return std::max(end - absl::Now(), absl::ZeroDuration());
  };
  if (use_cases_ != nullptr) {
    job_loop_.reset();              // another process goes on with its job
    use_cases_->watches().Drain();  // first: they end while the others do
  }
  if (edge_ != nullptr) {
    edge_->Drain(left());
  }
  if (api_ != nullptr) {
    api_->Drain(left());
  }
  if (internal_ != nullptr) {
    internal_->Drain(left());
  }
  if (signer_listener_ != nullptr) {
    signer_listener_->Drain(left());
  }
}

}  // namespace masa::masad
