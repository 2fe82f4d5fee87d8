// The cloud registrar of an authority: its use cases with what they keep. Owns
// everything but what it needs.
#ifndef SERVICES_MASAD_PLEDGE_PART_H_
#define SERVICES_MASAD_PLEDGE_PART_H_

#include "services/issuance/answer_pledge.h"
#include "services/issuance/gathering_pledge_desk.h"
#include "services/issuance/serve_reports.h"
#include "services/issuance/versioned_signer.h"
#include "services/masad/gathering_options.h"
#include "services/masad/stores.h"
#include "services/telemetry/observed_pledge_desk.h"
#include "services/verification/boring_verifier.h"
#include "storage/report_store.h"

namespace masa::masad {

class PledgePart {
 public:
  // All outlive it; `stores` take what they are given as one batch.
  PledgePart(const Stores& stores, storage::ReportStore& reports,
             signing::Signer& signer, prometheus::Registry& registry)
      : policies_(stores.catalog, clock_),
        signer_(signer, stores.keys, clock_),
        templates_(signer_, clock_),
        answering_({stores.catalog, stores.devices, stores.log, signer_,
                    verifier_, clock_, policies_, templates_, stores.claims,
                    stores.owned, stores.groups},
                   reports),
        observed_(answering_, registry),
        gathering_(observed_, GatheringOptions("pledges")),
        reports_(stores.devices, stores.groups, policies_, reports) {}

  issuance::PledgeDesk& pledges() { return gathering_; }
  issuance::ReportDesk& reports() { return reports_; }

 private:
  const SystemClock clock_;
  verification::BoringVerifier verifier_;
  issuance::Policies policies_;
  issuance::VersionedSigner signer_;
  issuance::VoucherTemplates templates_;
  issuance::AnswerPledge answering_;
  telemetry::ObservedPledgeDesk observed_;
  issuance::GatheringPledgeDesk gathering_;
  issuance::ServeReports reports_;
};

}  // namespace masa::masad

#endif  // SERVICES_MASAD_PLEDGE_PART_H_
