// The part of ServeTransfers that reads histories and holds them against their
// signatures.
#include <algorithm>

#include "services/issuance/account_sights.h"
#include "services/issuance/serve_transfers.h"
#include "services/ownership/group_access.h"
#include "services/ownership/group_plans.h"
#include "services/ownership/history_claims.h"
#include "services/status/field_faults.h"
#include "services/status/macros.h"
#include "services/status/reason.h"
#include "services/wire/certificate.h"

namespace masa::issuance {
namespace {

constexpr int kMostEntries = 100;
constexpr size_t kMostVerified = 10'000;

}  // namespace

absl::StatusOr<HistoryPage> ServeTransfers::GetHistory(
    const GroupCall& call, const storage::DeviceKey& key, int32_t first_number,
    int limit) {
  const bool is_operator = call.caller.role == identity::Role::kOperator;
  MASA_ASSIGN_OR_RETURN(auto all, FindNamed(call, {key}));
  absl::StatusOr<storage::Device>& found = all.front();
  MASA_RETURN_IF_ERROR(found.status());
  if (!is_operator) {
    MASA_ASSIGN_OR_RETURN(
        const auto trees,
        tools_.groups.ReadTrees(
            call.context,
            {call.caller.tenant_id, storage::TreeQuestion::By::kOrganization,
             found->organization_id}));
    if (trees.empty() ||
        !ownership::CheckMay(trees.front(),
                             ownership::ActorOf(call.caller, false),
                             ownership::PlaceOf(*found), ownership::Act::kSee)
             .ok()) {
      return NoSuchDevice();
    }
  }
  HistoryPage page;
  const int most = std::min(limit, kMostEntries);
  MASA_ASSIGN_OR_RETURN(
      page.records,
      histories_.ReadHistory(call.context, {found->bucket, found->device_id,
                                            !is_operator, first_number, most}));
  page.device = *std::move(found);
  if (static_cast<int>(page.records.size()) == most) {
    page.next_number = page.records.back().entry.number + 1;
  }
  return page;
}

absl::StatusOr<ownership::HistoryFinding> ServeTransfers::VerifyHistory(
    const GroupCall& call, const storage::DeviceKey& key,
    const std::string& anchor_der) {
  MASA_RETURN_IF_ERROR(
      AtField(wire::Certificate::Parse(anchor_der).status(), "anchor_der"));
  std::vector<storage::HistoryRecord> records;
  HistoryPage page;
  page.next_number = 0;
  while (page.next_number) {
    if (records.size() >= kMostVerified) {
      return Refuse(Reason::kTooManyItems,
                    "the history is too long to be verified here; read it in "
                    "pages and verify them");
    }
    MASA_ASSIGN_OR_RETURN(
        page, GetHistory(call, key, *page.next_number, kMostEntries));
    records.insert(records.end(), page.records.begin(), page.records.end());
  }
  const storage::Device& device = page.device;
  return ownership::VerifyRecords(
      records, device.organization_id,
      {device.tenant_id, device.device_id, anchor_der, tools_.clock.Now()},
      tools_.verifier);
}

}  // namespace masa::issuance
