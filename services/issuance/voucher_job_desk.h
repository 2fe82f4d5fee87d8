// What operators and owners can ask of voucher jobs over gRPC, as use cases:
// the faces only translate. Thread-safe; blocks. Every error carries a reason;
// everything written has one audit event.
#ifndef SERVICES_ISSUANCE_VOUCHER_JOB_DESK_H_
#define SERVICES_ISSUANCE_VOUCHER_JOB_DESK_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "proto/masa/v1/policy.pb.h"
#include "services/identity/principal.h"
#include "services/issuance/once.h"
#include "services/issuance/registry_desk.h"
#include "services/observe/request_context.h"
#include "storage/voucher_job_store.h"

namespace masa::issuance {

struct VoucherJobCall {
  RequestContext context;
  identity::Principal caller;
  Once once = {};
  bool validate_only = false;  // checks and counts, writes nothing
};

struct VoucherJobOrder {
  DeviceListing listing;
  // Exactly one of the three.
  std::string pinned_cert_der;
  std::string cert_id;
  bool est_onboarding = false;
  std::optional<absl::Time> expires_on;  // none: the vouchers never end
  masa::v1::Format format = masa::v1::FORMAT_CMS_JSON;
};

struct VoucherJobView {
  storage::VoucherJob job;
  int64_t archive_octets = 0;  // 0 until it has ended
};

struct VoucherJobPage {
  std::vector<VoucherJobView> jobs;
  std::string last;  // go on before this id; empty: there are no more
};

// Octets of a job's archive, one behind the other.
struct ArchivePiece {
  std::string octets;  // empty at the end
  int64_t archive_octets = 0;
};

class VoucherJobDesk {
 public:
  virtual ~VoucherJobDesk() = default;

  // The job, or with validate_only one without an id, and with its total.
  // kInvalidArgument, kCertMalformed, kCertExpired, kCertNotFound, kLifetime*
  // for an order that no device can get; kOrganizationUnknown, kGroupNotFound
  // for unknown and foreign alike; kPermissionDenied for who sees the devices
  // but gets no vouchers for them.
  virtual absl::StatusOr<VoucherJobView> Start(
      const VoucherJobCall& call, const VoucherJobOrder& order) = 0;

  // kJobUnknown for unknown and foreign jobs alike, here and below. An id has
  // 16 octets.
  virtual absl::StatusOr<VoucherJobView> Get(const RequestContext& context,
                                             const identity::Principal& caller,
                                             const std::string& job_id) = 0;

  // Newest first, before the one with the id `before` (empty: none), at most
  // `limit`; a page may have fewer while there are more.
  virtual absl::StatusOr<VoucherJobPage> List(const RequestContext& context,
                                              const identity::Principal& caller,
                                              const std::string& before,
                                              int limit) = 0;

  // A cancelled one again changes nothing; kJobEnded for one that ended
  // otherwise.
  virtual absl::StatusOr<VoucherJobView> Cancel(const VoucherJobCall& call,
                                                const std::string& job_id) = 0;

  // What is there of the archive from `offset` on, of one batch at most; the
  // same octets each time. kJobNotEnded, kJobResultGone; kInvalidArgument for
  // an offset behind the end.
  virtual absl::StatusOr<ArchivePiece> ReadArchive(
      const RequestContext& context, const identity::Principal& caller,
      const std::string& job_id, int64_t offset) = 0;
};

}  // namespace masa::issuance

#endif  // SERVICES_ISSUANCE_VOUCHER_JOB_DESK_H_
