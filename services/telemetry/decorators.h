// Decorators that measure and log what passes through an interface, and
// change nothing. Each holds a reference that must outlive it.
#ifndef SERVICES_TELEMETRY_DECORATORS_H_
#define SERVICES_TELEMETRY_DECORATORS_H_

#include <string>
#include <vector>

#include "services/issuance/registrar_desk.h"
#include "services/signing/signer.h"
#include "services/telemetry/metrics.h"
#include "storage/issuance_log.h"

namespace masa::telemetry {

// Counts and times each request, and writes one line for it. Outlives the
// calls that it took.
class ObservedRegistrarDesk final : public issuance::RegistrarDesk {
 public:
  ObservedRegistrarDesk(issuance::RegistrarDesk& desk, Metrics& metrics)
      : desk_(desk), metrics_(metrics) {}

  void RequestVouchers(std::vector<issuance::PendingCall> calls) override;
  absl::StatusOr<issuance::RegistrarAnswer> RequestAuditLog(
      const issuance::RegistrarCall& call) override;

 private:
  issuance::RegistrarDesk& desk_;
  Metrics& metrics_;
};

// Writes one line for each call: what a signer that runs apart was asked.
class LoggedSigner final : public signing::Signer {
 public:
  explicit LoggedSigner(signing::Signer& signer) : signer_(signer) {}

  std::vector<absl::StatusOr<std::string>> Sign(
      const RequestContext& context, const std::string& key,
      absl::Span<const signing::ToBeSigned> items) override;
  absl::StatusOr<signing::KeyDescription> Describe(
      const RequestContext& context, const std::string& key) override;

 private:
  signing::Signer& signer_;
};

class MeteredIssuanceLog final : public storage::IssuanceLog {
 public:
  MeteredIssuanceLog(storage::IssuanceLog& log, Metrics& metrics)
      : log_(log), metrics_(metrics) {}

  std::vector<absl::StatusOr<storage::Committed>> Commit(
      const RequestContext& context,
      std::vector<storage::IssuedVoucher> vouchers) override;
  absl::StatusOr<std::vector<storage::IssuedVoucher>> ListForDevice(
      const RequestContext& context, int16_t bucket,
      const std::string& device_id, int limit) override;
  absl::StatusOr<std::vector<storage::IssuedVoucher>> ReadForRules(
      const RequestContext& context,
      const storage::RulesQuestion& question) override;
  absl::StatusOr<storage::IssuanceSummary> Summarize(
      const RequestContext& context, int16_t bucket,
      const std::string& device_id, int limit) override;

 private:
  storage::IssuanceLog& log_;
  Metrics& metrics_;
};

}  // namespace masa::telemetry

#endif  // SERVICES_TELEMETRY_DECORATORS_H_
