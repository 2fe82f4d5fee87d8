// A pool's threads: each opens what is to be opened, or signs.
#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "services/signing/pkcs11/hsm_refusal.h"
#include "services/signing/pkcs11/return_value.h"
#include "services/signing/pkcs11/session_core.h"

namespace masa::signing {
namespace {

// Versions of keys may still come to a token: those are looked for again.
void ForgetWhatIsMissing(size_t first, signing::OpenToken* token) {
  for (size_t i = first; i < token->keys.size(); ++i) {
    if (token->keys[i].found == 0) {
      token->keys[i].found = kNotLookedFor;
    }
  }
}

}  // namespace

void SessionCore::Work(Worker& worker) {
  while (std::optional<Task> task = Next(worker)) {
    if (task->open_token) {
      OpenToken(worker.token);
    } else {
      SignOneItem(worker, *task);
    }
  }
  if (worker.life != 0) {
    Pkcs11Module::Call(*module_)->C_CloseSession(worker.session);
  }
}

// Nothing: the pool ends.
std::optional<SessionCore::Task> SessionCore::Next(Worker& worker) {
  MutexLock lock(mutex_);
  while (!stopping_) {
    if (std::optional<Task> task = TaskFor(worker)) {
      return task;
    }
    const TokenState& state = states_[worker.token];
    if (state.IsOpen() || state.IsRefused()) {
      changed_[worker.token]->Wait(mutex_);
    } else {
      changed_[worker.token]->WaitFor(
          mutex_, absl::ToChronoNanoseconds(
                      std::clamp(state.next_attempt() - absl::Now(),
                                 options_.least_pause, options_.most_pause)));
    }
  }
  return std::nullopt;
}

std::optional<SessionCore::Task> SessionCore::TaskFor(Worker& worker) {
  TokenState& state = states_[worker.token];
  const absl::Time now = absl::Now();
  if (!restarting_ && state.IsToBeOpened(now)) {
    state.Opening(now);
    Task open;
    open.open_token = true;
    return open;
  }
  if (!state.IsOpen()) {
    return std::nullopt;
  }
  std::optional<SignItem> item =
      queue_.Take([&](const SignItem& one) ABSL_NO_THREAD_SAFETY_ANALYSIS {
        return MayTake(worker.token, one);
      });
  if (!item) {
    return std::nullopt;
  }
  worker.item = item;
  worker.since = absl::Now();
  if (item->failures == 0) {
    events_.Waited(worker.since - item->queued);
  }
  Task task;
  task.slot = state.token().slot;
  task.life = state.life();
  const size_t key = item->batch->key;
  if (!item->batch->job && state.IsLookedFor(key)) {
    task.key = state.token().keys[key].handle;
  } else if (!item->batch->job) {
    task.wanted = keys_[key];
  }
  task.item = *std::move(item);
  return task;
}

// Only while no other token is open or being opened, since the others' sessions
// end with it. So of several that fail at once the last one does it.
bool SessionCore::RestartFor(size_t token) {
  {
    MutexLock lock(mutex_);
    for (size_t i = 0; i < states_.size(); ++i) {
      if (states_[i].IsOpen() || (i != token && states_[i].IsOpening())) {
        return false;
      }
    }
    restarting_ = true;
  }
  module_->Restart();
  MutexLock lock(mutex_);
  restarting_ = false;
  WakeAll();
  return true;
}

void SessionCore::OpenToken(size_t token) {
  signing::OpenToken before, opened;
  std::vector<TokenKeyName> keys;
  {
    MutexLock lock(mutex_);
    keys = keys_;
    before = states_[token].token();
  }
  const TokenOptions& options = options_.tokens[token];
  if (before.keeper != CK_INVALID_HANDLE) {
    CloseToken(*module_, before);
  }
  const auto open = [&] {
    return OpenTokenNamed(*module_, options.label, options.pin, keys, &opened);
  };
  CK_RV value = open();
  if (RemedyFor(value) == Remedy::kNewToken && RestartFor(token)) {
    value = open();
  }
  ForgetWhatIsMissing(options_.keys.size(), &opened);
  TokenWasTried(token, value, std::move(opened));
}

void SessionCore::TokenWasTried(size_t token, CK_RV value,
                                signing::OpenToken opened) {
  const TokenOptions& options = options_.tokens[token];
  MutexLock lock(mutex_);
  TokenState& state = states_[token];
  if (value == CKR_OK) {
    if (state.Opened(std::move(opened)) && !stopping_) {
      events_.TokenCame(options.label);
    }
  } else if (state.OpenFailed(value, absl::Now()) && !stopping_) {
    events_.TokenWent(options.label, state.why(), state.IsRefused());
  }
  if (AllBroken()) {
    FailWhatWaits();
  }
  changed_[token]->NotifyAll();
  seen_.NotifyAll();
}

void SessionCore::SignOneItem(Worker& worker, Task& task) {
  std::string signature;
  const CK_RV value = SignInSession(worker, task, &signature);
  Finish(worker, task, value, std::move(signature));
}

// What the task is for, in a session that is open.
CK_RV SessionCore::AskToken(Worker& worker, Task& task, std::string* answer) {
  const SignBatch& batch = *task.item.batch;
  if (batch.job) {
    return batch.job(task.slot, worker.session, answer);
  }
  if (task.wanted) {
    TokenKey found;
    const CK_RV value = FindKey(*module_, worker.session, *task.wanted, &found);
    task.is_missing = value == CKR_OK && found.handle == CK_INVALID_HANDLE;
    if (value != CKR_OK || task.is_missing) {
      return value;
    }
    task.key = found.handle;
    MutexLock lock(mutex_);
    states_[worker.token].KeyFound(task.life, batch.key, found);
  }
  return SignOnce(*module_, worker.session, batch.mechanism, task.key,
                  batch.inputs[task.item.index], answer);
}

CK_RV SessionCore::SignInSession(Worker& worker, Task& task,
                                 std::string* signature) {
  if (worker.life != task.life) {
    const CK_RV opened = OpenSession(*module_, task.slot, &worker.session);
    worker.life = opened == CKR_OK ? task.life : 0;
    if (opened != CKR_OK) {
      return opened;
    }
  }
  const CK_RV value = AskToken(worker, task, signature);
  if (RemedyFor(value) == Remedy::kNewSession ||
      RemedyFor(value) == Remedy::kNewToken) {
    Pkcs11Module::Call(*module_)->C_CloseSession(worker.session);
    worker.life = 0;
  }
  return value;
}

void SessionCore::Finish(Worker& worker, const Task& task, CK_RV value,
                         std::string signature) {
  MutexLock lock(mutex_);
  worker.item.reset();
  TokenState& state = states_[worker.token];
  const bool was_lost = std::exchange(worker.lost, false);
  if (was_lost) {
    state.SessionFound();
  }
  const Remedy remedy = RemedyFor(value);
  if (remedy == Remedy::kNewToken) {
    state.CallFailed(task.life, value, absl::Now());
  }
  SignItem item = task.item;
  if (task.is_missing) {
    TryElsewhere(std::move(item), worker.token);
  } else if (remedy == Remedy::kNone) {
    state.CallWorked();
    item.batch->Put(item.index, std::move(signature));
  } else if (remedy == Remedy::kNever) {
    item.batch->Put(item.index,
                    HsmUnavailable(absl::StrCat("answered ", NameOf(value))));
  } else if (!was_lost && !stopping_) {
    TryAgain(std::move(item), worker.token, value);
  }
}

}  // namespace masa::signing
