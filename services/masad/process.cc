#include "services/masad/process.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/types/span.h"
#include "services/admin/admin_server.h"
#include "services/issuance/readiness.h"
#include "services/issuance/serve_escrow.h"
#include "services/masad/admin_part.h"
#include "services/masad/api_listener.h"
#include "services/masad/audit_part.h"
#include "services/masad/call_metrics.h"
#include "services/masad/certificates_last.h"
#include "services/masad/edge_part.h"
#include "services/masad/enrollment_part.h"
#include "services/masad/guard_part.h"
#include "services/masad/internal_listener.h"
#include "services/masad/key_loop.h"
#include "services/masad/ownership_loop.h"
#include "services/masad/pkcs11_part.h"
#include "services/masad/pledge_part.h"
#include "services/masad/read_part.h"
#include "services/masad/resource_metrics.h"
#include "services/masad/running_config.h"
#include "services/masad/self_test.h"
#include "services/masad/store_part.h"
#include "services/masad/use_cases.h"
#include "services/masad/voucher_job_loop.h"
#include "services/masad/watch_loop.h"
#include "services/signing/synchronised_signer.h"
#include "services/status/macros.h"
#include "services/status/reason.h"
#include "services/telemetry/log.h"
#include "services/telemetry/metered_signer.h"
#include "services/telemetry/observed_edge.h"

namespace masa::masad {
namespace {

constexpr int kDefaultThreads = 32;
constexpr size_t kQueueLimit = 1024;

// A line for each key that cannot sign.
std::string FaultsOf(absl::Span<const issuance::KeyHealth> keys) {
  std::string lines;
  for (const issuance::KeyHealth& key : keys) {
    if (!key.status.ok()) {
      absl::StrAppend(&lines, "tenant ", key.tenant_id, ": ",
                      PublicMessage(key.status), "\n");
    }
  }
  return lines;
}

}  // namespace

Process::Process() = default;

Process::~Process() { Drain(absl::ZeroDuration()); }

absl::StatusOr<std::unique_ptr<Process>> Process::New(
    const Setup& setup, const config::Roles& roles) {
  std::unique_ptr<Process> made(new Process());
  made->calls_ =
      std::make_unique<CallMetrics>(made->metrics_.registry(), roles);
  made->resources_ =
      std::make_unique<ResourceMetrics>(made->metrics_.registry());
  Setup observed = setup;
  observed.served = &made->calls_->served();
  observed.called = &made->calls_->called();
  observed.api = made->calls_->api();
  made->roles_ = roles;
  made->folder_ = setup.folder;
  Process* process = made.get();
  made->config_ = std::make_unique<RunningConfig>(
      setup, roles,
      [process](const Setup& renewed) { return process->Take(renewed); });
  MASA_RETURN_IF_ERROR(made->Build(observed, roles));
  MASA_ASSIGN_OR_RETURN(made->admin_,
                        admin::AdminServer::New(
                            admin::AdminOptions{setup.config.admin().listen()},
                            [process] { return process->MetricsText(); },
                            [process] { return process->Ready(); }));
  MASA_RETURN_IF_ERROR(made->BuildAdmin(observed, roles));
  return made;
}

std::string Process::MetricsText() {
  resources_->Update(ChainsOf({config_->Current(), folder_}, roles_));
  if (use_cases_ != nullptr) {
    use_cases_->UpdateCacheMetrics();
  }
  if (keys_.measure != nullptr) {
    keys_.measure();
  }
  return metrics_.Text();
}

absl::Status Process::BuildAdmin(const Setup& setup,
                                 const config::Roles& roles) {
  if (!setup.config.admin().has_rpc()) {
    return absl::OkStatus();
  }
  self_test_ = std::make_unique<SelfTest>(SelfTest::Parts{
      kernel_clock_, *config_, roles.signer ? signer_.get() : nullptr,
      stores_.get(), use_cases_.get(), audit_.get(), remote_desk_.get()});
  MASA_ASSIGN_OR_RETURN(
      admin_rpc_,
      AdminPart::New(setup, roles, *config_,
                     stores_ == nullptr ? nullptr : &stores_->audit_sequence(),
                     {[this](bool drained) { SetAside(drained); },
                      [this](const RequestContext& ours) {
                        return self_test_->Run(ours);
                      }}));
  return absl::OkStatus();
}

absl::Status Process::Build(const Setup& setup, const config::Roles& roles) {
  const int configured =
      static_cast<int>(setup.config.authority().executor_threads());
  executor_ = std::make_unique<Executor>(Executor::Options{
      "calls", configured == 0 ? kDefaultThreads : configured, kQueueLimit});
  MASA_RETURN_IF_ERROR(BuildSigner(setup, roles));
  MASA_RETURN_IF_ERROR(BuildAuthority(setup, roles));
  return BuildFaces(setup, roles);
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
  maker_ = keys_.maker.get();
  if (roles.signer) {
    MASA_ASSIGN_OR_RETURN(guard_, GuardPart::New(setup, keys_));
    signer = &guard_->signer();
    maker_ = &guard_->maker();
  }
  clock_required_ = setup.config.synchronised_clock_required();
  if (clock_required_) {
    synchronised_ =
        std::make_unique<signing::SynchronisedSigner>(*signer, kernel_clock_);
    signer = synchronised_.get();
  }
  signer_ = std::make_unique<telemetry::MeteredSigner>(
      *signer, metrics_.registry(), keys_.backend);
  return absl::OkStatus();
}

absl::Status Process::BuildAuthority(const Setup& setup,
                                     const config::Roles& roles) {
  if (!roles.authority) {
    return absl::OkStatus();
  }
  MASA_ASSIGN_OR_RETURN(stores_, StorePart::New(setup, metrics_));
  use_cases_ = std::make_unique<UseCases>(
      stores_->gathered(), stores_->direct(), *signer_, *maker_, metrics_,
      setup.config.authority().ownership_watch());
  registrars_ = std::make_unique<issuance::CountRefusals>(
      use_cases_->registrars(), clock_);
  MASA_ASSIGN_OR_RETURN(
      audit_, AuditPart::New(
                  setup, {stores_->audit_log(), stores_->audit_sequence(),
                          stores_->verifications(), stores_->job_runs(),
                          stores_->direct().catalog, stores_->direct().groups,
                          stores_->direct().owned, use_cases_->operators(),
                          *signer_, *registrars_, metrics_.registry()}));
  BuildOtherUseCases(setup);
  ownership_loop_ = std::make_unique<OwnershipLoop>(
      use_cases_->histories(), use_cases_->transfers(), metrics_);
  watch_loop_ =
      std::make_unique<WatchLoop>(use_cases_->watches(), metrics_.registry());
  key_loop_ = std::make_unique<KeyLoop>(*use_cases_, metrics_);
  job_metrics_ =
      std::make_unique<telemetry::VoucherJobMetrics>(metrics_.registry());
  job_loop_ =
      std::make_unique<VoucherJobLoop>(use_cases_->job_runner(), *job_metrics_);
  return absl::OkStatus();
}

// Those that need more than the stores that all share.
void Process::BuildOtherUseCases(const Setup& setup) {
  const masa::v1::AuditLog& log = setup.config.authority().audit();
  escrow_ = std::make_unique<issuance::ServeEscrow>(
      use_cases_->tools(),
      issuance::ServeEscrow::Needs{use_cases_->jobs(), use_cases_->vouchers(),
                                   stores_->audit_sequence(),
                                   stores_->job_runs()},
      issuance::ServeEscrow::LogTerms{log.signing_key(), log.origin()});
  reads_ = std::make_unique<ReadPart>(stores_->audit_sequence(), clock_,
                                      use_cases_->operators(),
                                      use_cases_->vouchers(), audit_->desk());
  enrollment_ = std::make_unique<EnrollmentPart>(
      EnrollmentPart::Needs{stores_->direct().catalog, stores_->direct().keys,
                            stores_->certificates(), stores_->statuses(),
                            *signer_, metrics_.registry()});
  pledges_ = std::make_unique<PledgePart>(stores_->direct(), stores_->reports(),
                                          *signer_, metrics_.registry());
}

absl::Status Process::BuildFaces(const Setup& setup,
                                 const config::Roles& roles) {
  const masa::v1::Config& config = setup.config;
  if (roles.signer && !roles.authority) {
    logged_signer_ = std::make_unique<telemetry::LoggedSigner>(*signer_);
    MASA_ASSIGN_OR_RETURN(
        signer_listener_,
        SignerListener::New(setup, *logged_signer_, *maker_, *executor_));
  }
  if (roles.authority && config.authority().has_internal()) {
    MASA_ASSIGN_OR_RETURN(
        internal_,
        InternalListener::New(setup,
                              {*registrars_, &enrollment_->enrollment(),
                               &enrollment_->status(), &pledges_->pledges()},
                              *executor_));
  }
  if (roles.authority && config.authority().has_api()) {
    MASA_ASSIGN_OR_RETURN(
        api_,
        ApiListener::New(
            setup,
            {reads_->operators(), use_cases_->policies(), use_cases_->claims(),
             use_cases_->groups(), use_cases_->registry(),
             use_cases_->transfers(), use_cases_->watches(),
             use_cases_->resolves(), use_cases_->keys(), reads_->vouchers(),
             use_cases_->jobs(), *escrow_, reads_->notes(), reads_->audit(),
             audit_->verifications(), &enrollment_->certificates(),
             &pledges_->reports()},
            *executor_));
  }
  return roles.edge ? BuildEdgeFaces(setup, roles) : absl::OkStatus();
}

absl::Status Process::BuildEdgeFaces(const Setup& setup,
                                     const config::Roles& roles) {
  if (!roles.authority) {
    MASA_ASSIGN_OR_RETURN(remote_desk_, RemoteDesk::New(setup));
  }
  const int loops = EdgeLoops(setup.config.edge(), roles.authority);
  edge_events_ =
      std::make_unique<telemetry::ObservedEdge>(metrics_.registry(), loops);
  issuance::RegistrarDesk& desk =
      roles.authority ? *registrars_ : remote_desk_->desk();
  MASA_ASSIGN_OR_RETURN(evidence_, EvidencePart::New(setup, desk, *executor_));
  MASA_ASSIGN_OR_RETURN(
      edge_,
      BuildEdge(
          setup, loops, evidence_->desk(), *executor_, *edge_events_,
          roles.authority ? &enrollment_->enrollment()
                          : &remote_desk_->enrollment(),
          roles.authority ? &pledges_->pledges() : &remote_desk_->pledges()));
  MASA_ASSIGN_OR_RETURN(
      status_, BuildStatusServer(setup,
                                 roles.authority ? enrollment_->status()
                                                 : remote_desk_->status(),
                                 *executor_, clock_));
  return absl::OkStatus();
}

Process::Ports Process::ports() const {
  Ports ports;
  ports.https = edge_ == nullptr ? 0 : edge_->port();
  ports.api = api_ == nullptr ? 0 : api_->port();
  ports.internal = internal_ == nullptr ? 0 : internal_->port();
  ports.signer = signer_listener_ == nullptr ? 0 : signer_listener_->port();
  ports.admin = admin_->port();
  ports.status = status_ == nullptr ? 0 : status_->port();
  ports.admin_rpc = admin_rpc_ == nullptr ? 0 : admin_rpc_->port();
  return ports;
}

absl::StatusOr<std::string> Process::Ready() {
  absl::StatusOr<std::string> ready = CheckReady();
  metrics_.SetReady(ready.status());
  return ready;
}

absl::StatusOr<std::string> Process::CheckReady() {
  if (draining_) {
    return Refuse(Reason::kDraining, "this process is draining");
  }
  if (set_aside_) {
    return Refuse(Reason::kDraining,
                  "an operator drained this process; `masactl admin undrain` "
                  "takes that back");
  }
  MASA_RETURN_IF_ERROR(CheckCertificatesLast(
      ChainsOf({config_->Current(), folder_}, roles_), clock_.Now()));
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
  std::string besides;
  if (stores_ != nullptr) {
    MASA_RETURN_IF_ERROR(stores_->Ready());
    MASA_ASSIGN_OR_RETURN(const auto keys, use_cases_->KeyHealths());
    MASA_RETURN_IF_ERROR(issuance::CheckAnySigns(keys));
    MASA_RETURN_IF_ERROR(audit_->Ready());
    besides = FaultsOf(keys);
  }
  if (remote_desk_ != nullptr) {
    MASA_RETURN_IF_ERROR(remote_desk_->Ready());
  }
  return besides;
}

absl::Status Process::Take(const Setup& renewed) {
  if (edge_ != nullptr) {
    MASA_ASSIGN_OR_RETURN(const auto identities, EdgeIdentities(renewed));
    MASA_RETURN_IF_ERROR(edge_->UseIdentities(identities));
  }
  telemetry::SetLogLevel(telemetry::LevelNamed(renewed.config.log().level()));
  return absl::OkStatus();
}

void Process::SetAside(bool set_aside) {
  set_aside_ = set_aside;
  const auto announce = [&](const auto& listener) {
    if (listener != nullptr) {
      listener->Announce(!set_aside && !draining_);
    }
  };
  announce(api_);
  announce(internal_);
  announce(signer_listener_);
}

void Process::AnnounceEnd(absl::Duration left) {
  // Long enough for clients to hear of it, and to send what they were about to.
  constexpr absl::Duration kLameDuck = absl::Seconds(1);
  const auto announce = [](const auto& listener) {
    if (listener != nullptr) {
      listener->Announce(false);
    }
    return listener != nullptr;
  };
  bool any = announce(api_);
  any = announce(internal_) || any;
  any = announce(signer_listener_) || any;
  if (any) {
    absl::SleepFor(std::min(kLameDuck, left / 4));
  }
}

void Process::Drain(absl::Duration grace) {
  draining_ = true;
  const absl::Time end = absl::Now() + grace;
  const auto left = [end] {
    return std::max(end - absl::Now(), absl::ZeroDuration());
  };
  AnnounceEnd(left());
  if (job_loop_ != nullptr) {
    job_loop_->Stop();  // another process goes on with its job
  }
  if (use_cases_ != nullptr) {
    use_cases_->watches().Drain();  // first: they end while the others do
  }
  const auto drain = [&left](const auto& listener) {
    if (listener != nullptr) {
      (void)listener->Drain(left());
    }
  };
  drain(edge_);
  drain(api_);
  drain(internal_);
  drain(signer_listener_);
  job_loop_.reset();  // its last batch had the same time as the others' calls
}

}  // namespace masa::masad
