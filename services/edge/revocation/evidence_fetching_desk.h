// A desk before the desk: where a registrar's chain names CRL or OCSP servers
// and nothing fresh is enclosed, it asks them and sends the word along
// (architecture section 3, step 2a). It refuses nothing: the authority checks
// all again, and judges. Only what signs itself rightly as a registrar makes it
// ask anybody (RV-07). Thread-safe.
#ifndef SERVICES_EDGE_REVOCATION_EVIDENCE_FETCHING_DESK_H_
#define SERVICES_EDGE_REVOCATION_EVIDENCE_FETCHING_DESK_H_

#include <vector>

#include "services/executor/executor.h"
#include "services/fetch/fetcher.h"
#include "services/issuance/registrar_desk.h"
#include "services/observe/clock.h"
#include "services/verifier/verifier.h"

namespace masa::edge {

class EvidenceFetchingDesk final : public issuance::RegistrarDesk {
 public:
  // All outlive this.
  EvidenceFetchingDesk(issuance::RegistrarDesk& desk, fetch::Fetcher& fetcher,
                       const Verifier& verifier, const Clock& clock,
                       Executor& executor)
      : desk_(desk),
        fetcher_(fetcher),
        verifier_(verifier),
        clock_(clock),
        executor_(executor) {}

  void RequestVouchers(std::vector<issuance::PendingCall> calls) override;
  absl::StatusOr<issuance::RegistrarAnswer> RequestAuditLog(
      const issuance::RegistrarCall& call) override;

 private:
  wire::RevocationEvidence Gather(const issuance::RegistrarCall& call);
  void FetchThenAsk(issuance::PendingCall pending);

  issuance::RegistrarDesk& desk_;
  fetch::Fetcher& fetcher_;
  const Verifier& verifier_;
  const Clock& clock_;
  Executor& executor_;
};

}  // namespace masa::edge

#endif  // SERVICES_EDGE_REVOCATION_EVIDENCE_FETCHING_DESK_H_
