// The use case of the hot read path (resolve_desk.h): what comes together is
// answered by one statement, whoever asks. Blocks, and answers within the call.
#ifndef SERVICES_ISSUANCE_SERVE_RESOLVES_H_
#define SERVICES_ISSUANCE_SERVE_RESOLVES_H_

#include <vector>

#include "services/issuance/resolve_desk.h"
#include "services/issuance/resolve_ownership.h"

namespace masa::issuance {

class ServeResolves final : public ResolveDesk {
 public:
  explicit ServeResolves(const ResolveTools& tools) : tools_(tools) {}

  void Resolve(std::vector<PendingResolve> calls) override;
  absl::StatusOr<std::vector<absl::StatusOr<Ownership>>> ResolveAll(
      const RequestContext& context, const identity::Principal& caller,
      absl::Span<const OwnershipQuestion> questions) override;

 private:
  const ResolveTools tools_;
};

}  // namespace masa::issuance

#endif  // SERVICES_ISSUANCE_SERVE_RESOLVES_H_
