// The switches of test_misbehaving_module: a PKCS#11 module that forwards to
// SoftHSM and can be slow, fail, hang, lie or forget. A test in the same
// process finds them under this name; a drill around the process writes the
// file that the variable MASA_TEST_MISBEHAVIOUR names.
#ifndef SERVICES_SIGNING_PKCS11_TEST_MISBEHAVIOUR_H_
#define SERVICES_SIGNING_PKCS11_TEST_MISBEHAVIOUR_H_

#include <dlfcn.h>

#include <atomic>
#include <condition_variable>
#include <mutex>

#include "p11-kit-1/p11-kit/pkcs11.h"

namespace masa::signing {

// Thread-safe.
struct Misbehaviour {
  // Each C_Sign takes so many microseconds more.
  std::atomic<int> sign_microseconds{0};
  // So many of the next calls fail, with this value.
  std::atomic<int> sign_failures{0};
  std::atomic<int> open_session_failures{0};
  std::atomic<int> login_failures{0};
  std::atomic<int> slot_failures{0};
  std::atomic<int> make_key_failures{0};
  std::atomic<CK_RV> failure{CKR_DEVICE_ERROR};
  // Only of the token with this label; null: of all.
  std::atomic<const char*> only_token{nullptr};
  // So many of the next signatures have a wrong bit.
  std::atomic<int> wrong_signatures{0};
  // C_Sign of the next so many calls waits for LetGo.
  std::atomic<int> hanging_calls{0};
  // C_Login of the next so many does.
  std::atomic<int> hanging_logins{0};
  // Nothing answers, as when the HSM's daemon is gone.
  std::atomic<bool> gone{false};

  std::atomic<int> logins{0};
  std::atomic<int> sessions_opened{0};
  std::atomic<int> initialisations{0};
  std::atomic<int> keys_asked_for{0};

  // As new: a library stays loaded from one test to the next.
  void Reset() {
    sign_microseconds = sign_failures = open_session_failures = 0;
    login_failures = slot_failures = wrong_signatures = hanging_calls = 0;
    hanging_logins = 0;
    make_key_failures = keys_asked_for = 0;
    logins = sessions_opened = initialisations = 0;
    failure = CKR_DEVICE_ERROR;
    only_token = nullptr;
    gone = false;
    const std::lock_guard<std::mutex> lock(mutex);
    let_go = false;
    hanging = 0;
  }

  void LetGo() {
    const std::lock_guard<std::mutex> lock(mutex);
    let_go = true;
    changed.notify_all();
  }
  void WaitToBeLetGo() {
    std::unique_lock<std::mutex> lock(mutex);
    ++hanging;
    changed.notify_all();
    changed.wait(lock, [this] { return let_go; });
  }
  // Until so many calls hang, or have hung.
  void WaitForHanging(int count) {
    std::unique_lock<std::mutex> lock(mutex);
    changed.wait(lock, [this, count] { return hanging >= count; });
  }

  std::mutex mutex;
  std::condition_variable changed;
  bool let_go = false;
  int hanging = 0;
};

inline constexpr char kMisbehavingModule[] =
    "services/signing/pkcs11/libtest_misbehaving_module.so";

// Of the module in this process, reset; null when it is not loaded.
inline Misbehaviour* GetMisbehaviour(const char* path = kMisbehavingModule) {
  void* const library = dlopen(path, RTLD_NOW | RTLD_NOLOAD);
  if (library == nullptr) {
    return nullptr;
  }
  Misbehaviour* const misbehaviour = reinterpret_cast<Misbehaviour* (*)()>(
      dlsym(library, "MasaGetMisbehaviour"))();
  misbehaviour->Reset();
  return misbehaviour;
}

}  // namespace masa::signing

#endif  // SERVICES_SIGNING_PKCS11_TEST_MISBEHAVIOUR_H_
