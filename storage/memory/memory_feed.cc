// The part of the store in memory that keeps the feed of ownership changes.
#include <utility>

#include "services/status/macros.h"
#include "services/status/reason.h"
#include "storage/feed_rules.h"
#include "storage/memory/memory_store.h"

namespace masa::storage {
namespace {

absl::Status Unavailable() {
  return Refuse(Reason::kStoreUnavailable, "the store cannot answer");
}

}  // namespace

void MemoryStore::AppendFeed(const std::vector<Device>& after, absl::Time at) {
  std::vector<Device> before;
  for (const Device& device : after) {
    const auto serial = devices_.find({device.tenant_id, device.serial_number});
    if (serial == devices_.end()) {
      continue;
    }
    const auto stored = serial->second.find(device.device_id);
    if (stored != serial->second.end()) {
      before.push_back(stored->second);
    }
  }
  for (FeedBatch& batch : FeedBatchesOf(before, after, at)) {
    std::vector<FeedBatch>& lane = feed_[{batch.tenant_id, batch.lane}];
    batch.position = static_cast<int64_t>(lane.size()) + 1;
    lane.push_back(std::move(batch));
  }
}

void MemoryStore::ForgetFeed() {
  absl::MutexLock lock(&mutex_);
  for (const auto& [key, lane] : feed_) {
    forgotten_feed_[key] = static_cast<int64_t>(lane.size());
  }
}

FeedCursor MemoryStore::HeadsOf(const std::string& tenant_id) const {
  FeedCursor heads = {};
  for (const auto& [key, lane] : feed_) {
    if (key.first == tenant_id) {
      heads[key.second] = static_cast<int64_t>(lane.size());
    }
  }
  return heads;
}

absl::StatusOr<FeedCursor> MemoryStore::ReadHeads(
    const RequestContext& context, const std::string& tenant_id) {
  absl::MutexLock lock(&mutex_);
  if (NextFate() != Fate::kAnswer) {
    return Unavailable();
  }
  return HeadsOf(tenant_id);
}

absl::StatusOr<std::vector<FeedBatch>> MemoryStore::ReadAfter(
    const RequestContext& context, const FeedQuestion& question) {
  absl::MutexLock lock(&mutex_);
  if (NextFate() != Fate::kAnswer) {
    return Unavailable();
  }
  MASA_ASSIGN_OR_RETURN(const std::vector<int> lanes,
                        LanesToRead(question, HeadsOf(question.tenant_id)));
  std::vector<FeedBatch> batches;
  for (const int lane : lanes) {
    const std::pair key = {question.tenant_id, lane};
    const std::vector<FeedBatch>& kept = feed_.at(key);
    const int64_t after = question.after[lane];
    if (after < forgotten_feed_[key]) {
      return FeedNotKept();
    }
    const int64_t end = std::min(after + BatchesOfALane(question, lanes.size()),
                                 static_cast<int64_t>(kept.size()));
    batches.insert(batches.end(), kept.begin() + after, kept.begin() + end);
  }
  return batches;
}

}  // namespace masa::storage
