// The use case of escrow_desk.h over the desks that know what it says. Who may
// read a job's archive may have its manifest.
#ifndef SERVICES_ISSUANCE_SERVE_ESCROW_H_
#define SERVICES_ISSUANCE_SERVE_ESCROW_H_

#include <string>
#include <utility>
#include <vector>

#include "services/issuance/escrow_desk.h"
#include "services/issuance/tools.h"
#include "services/issuance/voucher_desk.h"
#include "services/issuance/voucher_job_desk.h"
#include "services/wire/escrow_manifest.h"
#include "storage/audit_sequence.h"
#include "storage/job_runs.h"

namespace masa::issuance {

class ServeEscrow final : public EscrowDesk {
 public:
  struct Needs {
    VoucherJobDesk& jobs;
    VoucherDesk& vouchers;
    storage::AuditSequence& events;
    storage::JobRuns& job_runs;
  };
  // The log of all tenants: its key, and what it is called before a tenant's
  // name (transparency/log_name.h). Empty where nothing of it is signed.
  struct LogTerms {
    std::string signing_key;
    std::string origin;
  };

  // All outlive this.
  ServeEscrow(const Tools& tools, const Needs& needs, LogTerms log)
      : tools_(tools), needs_(needs), log_(std::move(log)) {}

  absl::StatusOr<SignedManifest> SignManifest(
      const RequestContext& context, const identity::Principal& caller,
      const std::string& job_id) override;

 private:
  absl::StatusOr<std::string> DigestOfDevices(const RequestContext& context,
                                              const identity::Principal& caller,
                                              const VoucherJobView& view);
  absl::StatusOr<std::string> OwnershipKeyOf(const RequestContext& context,
                                             const std::string& tenant_id);
  absl::StatusOr<std::vector<std::string>> OwnershipAnchors(
      const RequestContext& context, const std::string& key);
  absl::Status AddVoucherChains(const RequestContext& context,
                                const identity::Principal& caller,
                                wire::EscrowManifest& manifest);
  absl::StatusOr<std::string> LogKeyOf(const RequestContext& context,
                                       const std::string& tenant_id);
  absl::Status WriteEvent(const RequestContext& context,
                          const identity::Principal& caller,
                          const wire::EscrowManifest& manifest);

  const Tools tools_;
  const Needs needs_;
  const LogTerms log_;
};

}  // namespace masa::issuance

#endif  // SERVICES_ISSUANCE_SERVE_ESCROW_H_
