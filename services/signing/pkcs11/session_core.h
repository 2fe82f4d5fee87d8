// What a session pool and its threads share: tokens' states, the queue, and
// who is in which call. The pool's own; see session_pool.h.
#ifndef SERVICES_SIGNING_PKCS11_SESSION_CORE_H_
#define SERVICES_SIGNING_PKCS11_SESSION_CORE_H_

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "services/executor/mutex.h"
#include "services/signing/pkcs11/session_pool.h"
#include "services/signing/pkcs11/sign_queue.h"
#include "services/signing/pkcs11/token_state.h"

namespace masa::signing {

// The threads that still run. Apart from the core, which a thread lets go
// before it says here that it ended.
struct Threads {
  Mutex mutex;
  Condition ended;
  size_t running ABSL_GUARDED_BY(mutex) = 0;
};

// Thread-safe.
class SessionCore : public std::enable_shared_from_this<SessionCore> {
 public:
  SessionCore(std::shared_ptr<Pkcs11Module> module,
              const SessionPoolOptions& options, TokenEvents& events);

  void Start();
  void Stop();
  std::vector<TokenReport> Report();
  PoolLoad Load();
  bool IsBroken();
  size_t AddKey(const TokenKeyName& name);
  std::vector<absl::StatusOr<std::string>> Sign(
      absl::Time deadline, const std::shared_ptr<SignBatch>& batch,
      uint32_t tokens);

 private:
  // A thread and its session.
  struct Worker {
    explicit Worker(size_t of_token) : token(of_token) {}
    const size_t token;
    CK_SESSION_HANDLE session = CK_INVALID_HANDLE;
    uint64_t life = 0;  // of the token, when the session was opened; 0: none
    // Under the mutex: the call that it is in.
    std::optional<SignItem> item;
    absl::Time since;
    bool lost = false;
  };
  // What a worker does next: opens its token, or signs.
  struct Task {
    bool open_token = false;
    SignItem item;
    CK_SLOT_ID slot = 0;
    CK_OBJECT_HANDLE key = CK_INVALID_HANDLE;
    std::optional<TokenKeyName> wanted;  // the key is to be looked for first
    bool is_missing = false;             // and was not there
    uint64_t life = 0;
  };

  void Work(Worker& worker);
  std::optional<Task> Next(Worker& worker);
  std::optional<Task> TaskFor(Worker& worker)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void OpenToken(size_t token);
  // Whether the module was begun anew for `token`, which did not open.
  bool RestartFor(size_t token);
  void TokenWasTried(size_t token, CK_RV value, signing::OpenToken opened);
  void SignOneItem(Worker& worker, Task& task);
  CK_RV SignInSession(Worker& worker, Task& task, std::string* signature);
  CK_RV AskToken(Worker& worker, Task& task, std::string* answer);
  void Finish(Worker& worker, const Task& task, CK_RV value,
              std::string signature);
  void TryElsewhere(SignItem item, size_t token_without)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void TryAgain(SignItem item, size_t failed_token, CK_RV value)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  absl::Status MayWait(const SignItem& item, size_t count) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void Await(absl::Time deadline, SignBatch& batch)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void FindLostCalls() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void FindLostOpenings() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void FailWhatWaits() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  bool MayTake(size_t token, const SignItem& item) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  bool IsAnyOf(uint32_t tokens, const SignItem& item) const
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  bool AllBroken() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void WakeAll() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const std::shared_ptr<Pkcs11Module> module_;
  const SessionPoolOptions options_;
  TokenEvents& events_;
  Mutex mutex_;
  std::vector<TokenState> states_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::unique_ptr<Condition>> changed_;  // of each token
  Condition seen_;                                   // a token was tried
  SignQueue queue_ ABSL_GUARDED_BY(mutex_);
  std::vector<TokenKeyName> keys_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::unique_ptr<Worker>> workers_;
  const std::shared_ptr<Threads> threads_ = std::make_shared<Threads>();
  // The module is begun anew: no token may be opened meanwhile.
  bool restarting_ ABSL_GUARDED_BY(mutex_) = false;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace masa::signing

#endif  // SERVICES_SIGNING_PKCS11_SESSION_CORE_H_
