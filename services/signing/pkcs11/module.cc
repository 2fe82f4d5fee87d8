#include "services/signing/pkcs11/module.h"

#include <dlfcn.h>

#include <algorithm>
#include <chrono>
#include <mutex>

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "services/signing/pkcs11/return_value.h"
#include "services/status/reason.h"

namespace masa::signing {
namespace {

constexpr auto kLongestWaitForCalls = std::chrono::milliseconds(200);

absl::Status Wrong(const std::string& path, const std::string& what) {
  return Refuse(Reason::kMisconfigured,
                absl::StrCat("PKCS#11 module ", path, ": ", what));
}

// Fixed fields end in blanks, not in a zero.
template <size_t kSize>
std::string TextOf(const CK_UTF8CHAR (&field)[kSize]) {
  const absl::string_view text(reinterpret_cast<const char*>(field), kSize);
  return std::string(absl::StripTrailingAsciiWhitespace(text));
}

}  // namespace

absl::StatusOr<std::unique_ptr<Pkcs11Module>> Pkcs11Module::Load(
    const std::string& path) {
  void* const library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) {
    return Wrong(path, absl::StrCat("it does not load: ", dlerror()));
  }
  const auto get_functions = reinterpret_cast<CK_C_GetFunctionList>(
      dlsym(library, "C_GetFunctionList"));
  CK_FUNCTION_LIST* functions = nullptr;
  if (get_functions == nullptr || get_functions(&functions) != CKR_OK ||
      functions == nullptr) {
    dlclose(library);
    return Wrong(path, "it has no list of PKCS#11 functions");
  }
  std::unique_ptr<Pkcs11Module> module(new Pkcs11Module(functions));
  const CK_RV value = module->Initialize();
  if (RemedyFor(value) != Remedy::kNone) {
    return Wrong(path, absl::StrCat("C_Initialize: ", NameOf(value)));
  }
  return module;
}

// The library stays loaded: vendors' modules have threads of their own, which
// may outlive this.
Pkcs11Module::~Pkcs11Module() { functions_->C_Finalize(nullptr); }

CK_RV Pkcs11Module::Initialize() {
  CK_C_INITIALIZE_ARGS arguments{};
  arguments.flags = CKF_OS_LOCKING_OK;
  return functions_->C_Initialize(&arguments);
}

std::string Pkcs11Module::Describe() {
  const Call call(*this);
  CK_INFO info{};
  if (const CK_RV value = call->C_GetInfo(&info); value != CKR_OK) {
    return absl::StrCat("no description (", NameOf(value), ")");
  }
  return absl::StrCat(
      TextOf(info.manufacturerID), " ", TextOf(info.libraryDescription), " ",
      info.libraryVersion.major, ".", info.libraryVersion.minor);
}

CK_RV Pkcs11Module::FindSlot(const std::string& token_label, CK_SLOT_ID* slot) {
  const CK_RV value = ReadSlots(token_label, slot);
  const CK_RV cause = restarted_;
  // What no new token helps against would not be tried again.
  return value == CKR_CRYPTOKI_NOT_INITIALIZED &&
                 RemedyFor(cause) == Remedy::kNewToken
             ? cause
             : value;
}

CK_RV Pkcs11Module::ReadSlots(const std::string& token_label,
                              CK_SLOT_ID* slot) {
  const Call call(*this);
  CK_ULONG count = 0;
  CK_RV value = call->C_GetSlotList(CK_TRUE, nullptr, &count);
  if (value != CKR_OK) {
    return value;
  }
  std::vector<CK_SLOT_ID> slots(count);
  value = call->C_GetSlotList(CK_TRUE, slots.data(), &count);
  if (value != CKR_OK) {
    return value;
  }
  slots.resize(std::min<size_t>(slots.size(), count));
  for (const CK_SLOT_ID candidate : slots) {
    CK_TOKEN_INFO info{};
    if (call->C_GetTokenInfo(candidate, &info) == CKR_OK &&
        TextOf(info.label) == token_label) {
      *slot = candidate;
      return CKR_OK;
    }
  }
  return CKR_TOKEN_NOT_PRESENT;
}

void Pkcs11Module::Restart() {
  const std::unique_lock<std::shared_timed_mutex> lock(restarting_,
                                                       kLongestWaitForCalls);
  if (!lock.owns_lock()) {
    return;
  }
  functions_->C_Finalize(nullptr);
  restarted_ = Initialize();
}

}  // namespace masa::signing
