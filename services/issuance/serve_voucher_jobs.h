// The use cases of voucher_job_desk.h. Operators see all jobs of their tenant;
// customers' accounts those that were started from their organisation for
// groups in which they may get vouchers.
#ifndef SERVICES_ISSUANCE_SERVE_VOUCHER_JOBS_H_
#define SERVICES_ISSUANCE_SERVE_VOUCHER_JOBS_H_

#include "services/issuance/tools.h"
#include "services/issuance/voucher_job_desk.h"

namespace masa::issuance {

class ServeVoucherJobs final : public VoucherJobDesk {
 public:
  // Both outlive this.
  ServeVoucherJobs(const Tools& tools, storage::VoucherJobStore& jobs,
                   RegistryDesk& registry)
      : tools_(tools), jobs_(jobs), registry_(registry) {}

  absl::StatusOr<VoucherJobView> Start(const VoucherJobCall& call,
                                       const VoucherJobOrder& order) override;
  absl::StatusOr<VoucherJobView> Get(const RequestContext& context,
                                     const identity::Principal& caller,
                                     const std::string& job_id) override;
  absl::StatusOr<VoucherJobPage> List(const RequestContext& context,
                                      const identity::Principal& caller,
                                      const std::string& before,
                                      int limit) override;
  absl::StatusOr<VoucherJobView> Cancel(const VoucherJobCall& call,
                                        const std::string& job_id) override;
  absl::StatusOr<ArchivePiece> ReadArchive(const RequestContext& context,
                                           const identity::Principal& caller,
                                           const std::string& job_id,
                                           int64_t offset) override;

 private:
  // kPermissionDenied, kGroupNotFound, kOrganizationUnknown.
  absl::Status CheckMayGet(const RequestContext& context,
                           const identity::Principal& caller,
                           const DeviceListing& listing);
  absl::Status CheckSees(const RequestContext& context,
                         const identity::Principal& caller,
                         const storage::VoucherJob& job);
  absl::StatusOr<storage::VoucherJob> Find(const RequestContext& context,
                                           const identity::Principal& caller,
                                           const std::string& job_id);
  // Page by page; kDeadlineExceeded when there is not the time for all.
  absl::StatusOr<int64_t> CountDevices(const VoucherJobCall& call,
                                       const DeviceListing& listing);
  // What the order says, checked, with the certificate that it names.
  absl::StatusOr<storage::VoucherJobTerms> TermsOf(
      const VoucherJobCall& call, const VoucherJobOrder& order);
  absl::Status PinInto(const VoucherJobCall& call, const VoucherJobOrder& order,
                       storage::VoucherJobTerms& terms);
  absl::StatusOr<std::string> ReadFiles(const RequestContext& context,
                                        const storage::VoucherJob& job,
                                        int64_t offset);
  absl::StatusOr<std::string> ReadManifest(const RequestContext& context,
                                           const storage::VoucherJob& job,
                                           int64_t offset);

  const Tools tools_;
  storage::VoucherJobStore& jobs_;
  RegistryDesk& registry_;
};

}  // namespace masa::issuance

#endif  // SERVICES_ISSUANCE_SERVE_VOUCHER_JOBS_H_
