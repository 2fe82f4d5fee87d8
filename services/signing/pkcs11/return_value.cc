#include "services/signing/pkcs11/return_value.h"

#include "absl/strings/str_cat.h"

namespace masa::signing {
namespace {

struct Known {
  CK_RV value;
  const char* name;
  Remedy remedy;
};

constexpr Known kKnown[] = {
    {CKR_OK, "CKR_OK", Remedy::kNone},
    {CKR_HOST_MEMORY, "CKR_HOST_MEMORY", Remedy::kNewToken},
    {CKR_SLOT_ID_INVALID, "CKR_SLOT_ID_INVALID", Remedy::kNewToken},
    {CKR_GENERAL_ERROR, "CKR_GENERAL_ERROR", Remedy::kNewToken},
    {CKR_FUNCTION_FAILED, "CKR_FUNCTION_FAILED", Remedy::kNewToken},
    {CKR_ARGUMENTS_BAD, "CKR_ARGUMENTS_BAD", Remedy::kNever},
    {CKR_DATA_INVALID, "CKR_DATA_INVALID", Remedy::kNever},
    {CKR_DATA_LEN_RANGE, "CKR_DATA_LEN_RANGE", Remedy::kNever},
    {CKR_DEVICE_ERROR, "CKR_DEVICE_ERROR", Remedy::kNewToken},
    {CKR_DEVICE_MEMORY, "CKR_DEVICE_MEMORY", Remedy::kNewToken},
    {CKR_DEVICE_REMOVED, "CKR_DEVICE_REMOVED", Remedy::kNewToken},
    {CKR_KEY_HANDLE_INVALID, "CKR_KEY_HANDLE_INVALID", Remedy::kNewToken},
    {CKR_KEY_TYPE_INCONSISTENT, "CKR_KEY_TYPE_INCONSISTENT", Remedy::kNever},
    {CKR_KEY_FUNCTION_NOT_PERMITTED, "CKR_KEY_FUNCTION_NOT_PERMITTED",
     Remedy::kNever},
    {CKR_MECHANISM_INVALID, "CKR_MECHANISM_INVALID", Remedy::kNever},
    {CKR_MECHANISM_PARAM_INVALID, "CKR_MECHANISM_PARAM_INVALID",
     Remedy::kNever},
    {CKR_OBJECT_HANDLE_INVALID, "CKR_OBJECT_HANDLE_INVALID", Remedy::kNewToken},
    {CKR_OPERATION_ACTIVE, "CKR_OPERATION_ACTIVE", Remedy::kNewSession},
    {CKR_OPERATION_NOT_INITIALIZED, "CKR_OPERATION_NOT_INITIALIZED",
     Remedy::kNewSession},
    {CKR_PIN_INCORRECT, "CKR_PIN_INCORRECT", Remedy::kNever},
    {CKR_PIN_INVALID, "CKR_PIN_INVALID", Remedy::kNever},
    {CKR_PIN_LEN_RANGE, "CKR_PIN_LEN_RANGE", Remedy::kNever},
    {CKR_PIN_EXPIRED, "CKR_PIN_EXPIRED", Remedy::kNever},
    {CKR_PIN_LOCKED, "CKR_PIN_LOCKED", Remedy::kNever},
    {CKR_SESSION_CLOSED, "CKR_SESSION_CLOSED", Remedy::kNewSession},
    {CKR_SESSION_COUNT, "CKR_SESSION_COUNT", Remedy::kNewToken},
    {CKR_SESSION_HANDLE_INVALID, "CKR_SESSION_HANDLE_INVALID",
     Remedy::kNewSession},
    {CKR_TOKEN_NOT_PRESENT, "CKR_TOKEN_NOT_PRESENT", Remedy::kNewToken},
    {CKR_TOKEN_NOT_RECOGNIZED, "CKR_TOKEN_NOT_RECOGNIZED", Remedy::kNewToken},
    {CKR_USER_ALREADY_LOGGED_IN, "CKR_USER_ALREADY_LOGGED_IN", Remedy::kNone},
    {CKR_USER_NOT_LOGGED_IN, "CKR_USER_NOT_LOGGED_IN", Remedy::kNewToken},
    {CKR_USER_PIN_NOT_INITIALIZED, "CKR_USER_PIN_NOT_INITIALIZED",
     Remedy::kNever},
    {CKR_USER_TYPE_INVALID, "CKR_USER_TYPE_INVALID", Remedy::kNever},
    {CKR_CRYPTOKI_NOT_INITIALIZED, "CKR_CRYPTOKI_NOT_INITIALIZED",
     Remedy::kNewToken},
    {CKR_CRYPTOKI_ALREADY_INITIALIZED, "CKR_CRYPTOKI_ALREADY_INITIALIZED",
     Remedy::kNone},
    {CKR_BUFFER_TOO_SMALL, "CKR_BUFFER_TOO_SMALL", Remedy::kNever},
};

const Known* Find(CK_RV value) {
  for (const Known& known : kKnown) {
    if (known.value == value) {
      return &known;
    }
  }
  return nullptr;
}

}  // namespace

std::string NameOf(CK_RV value) {
  const Known* const known = Find(value);
  return known != nullptr ? known->name
                          : absl::StrCat("CK_RV 0x", absl::Hex(value));
}

// A vendor's own code says nothing that we know: it is taken for trouble with
// the token, which another may not have.
Remedy RemedyFor(CK_RV value) {
  const Known* const known = Find(value);
  return known != nullptr ? known->remedy : Remedy::kNewToken;
}

bool IsAboutThePin(CK_RV value) {
  switch (value) {
    case CKR_PIN_INCORRECT:
    case CKR_PIN_INVALID:
    case CKR_PIN_LEN_RANGE:
    case CKR_PIN_EXPIRED:
    case CKR_PIN_LOCKED:
    case CKR_USER_PIN_NOT_INITIALIZED:
      return true;
    default:
      return false;
  }
}

}  // namespace masa::signing
