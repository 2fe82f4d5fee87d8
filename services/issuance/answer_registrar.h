// The use cases of a registrar: request vouchers, request the audit log. Each
// is a list of calls; what a call decides stands in its own room. Requests that
// come together go through each step together; each has its own outcome.
#ifndef SERVICES_ISSUANCE_ANSWER_REGISTRAR_H_
#define SERVICES_ISSUANCE_ANSWER_REGISTRAR_H_

#include <vector>

#include "services/issuance/matter.h"
#include "services/issuance/registrar_desk.h"
#include "services/issuance/tools.h"

namespace masa::issuance {

class AnswerRegistrar final : public RegistrarDesk {
 public:
  explicit AnswerRegistrar(const Tools& tools) : tools_(tools) {}

  // Blocks; all are answered when it returns.
  void RequestVouchers(std::vector<PendingCall> calls) override;
  absl::StatusOr<RegistrarAnswer> RequestAuditLog(
      const RegistrarCall& call) override;

 private:
  // From what is on record to what is stored, of calls that came at `now`.
  void Answer(Matters& matters, absl::Time now);

  const Tools tools_;
};

}  // namespace masa::issuance

#endif  // SERVICES_ISSUANCE_ANSWER_REGISTRAR_H_
