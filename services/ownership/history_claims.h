// Records of a history as whoever verifies it gets them: with the proof and the
// signed root that the batch makes. Pure.
#ifndef SERVICES_OWNERSHIP_HISTORY_CLAIMS_H_
#define SERVICES_OWNERSHIP_HISTORY_CLAIMS_H_

#include <vector>

#include "services/ownership/verify_history.h"
#include "storage/history_store.h"

namespace masa::ownership {

EntryClaim ClaimOf(const storage::HistoryRecord& record);

// What the end of a history and the owner on record say of each other is part
// of the finding.
HistoryFinding VerifyRecords(const std::vector<storage::HistoryRecord>& records,
                             const std::string& organization_id,
                             const HistoryTerms& terms,
                             const Verifier& verifier);

}  // namespace masa::ownership

#endif  // SERVICES_OWNERSHIP_HISTORY_CLAIMS_H_
