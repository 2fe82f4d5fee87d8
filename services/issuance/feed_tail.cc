#include "services/issuance/feed_tail.h"

#include <utility>

namespace masa::issuance {

void FeedTail::Add(SharedBatch batch) {
  end_[batch->lane] = batch->position;
  changes_ += batch->changes.size();
  batches_.push_back(std::move(batch));
  while (changes_ > most_changes_ && batches_.size() > 1) {
    const SharedBatch& oldest = batches_.front();
    begin_[oldest->lane] = oldest->position;
    changes_ -= oldest->changes.size();
    batches_.pop_front();
  }
}

bool FeedTail::Covers(const storage::FeedCursor& place) const {
  for (int lane = 0; lane < storage::kFeedLanes; ++lane) {
    if (place[lane] < begin_[lane]) {
      return false;
    }
  }
  return true;
}

std::vector<SharedBatch> FeedTail::After(const storage::FeedCursor& place,
                                         size_t enough) const {
  std::vector<SharedBatch> found;
  size_t changes = 0;
  for (const SharedBatch& batch : batches_) {
    if (batch->position > place[batch->lane]) {
      found.push_back(batch);
      changes += batch->changes.size();
      if (changes >= enough) {
        break;
      }
    }
  }
  return found;
}

}  // namespace masa::issuance
