// A desk before the desk that resolves: questions that come while others are on
// their way go on together, so that they share statements. Never blocks where a
// single question is asked: beyond its bound it says no at once.
#ifndef SERVICES_ISSUANCE_GATHERING_RESOLVE_DESK_H_
#define SERVICES_ISSUANCE_GATHERING_RESOLVE_DESK_H_

#include <vector>

#include "services/executor/batch_executor.h"
#include "services/issuance/resolve_desk.h"

namespace masa::issuance {

class GatheringResolveDesk final : public ResolveDesk {
 public:
  // `desk` outlives this.
  GatheringResolveDesk(ResolveDesk& desk, BatchExecutorOptions options);

  // kOverloaded for a question that the queue has no place for.
  void Resolve(std::vector<PendingResolve> calls) override;

  // Passed on as they are, since they come gathered.
  absl::StatusOr<std::vector<absl::StatusOr<Ownership>>> ResolveAll(
      const RequestContext& context, const identity::Principal& caller,
      absl::Span<const OwnershipQuestion> questions) override;

 private:
  ResolveDesk& desk_;
  BatchExecutor<PendingResolve> executor_;
};

}  // namespace masa::issuance

#endif  // SERVICES_ISSUANCE_GATHERING_RESOLVE_DESK_H_
