#include "services/issuance/watch_ownership.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "services/ownership/change_sight.h"
#include "services/status/macros.h"
#include "services/status/reason.h"

namespace masa::issuance {
namespace {

using storage::FeedBatch;
using storage::FeedCursor;

// A message has so many changes, and those of one more batch at the most.
constexpr size_t kEnough = 1000;
constexpr int kMostBatches = 64;
constexpr int kUsualBatches = 16;
// Of one tenant in one Poll, so that none keeps the others waiting.
constexpr int kMostReads = 32;

absl::Status ComeAgain(const char* why) {
  return Refuse(Reason::kDraining, why);
}

// Accounts of different customers may have the same name.
std::string CallerOf(const identity::Principal& caller) {
  return caller.tenant_id + '\0' + caller.organization_id + '\0' + caller.name;
}

}  // namespace

class WatchOwnership::OneWatch final : public OwnershipWatch {
 public:
  OneWatch(WatchOwnership& owner, const identity::Principal& caller,
           const FeedCursor& place)
      : owner_(owner),
        caller_(caller),
        ends_(owner.tools_.clock.Now() + owner.terms_.longest),
        place_(place) {}
  ~OneWatch() override {
    owner_.TakeBack(this);
    owner_.Leave(caller_);
  }

  absl::StatusOr<std::optional<WatchNews>> Next(
      const RequestContext& context) override {
    const absl::Time now = owner_.tools_.clock.Now();
    const Found found = owner_.Look(caller_.tenant_id, place_);
    if (found.draining) {
      return ComeAgain("this replica stops; watch on from the last token");
    }
    if (found.broken) {
      return ComeAgain(
          "the feed is not where it was; watch on from the last token");
    }
    if (now >= ends_) {
      return ComeAgain(
          "a watch ends now and then, so that replicas share them; watch on "
          "from the last token");
    }
    std::vector<SharedBatch> batches;
    if (found.batches) {
      batches = *found.batches;
    } else {
      MASA_ASSIGN_OR_RETURN(batches, ReadStore(context));
    }
    MASA_ASSIGN_OR_RETURN(WatchNews news, Visible(context, batches));
    for (const SharedBatch& batch : batches) {
      place_[batch->lane] = batch->position;
    }
    seen_ = found.seen;
    goes_on_ = !batches.empty();
    if (news.changes.empty() && now < told_ + owner_.terms_.heartbeat) {
      return std::nullopt;
    }
    told_ = now;
    news.place = place_;
    return news;
  }

  // The watch may be gone once its wake was called.
  bool WhenReady(Wake wake) override {
    if (goes_on_ && wake()) {
      return true;
    }
    return owner_.Sleep(this, {caller_.tenant_id, seen_,
                               std::min(told_ + owner_.terms_.heartbeat, ends_),
                               std::move(wake)});
  }

  bool Forget() override { return owner_.TakeBack(this); }

 private:
  friend class WatchOwnership;

  // About as many batches as one message has: what is too much is read again.
  absl::StatusOr<std::vector<SharedBatch>> ReadStore(
      const RequestContext& context) {
    MASA_ASSIGN_OR_RETURN(
        std::vector<FeedBatch> read,
        owner_.feed_.ReadAfter(
            context, {caller_.tenant_id, place_, next_lane_, most_batches_}));
    std::vector<SharedBatch> batches;
    size_t changes = 0;
    for (FeedBatch& batch : read) {
      if (changes >= kEnough) {
        break;
      }
      changes += batch.changes.size();
      next_lane_ = (batch.lane + 1) % storage::kFeedLanes;
      batches.push_back(std::make_shared<FeedBatch>(std::move(batch)));
    }
    most_batches_ =
        std::clamp(2 * static_cast<int>(batches.size()), 2, kMostBatches);
    return batches;
  }

  // What the caller is told of. Who has which role is read for each message
  // that has something for customers.
  absl::StatusOr<WatchNews> Visible(const RequestContext& context,
                                    const std::vector<SharedBatch>& batches) {
    const ownership::Actor actor = ownership::ActorOf(caller_, false);
    std::vector<storage::OrganizationTree> trees;
    if (!actor.support && !batches.empty()) {
      MASA_ASSIGN_OR_RETURN(
          trees,
          owner_.tools_.groups.ReadTrees(
              context, {caller_.tenant_id, storage::TreeQuestion::By::kAccount,
                        "", actor.account}));
    }
    WatchNews news;
    for (const SharedBatch& batch : batches) {
      for (const storage::OwnershipChange& change : batch->changes) {
        if (ownership::IsToldOf(trees, actor, change)) {
          news.changes.push_back({change, batch->at});
        }
      }
    }
    return news;
  }

  WatchOwnership& owner_;
  const identity::Principal caller_;
  const absl::Time ends_;
  FeedCursor place_;
  absl::Time told_ = absl::InfinitePast();
  uint64_t seen_ = 0;
  bool goes_on_ = false;  // there may be more behind what Next has just found
  int next_lane_ = 0;
  int most_batches_ = kUsualBatches;
  bool forgotten_ = false;  // guarded by the owner's mutex
};

absl::StatusOr<std::unique_ptr<OwnershipWatch>> WatchOwnership::Watch(
    const RequestContext& context, const identity::Principal& caller,
    const std::optional<FeedCursor>& place) {
  if (place) {
    MASA_RETURN_IF_ERROR(
        feed_.ReadAfter(context, {caller.tenant_id, *place, 0, 1}).status());
  }
  MASA_ASSIGN_OR_RETURN(const FeedCursor end,
                        feed_.ReadHeads(context, caller.tenant_id));
  MASA_RETURN_IF_ERROR(Join(caller, end));
  return std::make_unique<OneWatch>(*this, caller, place.value_or(end));
}

absl::Status WatchOwnership::Join(const identity::Principal& caller,
                                  const FeedCursor& end) {
  MutexLock lock(mutex_);
  if (draining_) {
    return ComeAgain("this replica stops; try another");
  }
  const auto known = of_caller_.find(CallerOf(caller));
  const int of_caller = known == of_caller_.end() ? 0 : known->second;
  if (watchers_ >= terms_.most_watchers ||
      of_caller >= terms_.most_of_a_caller) {
    return Refuse(Reason::kOverloaded,
                  "there are as many watchers as this replica, or this "
                  "account, may have; end one, or try another replica");
  }
  ++of_caller_[CallerOf(caller)];
  ++watchers_;
  ++tenants_.try_emplace(caller.tenant_id, end).first->second.watchers;
  return absl::OkStatus();
}

void WatchOwnership::Leave(const identity::Principal& caller) {
  MutexLock lock(mutex_);
  --watchers_;
  const auto of_caller = of_caller_.find(CallerOf(caller));
  if (--of_caller->second == 0) {
    of_caller_.erase(of_caller);
  }
  const auto tenant = tenants_.find(caller.tenant_id);
  if (--tenant->second.watchers == 0) {
    tenants_.erase(tenant);
  }
}

WatchOwnership::Found WatchOwnership::Look(const std::string& tenant_id,
                                           const FeedCursor& place) {
  MutexLock lock(mutex_);
  const Watched& watched = tenants_.at(tenant_id);
  Found found{std::nullopt, watched.added, draining_, watched.broken};
  if (watched.tail.Covers(place)) {
    found.batches = watched.tail.After(place, kEnough);
  }
  return found;
}

bool WatchOwnership::Sleep(OneWatch* watch, Sleeper sleeper) {
  const absl::Time now = tools_.clock.Now();
  MutexLock lock(mutex_);
  if (watch->forgotten_) {
    return false;
  }
  // Something may have come since the watch looked.
  if (!IsReady(sleeper, now) || !sleeper.wake()) {
    sleepers_[watch] = std::move(sleeper);
  }
  return true;
}

bool WatchOwnership::TakeBack(OneWatch* watch) {
  MutexLock lock(mutex_);
  watch->forgotten_ = true;
  return sleepers_.erase(watch) == 1;
}

bool WatchOwnership::IsReady(const Sleeper& sleeper, absl::Time now) const {
  const Watched& watched = tenants_.at(sleeper.tenant_id);
  return draining_ || watched.broken || now >= sleeper.due ||
         watched.added != sleeper.seen;
}

void WatchOwnership::WakeThem() {
  const absl::Time now = tools_.clock.Now();
  // Under the lock, so that a sleeper is there while it is called: to call it
  // only hands a task over.
  MutexLock lock(mutex_);
  for (auto at = sleepers_.begin(); at != sleepers_.end();) {
    const bool woken = IsReady(at->second, now) && at->second.wake();
    at = woken ? sleepers_.erase(at) : std::next(at);
  }
}

absl::Status WatchOwnership::PollTenant(const RequestContext& context,
                                        const std::string& tenant_id) {
  storage::FeedQuestion question{tenant_id, {}, 0, kUsualBatches};
  for (int reads = 0; reads < kMostReads; ++reads) {
    {
      MutexLock lock(mutex_);
      const auto found = tenants_.find(tenant_id);
      if (found == tenants_.end()) {
        return absl::OkStatus();  // its last watcher has gone
      }
      question.after = found->second.tail.end();
      question.first_lane = found->second.next_lane;
    }
    auto batches = feed_.ReadAfter(context, question);
    if (!batches.ok()) {
      return Fail(tenant_id, batches.status());
    }
    if (batches->empty()) {
      break;
    }
    Append(tenant_id, *std::move(batches));
  }
  return absl::OkStatus();
}

void WatchOwnership::Append(const std::string& tenant_id,
                            std::vector<FeedBatch> batches) {
  MutexLock lock(mutex_);
  const auto found = tenants_.find(tenant_id);
  if (found == tenants_.end()) {
    return;
  }
  Watched& watched = found->second;
  for (FeedBatch& batch : batches) {
    // Else the tail was made anew meanwhile, at another place.
    if (batch.position == watched.tail.end()[batch.lane] + 1) {
      watched.next_lane = (batch.lane + 1) % storage::kFeedLanes;
      watched.tail.Add(std::make_shared<FeedBatch>(std::move(batch)));
      ++watched.added;
    }
  }
}

absl::Status WatchOwnership::Fail(const std::string& tenant_id,
                                  const absl::Status& status) {
  MutexLock lock(mutex_);
  const auto found = tenants_.find(tenant_id);
  if (found != tenants_.end() &&
      ReasonOf(status) == Reason::kResumeTokenExpired) {
    // Its watchers come again, and each hears what became of its place.
    found->second.broken = true;
  }
  return status;
}

absl::Status WatchOwnership::Poll(const RequestContext& context) {
  std::vector<std::string> tenant_ids;
  {
    MutexLock lock(mutex_);
    for (const auto& [tenant_id, watched] : tenants_) {
      tenant_ids.push_back(tenant_id);
    }
  }
  absl::Status failed;
  for (const std::string& tenant_id : tenant_ids) {
    failed.Update(PollTenant(context, tenant_id));
  }
  WakeThem();
  return failed;
}

void WatchOwnership::Drain() {
  {
    MutexLock lock(mutex_);
    draining_ = true;
  }
  WakeThem();
}

}  // namespace masa::issuance
