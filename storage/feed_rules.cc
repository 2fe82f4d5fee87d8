#include "storage/feed_rules.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>

#include "services/status/reason.h"

namespace masa::storage {
namespace {

ChangeKind KindOf(const Device& before, const Device& after) {
  if (before.deleted_at.has_value() != after.deleted_at.has_value()) {
    return after.deleted_at ? ChangeKind::kDeleted : ChangeKind::kUndeleted;
  }
  if (before.organization_id != after.organization_id) {
    return ChangeKind::kOwner;
  }
  if (before.state != after.state) {
    return ChangeKind::kState;
  }
  return before.group_id != after.group_id ? ChangeKind::kPlacement
                                           : ChangeKind::kUpdated;
}

// `before` is null for a device that was not there.
OwnershipChange ChangeOf(const Device* before, const Device& after) {
  OwnershipChange change;
  change.serial_number = after.serial_number;
  change.idevid_issuer = after.idevid_issuer;
  change.device_id = after.device_id;
  change.version = after.version;
  change.kind =
      before == nullptr ? ChangeKind::kCreated : KindOf(*before, after);
  if (before != nullptr) {
    change.from_organization_id = before->organization_id;
    change.from_group_id = before->group_id;
  }
  change.to_organization_id = after.organization_id;
  change.to_group_id = after.group_id;
  return change;
}

}  // namespace

std::vector<FeedBatch> FeedBatchesOf(absl::Span<const Device> before,
                                     absl::Span<const Device> after,
                                     absl::Time at) {
  std::map<std::string, const Device*> stored;
  for (const Device& device : before) {
    stored[device.device_id] = &device;
  }
  std::map<std::string, FeedBatch> by_tenant;
  for (const Device& device : after) {
    FeedBatch& batch = by_tenant[device.tenant_id];
    if (batch.changes.empty()) {
      batch.tenant_id = device.tenant_id;
      batch.lane = device.bucket / kBucketsOfALane;
      // As a store keeps it.
      batch.at = absl::FromUnixMicros(absl::ToUnixMicros(at));
    }
    const auto found = stored.find(device.device_id);
    batch.changes.push_back(
        ChangeOf(found == stored.end() ? nullptr : found->second, device));
  }
  std::vector<FeedBatch> batches;
  for (auto& [tenant, batch] : by_tenant) {
    batches.push_back(std::move(batch));
  }
  return batches;
}

absl::StatusOr<std::vector<int>> LanesToRead(const FeedQuestion& question,
                                             const FeedCursor& heads) {
  std::vector<int> lanes;
  for (int i = 0; i < kFeedLanes; ++i) {
    const int lane = (question.first_lane + i) % kFeedLanes;
    if (question.after[lane] > heads[lane]) {
      return FeedNotKept();
    }
    if (question.after[lane] < heads[lane] &&
        static_cast<int>(lanes.size()) < question.limit) {
      lanes.push_back(lane);
    }
  }
  return lanes;
}

int BatchesOfALane(const FeedQuestion& question, size_t lanes) {
  return std::max(question.limit / static_cast<int>(lanes), 1);
}

absl::Status FeedNotKept() {
  return Refuse(Reason::kResumeTokenExpired,
                "the changes behind this resume token are not kept any more; "
                "read the devices anew, and watch from now on");
}

}  // namespace masa::storage
