#include "services/signing/guard/key_budget.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "services/status/macros.h"
#include "services/status/reason.h"

namespace masa::signing {
namespace {

constexpr uint64_t kBlock = 1'000;

int64_t DayOf(absl::Time now) {
  return absl::ToInt64Hours(now - absl::UnixEpoch()) / 24;
}

}  // namespace

absl::StatusOr<std::unique_ptr<KeyBudget>> KeyBudget::New(std::string key,
                                                          const KeyLimit& limit,
                                                          BudgetStore* store) {
  SpentBudget spent;
  if (limit.per_day > 0) {
    MASA_ASSIGN_OR_RETURN(spent, store->Read(key));
  }
  return std::unique_ptr<KeyBudget>(
      new KeyBudget(std::move(key), limit, store, spent));
}

absl::StatusOr<size_t> KeyBudget::Take(size_t wanted, absl::Time now) {
  MutexLock lock(mutex_);
  MASA_ASSIGN_OR_RETURN(const size_t soon, TakeOfSecond(wanted, now));
  return TakeOfDay(soon, now);
}

absl::StatusOr<size_t> KeyBudget::TakeOfSecond(size_t wanted, absl::Time now) {
  if (limit_.per_second == 0) {
    return wanted;
  }
  const double most = limit_.per_second;
  // A clock that goes back fills nothing.
  const double since =
      tokens_ < 0 ? 1 : std::max(0.0, absl::ToDoubleSeconds(now - refilled_));
  tokens_ = std::min(most, std::max(tokens_, 0.0) + since * most);
  refilled_ = now;
  const size_t granted = std::min(wanted, static_cast<size_t>(tokens_));
  if (granted == 0 && wanted > 0) {
    return Refuse(Reason::kOverloaded,
                  absl::StrCat("signing key ", key_, " makes ",
                               limit_.per_second, " signatures a second here"));
  }
  tokens_ -= static_cast<double>(granted);
  return granted;
}

absl::StatusOr<size_t> KeyBudget::TakeOfDay(size_t wanted, absl::Time now) {
  if (limit_.per_day == 0 || wanted == 0) {
    return wanted;
  }
  // A clock that goes back finds the same budget, not a new one.
  if (DayOf(now) > reserved_.day) {
    reserved_ = {DayOf(now), 0};
    left_ = 0;
  }
  if (left_ < wanted && reserved_.signatures < limit_.per_day) {
    const uint64_t more = std::min(std::max<uint64_t>(kBlock, wanted),
                                   limit_.per_day - reserved_.signatures);
    const SpentBudget next = {reserved_.day, reserved_.signatures + more};
    MASA_RETURN_IF_ERROR(store_->Write(key_, next));
    reserved_ = next;
    left_ += more;
  }
  const size_t granted = static_cast<size_t>(std::min<uint64_t>(wanted, left_));
  if (granted == 0) {
    return Refuse(Reason::kQuotaExceeded,
                  absl::StrCat("signing key ", key_, " has made its ",
                               limit_.per_day, " signatures of today here"));
  }
  left_ -= granted;
  return granted;
}

}  // namespace masa::signing
