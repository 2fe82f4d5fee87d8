// The use cases of operators and customers (operator_desk.h). Operators act
// within their tenant; customers see and use the devices they own, and learn
// nothing of others'.
#ifndef SERVICES_ISSUANCE_SERVE_OPERATORS_H_
#define SERVICES_ISSUANCE_SERVE_OPERATORS_H_

#include "services/issuance/answer_registrar.h"
#include "services/issuance/operator_desk.h"

namespace masa::issuance {

class ServeOperators final : public OperatorDesk {
 public:
  explicit ServeOperators(const Tools& tools) : tools_(tools) {}

  absl::StatusOr<storage::Committed> IssueVoucher(
      const RequestContext& context, const identity::Principal& caller,
      const IssueOrder& order) override;
  absl::StatusOr<Ownership> ResolveOwnership(
      const RequestContext& context, const identity::Principal& caller,
      const storage::DeviceKey& device,
      const std::string& spki_sha256) override;
  absl::StatusOr<storage::Device> GetDevice(
      const RequestContext& context, const identity::Principal& caller,
      const storage::DeviceKey& device) override;
  absl::StatusOr<std::vector<storage::Device>> ListDevices(
      const RequestContext& context, const identity::Principal& caller,
      const std::string& organization_id, const storage::DevicePlace& after,
      int limit) override;
  absl::StatusOr<std::vector<absl::StatusOr<storage::ImportOutcome>>>
  ImportDevices(const RequestContext& context,
                const identity::Principal& caller,
                absl::Span<const storage::Device> devices,
                storage::OnConflict on_conflict) override;
  absl::StatusOr<std::vector<absl::StatusOr<storage::Device>>> AssignDevices(
      const RequestContext& context, const identity::Principal& caller,
      absl::Span<const storage::DeviceKey> devices,
      const std::string& organization_id) override;
  absl::StatusOr<std::vector<absl::StatusOr<storage::Device>>> BlockDevices(
      const RequestContext& context, const identity::Principal& caller,
      absl::Span<const storage::DeviceKey> devices, bool lift) override;
  absl::StatusOr<std::vector<storage::IssuedVoucher>> ListVouchers(
      const RequestContext& context, const identity::Principal& caller,
      const storage::DeviceKey& device) override;

 private:
  absl::StatusOr<storage::DeviceAnswer> FindFor(
      const RequestContext& context, const identity::Principal& caller,
      const storage::DeviceKey& key, const std::string& request_digest);

  const Tools tools_;
};

}  // namespace masa::issuance

#endif  // SERVICES_ISSUANCE_SERVE_OPERATORS_H_
