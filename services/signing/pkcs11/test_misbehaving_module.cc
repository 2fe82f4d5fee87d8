// See test_misbehaviour.h. A shared object; the module behind it is SoftHSM.
#include <dlfcn.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <fstream>
#include <map>
#include <string>

#include "services/signing/pkcs11/test_misbehaviour.h"

namespace masa::signing {
namespace {

constexpr char kSoftHsm[] = "/usr/lib/softhsm/libsofthsm2.so";

Misbehaviour& Behaviour() {
  static auto& behaviour = *new Misbehaviour;
  return behaviour;
}

CK_FUNCTION_LIST* Real() {
  static CK_FUNCTION_LIST* const real = [] {
    void* const library = dlopen(kSoftHsm, RTLD_NOW | RTLD_LOCAL);
    CK_FUNCTION_LIST* functions = nullptr;
    if (library != nullptr) {
      reinterpret_cast<CK_C_GetFunctionList>(
          dlsym(library, "C_GetFunctionList"))(&functions);
    }
    return functions;
  }();
  return real;
}

// Which slot a session is of.
struct Places {
  std::mutex mutex;
  std::map<CK_SESSION_HANDLE, CK_SLOT_ID> sessions;
};

Places& AllPlaces() {
  static auto& places = *new Places;
  return places;
}

bool IsMeantSlot(CK_SLOT_ID slot) {
  const char* const only = Behaviour().only_token;
  CK_TOKEN_INFO info{};
  return only == nullptr ||
         (Real()->C_GetTokenInfo(slot, &info) == CKR_OK &&
          std::memcmp(info.label, only, std::strlen(only)) == 0);
}

bool IsMeantSession(CK_SESSION_HANDLE session) {
  Places& places = AllPlaces();
  CK_SLOT_ID slot = 0;
  {
    const std::lock_guard<std::mutex> lock(places.mutex);
    const auto found = places.sessions.find(session);
    if (found == places.sessions.end()) {
      return Behaviour().only_token == nullptr;
    }
    slot = found->second;
  }
  return IsMeantSlot(slot);
}

// Takes one of `left`, if there is one.
bool TakeOne(std::atomic<int>& left) {
  int now = left;
  while (now > 0) {
    if (left.compare_exchange_weak(now, now - 1)) {
      return true;
    }
  }
  return false;
}

// What someone outside of the process wants of it: `hang`, `fail`, `slow` and
// microseconds, or nothing, in the file that MASA_TEST_MISBEHAVIOUR names.
struct Wish {
  std::string word;
  int number = 0;
};

Wish ReadWish() {
  static const char* const path = std::getenv("MASA_TEST_MISBEHAVIOUR");
  Wish wish;
  if (path != nullptr) {
    std::ifstream(path) >> wish.word >> wish.number;
  }
  return wish;
}

// CKR_OK, or how the call ends instead.
CK_RV ObeyWish() {
  Wish wish = ReadWish();
  while (wish.word == "hang") {
    usleep(10'000);
    wish = ReadWish();
  }
  if (wish.word == "slow") {
    usleep(wish.number);
  }
  return wish.word == "fail" ? CKR_DEVICE_ERROR : CKR_OK;
}

CK_RV Initialize(void* arguments) {
  if (Behaviour().gone) {
    return CKR_DEVICE_ERROR;
  }
  ++Behaviour().initialisations;
  return Real()->C_Initialize(arguments);
}

CK_RV GetSlotList(unsigned char with_token, CK_SLOT_ID* slots,
                  CK_ULONG* count) {
  if (Behaviour().gone || TakeOne(Behaviour().slot_failures)) {
    return Behaviour().failure;
  }
  return Real()->C_GetSlotList(with_token, slots, count);
}

CK_RV OpenSession(CK_SLOT_ID slot, CK_FLAGS flags, void* application,
                  CK_NOTIFY notify, CK_SESSION_HANDLE* session) {
  if (Behaviour().gone ||
      (IsMeantSlot(slot) && TakeOne(Behaviour().open_session_failures))) {
    return Behaviour().failure;
  }
  const CK_RV value =
      Real()->C_OpenSession(slot, flags, application, notify, session);
  if (value == CKR_OK) {
    ++Behaviour().sessions_opened;
    Places& places = AllPlaces();
    const std::lock_guard<std::mutex> lock(places.mutex);
    places.sessions[*session] = slot;
  }
  return value;
}

CK_RV Login(CK_SESSION_HANDLE session, CK_USER_TYPE user, unsigned char* pin,
            CK_ULONG length) {
  ++Behaviour().logins;
  if (IsMeantSession(session) && TakeOne(Behaviour().login_failures)) {
    return Behaviour().failure;
  }
  if (IsMeantSession(session) && TakeOne(Behaviour().hanging_logins)) {
    Behaviour().WaitToBeLetGo();
  }
  return Real()->C_Login(session, user, pin, length);
}

CK_RV GenerateKeyPair(CK_SESSION_HANDLE session, CK_MECHANISM* mechanism,
                      CK_ATTRIBUTE* for_public, CK_ULONG public_count,
                      CK_ATTRIBUTE* for_private, CK_ULONG private_count,
                      CK_OBJECT_HANDLE* public_key,
                      CK_OBJECT_HANDLE* private_key) {
  ++Behaviour().keys_asked_for;
  if (IsMeantSession(session) && TakeOne(Behaviour().make_key_failures)) {
    return Behaviour().failure;
  }
  return Real()->C_GenerateKeyPair(session, mechanism, for_public, public_count,
                                   for_private, private_count, public_key,
                                   private_key);
}

CK_RV Sign(CK_SESSION_HANDLE session, unsigned char* data, CK_ULONG length,
           unsigned char* signature, CK_ULONG* signature_length) {
  Misbehaviour& behaviour = Behaviour();
  const bool is_meant = IsMeantSession(session);
  if (behaviour.gone) {
    return behaviour.failure;
  }
  if (is_meant && TakeOne(behaviour.hanging_calls)) {
    behaviour.WaitToBeLetGo();
  }
  if (const int longer = behaviour.sign_microseconds; longer > 0) {
    usleep(longer);
  }
  if (const CK_RV wished = ObeyWish(); wished != CKR_OK) {
    return wished;
  }
  const CK_RV value =
      Real()->C_Sign(session, data, length, signature, signature_length);
  if (is_meant && TakeOne(behaviour.sign_failures)) {
    return behaviour.failure;
  }
  if (value == CKR_OK && TakeOne(behaviour.wrong_signatures)) {
    signature[*signature_length / 2] ^= 1;
  }
  return value;
}

}  // namespace
}  // namespace masa::signing

extern "C" {

__attribute__((visibility("default"))) masa::signing::Misbehaviour*
MasaGetMisbehaviour() {
  return &masa::signing::Behaviour();
}

__attribute__((visibility("default"))) CK_RV C_GetFunctionList(
    CK_FUNCTION_LIST** functions) {
  using namespace masa::signing;  // NOLINT: names of this file
  if (Real() == nullptr) {
    return CKR_GENERAL_ERROR;
  }
  static CK_FUNCTION_LIST ours = *Real();
  ours.C_Initialize = &Initialize;
  ours.C_GetSlotList = &GetSlotList;
  ours.C_OpenSession = &OpenSession;
  ours.C_Login = &Login;
  ours.C_GenerateKeyPair = &GenerateKeyPair;
  ours.C_Sign = &Sign;
  *functions = &ours;
  return CKR_OK;
}

}  // extern "C"
