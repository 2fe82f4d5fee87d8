// The use cases of a device that asks for itself: where do I belong, and this
// is how it went. Each is a list of calls; what a call decides stands in its
// own room. Calls that come together go through each step together; each has
// its own outcome.
#ifndef SERVICES_ISSUANCE_ANSWER_PLEDGE_H_
#define SERVICES_ISSUANCE_ANSWER_PLEDGE_H_

#include <vector>

#include "services/issuance/pledge_desk.h"
#include "services/issuance/tools.h"
#include "storage/report_store.h"

namespace masa::issuance {

class AnswerPledge final : public PledgeDesk {
 public:
  // `reports` outlives this.
  AnswerPledge(const Tools& tools, storage::ReportStore& reports)
      : tools_(tools), reports_(reports) {}

  // Blocks; all are answered when it returns.
  void Ask(std::vector<PendingPledge> calls) override;

 private:
  const Tools tools_;
  storage::ReportStore& reports_;
};

}  // namespace masa::issuance

#endif  // SERVICES_ISSUANCE_ANSWER_PLEDGE_H_
