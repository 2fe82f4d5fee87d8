// Signatures that wait for a session, first come first served. Not
// thread-safe.
#ifndef SERVICES_SIGNING_PKCS11_SIGN_QUEUE_H_
#define SERVICES_SIGNING_PKCS11_SIGN_QUEUE_H_

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "p11-kit-1/p11-kit/pkcs11.h"
#include "services/executor/mutex.h"

namespace masa::signing {

// Something else than a signature, done in a session: CKR_OK with an answer, or
// why it was not done.
using TokenJob = std::function<CK_RV(CK_SLOT_ID slot, CK_SESSION_HANDLE session,
                                     std::string* answer)>;

// What one caller waits for.
struct SignBatch {
  TokenJob job;  // instead of the next two; none: signatures
  size_t key = 0;
  CK_MECHANISM_TYPE mechanism = CKM_ECDSA;
  std::vector<std::string> inputs;
  std::vector<std::optional<absl::StatusOr<std::string>>> outcomes;
  size_t missing = 0;  // outcomes
  Condition done;      // all are there

  void Put(size_t index, absl::StatusOr<std::string> outcome) {
    if (outcomes[index].has_value()) {
      return;  // a call that hung came back after another token answered
    }
    outcomes[index] = std::move(outcome);
    if (--missing == 0) {
      done.NotifyAll();
    }
  }
};

struct SignItem {
  std::shared_ptr<SignBatch> batch;
  size_t index = 0;
  uint32_t only = 0;   // the tokens that may be asked, by bit
  uint32_t avoid = 0;  // of those, the ones to be asked last
  int failures = 0;
  absl::Time queued = {};  // when it came first
};

class SignQueue {
 public:
  size_t size() const { return items_.size(); }
  void Append(SignItem item) { items_.push_back(std::move(item)); }
  // Before those that came later.
  void Return(SignItem item) { items_.push_front(std::move(item)); }

  // The first that `suits`, which sees each in turn.
  template <typename Suits>
  std::optional<SignItem> Take(const Suits& suits) {
    for (auto item = items_.begin(); item != items_.end(); ++item) {
      if (suits(*item)) {
        SignItem taken = std::move(*item);
        items_.erase(item);
        return taken;
      }
    }
    return std::nullopt;
  }

 private:
  std::deque<SignItem> items_;
};

}  // namespace masa::signing

#endif  // SERVICES_SIGNING_PKCS11_SIGN_QUEUE_H_
