#include "services/ownership/history_claims.h"

#include <utility>

#include "services/merkle/merkle_tree.h"
#include "services/wire/ownership_root.h"

namespace masa::ownership {

EntryClaim ClaimOf(const storage::HistoryRecord& record) {
  const storage::OwnershipBatch& batch = record.batch;
  EntryClaim claim;
  claim.entry = record.entry;
  claim.leaf_index = static_cast<uint32_t>(record.leaf_index);
  claim.proof = merkle::InclusionProof(batch.leaves,
                                       static_cast<size_t>(record.leaf_index));
  if (record.signature) {
    claim.root = {
        wire::EncodeOwnershipRoot({batch.tenant_id, batch.batch_id,
                                   static_cast<uint32_t>(batch.leaves.size()),
                                   merkle::RootOf(batch.leaves)}),
        record.signature->signature, record.signature->chain_der,
        record.signature->signed_at};
  }
  return claim;
}

HistoryFinding VerifyRecords(const std::vector<storage::HistoryRecord>& records,
                             const std::string& organization_id,
                             const HistoryTerms& terms,
                             const Verifier& verifier) {
  std::vector<EntryClaim> claims;
  for (const storage::HistoryRecord& record : records) {
    claims.push_back(ClaimOf(record));
  }
  HistoryFinding finding = VerifyHistory(claims, terms, verifier);
  const std::string last =
      records.empty() ? "" : records.back().entry.to_organization_id;
  if (last != organization_id) {
    finding.faults.push_back(
        "the history ends with another owner than the device has on record");
  }
  return finding;
}

}  // namespace masa::ownership
