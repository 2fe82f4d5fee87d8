// The use cases of operators and customers (operator_desk.h). Operators act
// within their tenant; customers' accounts see and use the devices of groups in
// which they have a role, and learn nothing of others.
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
  absl::StatusOr<storage::Device> GetDevice(
      const RequestContext& context, const identity::Principal& caller,
      const storage::DeviceKey& device) override;
  absl::StatusOr<std::vector<storage::IssuedVoucher>> ListVouchers(
      const RequestContext& context, const identity::Principal& caller,
      const storage::DeviceKey& device) override;

 private:
  const Tools tools_;
};

}  // namespace masa::issuance

#endif  // SERVICES_ISSUANCE_SERVE_OPERATORS_H_
