// The outward part of a process: the HTTPS face, and the desk it calls when
// the authority runs apart.
#ifndef SERVICES_MASAD_EDGE_PART_H_
#define SERVICES_MASAD_EDGE_PART_H_

#include <memory>

#include "services/edge/https_edge.h"
#include "services/edge/remote/remote_enrollment_desk.h"
#include "services/edge/remote/remote_pledge_desk.h"
#include "services/edge/remote/remote_registrar_desk.h"
#include "services/edge/remote/remote_status_desk.h"
#include "services/edge/revocation/evidence_fetching_desk.h"
#include "services/edge/status/status_server.h"
#include "services/fetch/caching_fetcher.h"
#include "services/fetch/http_fetcher.h"
#include "services/issuance/gathering_desk.h"
#include "services/masad/files.h"
#include "services/masad/gathering_options.h"
#include "services/verification/boring_verifier.h"

namespace masa::masad {

// Loops for an edge that configures none. Each has a thread and its own
// connections, and fewer loops find more to do per turn; so beside an authority
// the edge leaves half of the processors to the requests' own way.
int EdgeThreads(bool authority_is_here);

// How many loops an edge has: as configured, else EdgeThreads.
int EdgeLoops(const masa::v1::EdgeConfig& config, bool authority_is_here);

// The certificates that the edge shows, read from their files.
absl::StatusOr<std::vector<edge::TlsIdentity>> EdgeIdentities(
    const Setup& setup);

// An edge as `edge` configures it, with `loops` of EdgeLoops; `desk`,
// `executor`, `events`, `enrollment` (null: no EST here) and `pledges` (null:
// no cloud registrar here) outlive it.
absl::StatusOr<std::unique_ptr<edge::HttpsEdge>> BuildEdge(
    const Setup& setup, int loops, issuance::RegistrarDesk& desk,
    Executor& executor, EdgeEvents& events,
    issuance::EnrollmentDesk* enrollment = nullptr,
    issuance::PledgeDesk* pledges = nullptr);

// The plain HTTP port of CRLs and OCSP, where `edge.status_listen` says; else
// null. All outlive it.
absl::StatusOr<std::unique_ptr<edge::StatusServer>> BuildStatusServer(
    const Setup& setup, issuance::StatusDesk& desk, Executor& executor,
    const Clock& clock);

// What stands before the desk of an edge: gathers what comes at once, and asks
// CRL and OCSP servers. `desk` and `executor` outlive it. kMisconfigured for a
// network that does not parse.
class EvidencePart {
 public:
  static absl::StatusOr<std::unique_ptr<EvidencePart>> New(
      const Setup& setup, issuance::RegistrarDesk& desk, Executor& executor);

  issuance::RegistrarDesk& desk() { return gathering_; }

 private:
  EvidencePart(fetch::AddressGuard guard, issuance::RegistrarDesk& desk,
               bool off, Executor& executor)
      : fetcher_(std::move(guard), clock_),
        fetching_(desk, cache_, verifier_, clock_, executor),
        gathering_(off ? desk : fetching_, GatheringOptions("requests")) {}

  const SystemClock clock_;
  verification::BoringVerifier verifier_;
  fetch::HttpFetcher fetcher_;
  fetch::CachingFetcher cache_{fetcher_, clock_};
  edge::EvidenceFetchingDesk fetching_;
  issuance::GatheringDesk gathering_;
};

// Desks that call `edge.authority`.
class RemoteDesk {
 public:
  static absl::StatusOr<std::unique_ptr<RemoteDesk>> New(const Setup& setup);

  issuance::RegistrarDesk& desk() { return desk_; }
  issuance::EnrollmentDesk& enrollment() { return enrollment_; }
  issuance::PledgeDesk& pledges() { return pledges_; }
  issuance::StatusDesk& status() { return status_; }

  // kOverloaded when no authority answers.
  absl::Status Ready();

 private:
  explicit RemoteDesk(std::shared_ptr<grpc::Channel> channel)
      : channel_(std::move(channel)),
        desk_(channel_),
        enrollment_(channel_),
        pledges_(channel_),
        status_(channel_) {}

  const std::shared_ptr<grpc::Channel> channel_;
  edge::RemoteRegistrarDesk desk_;
  edge::RemoteEnrollmentDesk enrollment_;
  edge::RemotePledgeDesk pledges_;
  edge::RemoteStatusDesk status_;
};

}  // namespace masa::masad

#endif  // SERVICES_MASAD_EDGE_PART_H_
