#include "services/signing/pkcs11/token_state.h"

#include <algorithm>

#include "services/signing/pkcs11/return_value.h"

namespace masa::signing {

bool TokenState::Opened(OpenToken token) {
  const bool was_broken = IsBroken();
  token_ = std::move(token);
  open_ = seen_ = true;
  opening_ = false;
  failures_ = 0;
  ++life_;
  why_.clear();
  return was_broken;
}

bool TokenState::OpenFailed(CK_RV value, absl::Time now) {
  const bool was_broken = IsBroken();
  opening_ = false;
  seen_ = true;
  ++failures_;
  refused_ = IsAboutThePin(value);
  why_ = NameOf(value);
  Pause(now);
  return !was_broken || refused_;
}

bool TokenState::OpenHangs(absl::Time now, absl::Duration longest) {
  if (!opening_ || now - opening_since_ < longest) {
    return false;
  }
  const bool was_broken = IsBroken();
  opening_since_ = absl::InfiniteFuture();
  seen_ = true;
  ++failures_;
  why_ = "it does not come back from being opened";
  return !was_broken;
}

void TokenState::CallFailed(uint64_t life, CK_RV value, absl::Time now) {
  if (life != life_ || !open_) {
    return;
  }
  open_ = false;
  why_ = NameOf(value);
  // At once the first time: often a login is all that was lost.
  next_attempt_ = now + pause_;
  pause_ = std::clamp(2 * pause_, pauses_.least, pauses_.most);
}

void TokenState::KeyFound(uint64_t life, size_t number, const TokenKey& key) {
  if (life != life_) {
    return;
  }
  while (token_.keys.size() <= number) {
    token_.keys.push_back({CK_INVALID_HANDLE, kNotLookedFor, false});
  }
  token_.keys[number] = key;
}

void TokenState::CallWorked() { pause_ = absl::ZeroDuration(); }

bool TokenState::SessionLost(absl::Time now) {
  ++lost_sessions_;
  if (lost_sessions_ < sessions_ || !open_) {
    return false;
  }
  open_ = false;
  ++failures_;
  why_ = "all of its sessions hang";
  Pause(now);
  return true;
}

void TokenState::Pause(absl::Time now) {
  pause_ = std::clamp(2 * pause_, pauses_.least, pauses_.most);
  next_attempt_ = now + pause_;
}

}  // namespace masa::signing
