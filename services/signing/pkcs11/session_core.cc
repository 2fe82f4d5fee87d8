#include "services/signing/pkcs11/session_core.h"

#include <algorithm>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "services/executor/thread_name.h"
#include "services/signing/pkcs11/hsm_refusal.h"
#include "services/signing/pkcs11/return_value.h"
#include "services/status/reason.h"

namespace masa::signing {
namespace {

constexpr int kMostFailures = 3;
// Of a call to the HSM, for which a caller waits in all.
constexpr int kMostCalls = 4;

uint32_t Bit(size_t token) { return uint32_t{1} << token; }

}  // namespace

SessionCore::SessionCore(std::shared_ptr<Pkcs11Module> module,
                         const SessionPoolOptions& options, TokenEvents& events)
    : module_(std::move(module)),
      options_(options),
      events_(events),
      keys_(options.keys) {
  for (size_t i = 0; i < options_.tokens.size(); ++i) {
    states_.emplace_back(
        options_.tokens[i].sessions,
        TokenState::Pauses{options_.least_pause, options_.most_pause});
    changed_.push_back(std::make_unique<Condition>());
    for (int k = 0; k < options_.tokens[i].sessions; ++k) {
      workers_.push_back(std::make_unique<Worker>(i));
    }
  }
}

// Threads are not joined, since one may hang in the HSM for ever: each keeps
// what it needs alive.
void SessionCore::Start() {
  {
    MutexLock lock(threads_->mutex);
    threads_->running = workers_.size();
  }
  for (size_t i = 0; i < workers_.size(); ++i) {
    std::thread([core = shared_from_this(), i]() mutable {
      NameThisThread(absl::StrCat("hsm-", i));
      core->Work(*core->workers_[i]);
      const std::shared_ptr<Threads> threads = core->threads_;
      core.reset();
      MutexLock lock(threads->mutex);
      --threads->running;
      threads->ended.NotifyAll();
    }).detach();
  }
  MutexLock lock(mutex_);
  while (!std::all_of(states_.begin(), states_.end(),
                      [](const TokenState& state) { return state.IsSeen(); })) {
    seen_.WaitFor(
        mutex_, absl::ToChronoNanoseconds(options_.longest_call / kMostCalls));
    FindLostOpenings();
  }
}

void SessionCore::Stop() {
  {
    MutexLock lock(mutex_);
    stopping_ = true;
    WakeAll();
    FailWhatWaits();
  }
  MutexLock lock(threads_->mutex);
  while (threads_->running > 0 &&
         threads_->ended.WaitFor(threads_->mutex, absl::ToChronoNanoseconds(
                                                      options_.longest_call))) {
  }
}

std::vector<TokenReport> SessionCore::Report() {
  MutexLock lock(mutex_);
  std::vector<TokenReport> reports;
  for (size_t i = 0; i < states_.size(); ++i) {
    reports.push_back({options_.tokens[i].label, states_[i].IsOpen(),
                       states_[i].why(), states_[i].token().keys});
  }
  return reports;
}

PoolLoad SessionCore::Load() {
  MutexLock lock(mutex_);
  PoolLoad load;
  load.waiting = queue_.size();
  for (const TokenOptions& token : options_.tokens) {
    load.tokens.push_back({token.label});
  }
  for (const auto& worker : workers_) {
    TokenLoad& token = load.tokens[worker->token];
    ++(worker->lost                      ? token.lost
       : worker->item                    ? token.busy
       : states_[worker->token].IsOpen() ? token.idle
                                         : token.closed);
  }
  return load;
}

size_t SessionCore::AddKey(const TokenKeyName& name) {
  MutexLock lock(mutex_);
  keys_.push_back(name);
  return keys_.size() - 1;
}

bool SessionCore::IsBroken() {
  MutexLock lock(mutex_);
  return AllBroken();
}

bool SessionCore::AllBroken() const {
  return std::all_of(states_.begin(), states_.end(),
                     [](const TokenState& state) { return state.IsBroken(); });
}

void SessionCore::WakeAll() {
  for (const auto& changed : changed_) {
    changed->NotifyAll();
  }
}

absl::Status SessionCore::MayWait(const SignItem& item, size_t count) const {
  if (stopping_ || AllBroken()) {
    return HsmUnavailable("is not reachable; see the log for its answer");
  }
  if (!IsAnyOf(item.only, item)) {
    return HsmUnavailable("has no such key in a token that is open");
  }
  if (queue_.size() + count > options_.most_waiting) {
    return Refuse(Reason::kOverloaded, "too many signatures wait");
  }
  return absl::OkStatus();
}

std::vector<absl::StatusOr<std::string>> SessionCore::Sign(
    absl::Time deadline, const std::shared_ptr<SignBatch>& batch,
    uint32_t tokens) {
  const size_t count = batch->inputs.size();
  MutexLock lock(mutex_);
  FindLostCalls();
  if (const absl::Status may = MayWait({batch, 0, tokens}, count); !may.ok()) {
    return std::vector<absl::StatusOr<std::string>>(count, may);
  }
  const absl::Time now = absl::Now();
  batch->outcomes.resize(count);
  batch->missing = count;
  for (size_t i = 0; i < count; ++i) {
    queue_.Append({batch, i, tokens, 0, 0, now});
    for (const auto& changed : changed_) {
      changed->NotifyOne();
    }
  }
  Await(deadline, *batch);
  while (
      queue_.Take([&](const SignItem& item) { return item.batch == batch; })) {
  }
  std::vector<absl::StatusOr<std::string>> outcomes;
  outcomes.reserve(count);
  for (size_t i = 0; i < count; ++i) {
    batch->Put(i, HsmUnavailable("did not answer in time"));
    // Moved: a late worker's copy of the batch shares no status with the
    // caller.
    outcomes.push_back(std::move(*batch->outcomes[i]));
  }
  return outcomes;
}

// Whoever waits looks for calls that hang meanwhile.
void SessionCore::Await(absl::Time deadline, SignBatch& batch) {
  deadline =
      std::min(deadline, absl::Now() + kMostCalls * options_.longest_call);
  while (batch.missing > 0 && absl::Now() < deadline) {
    const absl::Duration longest =
        std::min(deadline - absl::Now(), options_.longest_call / kMostCalls);
    batch.done.WaitFor(mutex_, absl::ToChronoNanoseconds(longest));
    FindLostCalls();
  }
}

// Whether a token of those could sign it, now or soon.
bool SessionCore::IsAnyOf(uint32_t tokens, const SignItem& item) const {
  for (size_t i = 0; i < states_.size(); ++i) {
    if ((tokens & item.only & Bit(i)) != 0 && !states_[i].IsBroken() &&
        (item.batch->job || states_[i].MayHave(item.batch->key))) {
      return true;
    }
  }
  return false;
}

bool SessionCore::MayTake(size_t token, const SignItem& item) const {
  return IsAnyOf(Bit(token), item) &&
         ((item.avoid & Bit(token)) == 0 || !IsAnyOf(~item.avoid, item));
}

// A key that came while the tokens were open, and is not in all of them.
void SessionCore::TryElsewhere(SignItem item, size_t token_without) {
  item.only &= ~Bit(token_without);
  if (!IsAnyOf(item.only, item)) {
    item.batch->Put(item.index,
                    HsmUnavailable("has no such key in a token that is open"));
    return;
  }
  queue_.Return(std::move(item));
  WakeAll();
}

// Of a token that failed again only when no other has the key.
void SessionCore::TryAgain(SignItem item, size_t failed_token, CK_RV value) {
  ++item.failures;
  const bool is_any_other = IsAnyOf(~Bit(failed_token), item);
  if (item.failures >= kMostFailures ||
      (!is_any_other && states_[failed_token].IsBroken())) {
    item.batch->Put(item.index,
                    HsmUnavailable(absl::StrCat("answered ", NameOf(value))));
    return;
  }
  if (is_any_other && RemedyFor(value) == Remedy::kNewToken) {
    item.avoid |= Bit(failed_token);
  }
  queue_.Return(std::move(item));
  WakeAll();
}

// What waits for a token that does not open goes to another, or fails.
void SessionCore::FindLostOpenings() {
  const absl::Time now = absl::Now();
  for (size_t i = 0; i < states_.size(); ++i) {
    if (states_[i].OpenHangs(now, options_.longest_call)) {
      events_.TokenWent(options_.tokens[i].label, states_[i].why(), false);
      WakeAll();
    }
  }
}

// Calls that take too long: their items go to another token, or fail.
void SessionCore::FindLostCalls() {
  const absl::Time now = absl::Now();
  for (const auto& worker : workers_) {
    if (!worker->item || worker->lost ||
        now - worker->since < options_.longest_call) {
      continue;
    }
    worker->lost = true;
    TokenState& state = states_[worker->token];
    if (state.SessionLost(now)) {
      events_.TokenWent(options_.tokens[worker->token].label, state.why(),
                        false);
    }
    SignItem item = *worker->item;
    if (IsAnyOf(~Bit(worker->token), item)) {
      item.avoid |= Bit(worker->token);
      queue_.Return(std::move(item));
      WakeAll();
    } else {
      item.batch->Put(item.index,
                      HsmUnavailable("does not come back from a call"));
    }
  }
  FindLostOpenings();
  if (AllBroken()) {
    FailWhatWaits();
  }
}

void SessionCore::FailWhatWaits() {
  while (auto item = queue_.Take([](const SignItem&) { return true; })) {
    item->batch->Put(item->index, HsmUnavailable("went away"));
  }
}

}  // namespace masa::signing
