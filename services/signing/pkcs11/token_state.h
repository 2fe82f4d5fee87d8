// Whether a token can be asked, and when it is worth trying again: the rules of
// the circuit breaker. No I/O, no clock of its own; not thread-safe.
#ifndef SERVICES_SIGNING_PKCS11_TOKEN_STATE_H_
#define SERVICES_SIGNING_PKCS11_TOKEN_STATE_H_

#include <cstdint>
#include <string>
#include <utility>

#include "absl/time/time.h"
#include "services/signing/pkcs11/token.h"

namespace masa::signing {

class TokenState {
 public:
  struct Pauses {
    absl::Duration least;
    absl::Duration most;
  };

  TokenState(int sessions, Pauses pauses)
      : sessions_(sessions), pauses_(pauses) {}

  // It was opened: its sessions and keys are those of a new life. True when it
  // was gone for everyone to see.
  bool Opened(OpenToken token);
  // It could not be opened. True when this is news.
  bool OpenFailed(CK_RV value, absl::Time now);
  // A call failed in a way that takes a new login; calls of an earlier life
  // say nothing about this one.
  void CallFailed(uint64_t life, CK_RV value, absl::Time now);
  // A signature came.
  void CallWorked();
  // A call hangs, or came back after all. True when this is news: no session
  // is left, or one is again.
  bool SessionLost(absl::Time now);
  void SessionFound() { --lost_sessions_; }

  // It takes `longest` or more to open: it counts as one that could not be
  // opened, until it was or could not. True when this is news.
  bool OpenHangs(absl::Time now, absl::Duration longest);

  // One thread opens a token, and only when its pause is over.
  bool IsToBeOpened(absl::Time now) const {
    return !open_ && !refused_ && !opening_ && now >= next_attempt_;
  }
  void Opening(absl::Time now) {
    opening_ = true;
    opening_since_ = now;
  }
  bool IsOpening() const { return opening_; }

  bool IsOpen() const { return open_; }
  // Calls would fail at once: it did not open when it was tried.
  bool IsBroken() const { return refused_ || (!open_ && failures_ > 0); }
  bool IsRefused() const { return refused_; }
  bool IsSeen() const { return seen_; }
  absl::Time next_attempt() const { return next_attempt_; }
  uint64_t life() const { return life_; }
  const OpenToken& token() const { return token_; }
  const std::string& why() const { return why_; }
  // It was looked for and is there, or nobody has looked for it yet: for keys
  // that came after the token was opened.
  bool MayHave(size_t key) const {
    return !IsLookedFor(key) || token_.keys[key].handle != CK_INVALID_HANDLE;
  }
  bool IsLookedFor(size_t key) const {
    return key < token_.keys.size() && token_.keys[key].found != kNotLookedFor;
  }
  // It is there, in this life. What is not there may come, and is looked for
  // again.
  void KeyFound(uint64_t life, size_t number, const TokenKey& key);

 private:
  void Pause(absl::Time now);

  const int sessions_;
  const Pauses pauses_;
  OpenToken token_;  // of the last life
  bool open_ = false;
  bool opening_ = false;
  // InfiniteFuture: it was seen that it hangs.
  absl::Time opening_since_ = absl::InfiniteFuture();
  bool refused_ = false;
  bool seen_ = false;  // was opened, or tried
  uint64_t life_ = 0;
  int failures_ = 0;  // to open, one after the other
  int lost_sessions_ = 0;
  absl::Duration pause_;
  absl::Time next_attempt_ = absl::InfinitePast();
  std::string why_;
};

}  // namespace masa::signing

#endif  // SERVICES_SIGNING_PKCS11_TOKEN_STATE_H_
