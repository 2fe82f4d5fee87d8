#include "services/signing/pkcs11/token.h"

#include "services/signing/pkcs11/return_value.h"

namespace masa::signing {
namespace {

// Of RSA with 4096 bits; the longest that we use.
constexpr size_t kLongestSignature = 512;

CK_UTF8CHAR* Octets(absl::string_view text) {
  // PKCS#11 has no const; the functions called do not write here.
  return reinterpret_cast<CK_UTF8CHAR*>(const_cast<char*>(text.data()));
}

CK_RV LogIn(Pkcs11Module& module, CK_SESSION_HANDLE session,
            const std::string& pin) {
  const Pkcs11Module::Call call(module);
  const CK_RV value = call->C_Login(session, CKU_USER, Octets(pin), pin.size());
  return RemedyFor(value) == Remedy::kNone ? CKR_OK : value;
}

}  // namespace

CK_RV FindObject(Pkcs11Module& module, CK_SESSION_HANDLE session,
                 absl::Span<CK_ATTRIBUTE> wanted, CK_OBJECT_HANDLE* object,
                 int* found) {
  const Pkcs11Module::Call call(module);
  CK_RV value = call->C_FindObjectsInit(session, wanted.data(), wanted.size());
  if (value != CKR_OK) {
    return value;
  }
  CK_OBJECT_HANDLE handles[2] = {CK_INVALID_HANDLE, CK_INVALID_HANDLE};
  CK_ULONG count = 0;
  value = call->C_FindObjects(session, handles, 2, &count);
  call->C_FindObjectsFinal(session);
  *found = static_cast<int>(count);
  *object = count == 1 ? handles[0] : CK_INVALID_HANDLE;
  return value;
}

CK_RV FindKey(Pkcs11Module& module, CK_SESSION_HANDLE session,
              const TokenKeyName& name, TokenKey* key) {
  CK_OBJECT_CLASS object_class = CKO_PRIVATE_KEY;
  std::vector<CK_ATTRIBUTE> wanted = {
      {CKA_CLASS, &object_class, sizeof(object_class)}};
  if (!name.label.empty()) {
    wanted.push_back({CKA_LABEL, Octets(name.label), name.label.size()});
  }
  if (!name.id.empty()) {
    wanted.push_back({CKA_ID, Octets(name.id), name.id.size()});
  }
  const CK_RV value = FindObject(module, session, absl::MakeSpan(wanted),
                                 &key->handle, &key->found);
  if (value != CKR_OK) {
    return value;
  }
  const Pkcs11Module::Call call(module);
  CK_BBOOL extractable = CK_FALSE;
  CK_ATTRIBUTE asked = {CKA_EXTRACTABLE, &extractable, sizeof(extractable)};
  key->extractable =
      key->found == 1 &&
      call->C_GetAttributeValue(session, key->handle, &asked, 1) == CKR_OK &&
      extractable == CK_TRUE;
  return CKR_OK;
}

CK_RV OpenTokenNamed(Pkcs11Module& module, const std::string& label,
                     const std::string& pin,
                     absl::Span<const TokenKeyName> keys, OpenToken* token) {
  *token = {};
  CK_RV value = module.FindSlot(label, &token->slot);
  if (value != CKR_OK) {
    return value;
  }
  value = OpenSession(module, token->slot, &token->keeper);
  if (value != CKR_OK) {
    return value;
  }
  value = LogIn(module, token->keeper, pin);
  for (size_t i = 0; value == CKR_OK && i < keys.size(); ++i) {
    token->keys.emplace_back();
    value = FindKey(module, token->keeper, keys[i], &token->keys.back());
  }
  if (value != CKR_OK) {
    CloseToken(module, *token);
  }
  return value;
}

void CloseToken(Pkcs11Module& module, const OpenToken& token) {
  const Pkcs11Module::Call call(module);
  call->C_CloseSession(token.keeper);
}

CK_RV OpenSession(Pkcs11Module& module, CK_SLOT_ID slot,
                  CK_SESSION_HANDLE* session) {
  const Pkcs11Module::Call call(module);
  return call->C_OpenSession(slot, CKF_SERIAL_SESSION, nullptr, nullptr,
                             session);
}

CK_RV SignOnce(Pkcs11Module& module, CK_SESSION_HANDLE session,
               CK_MECHANISM_TYPE mechanism, CK_OBJECT_HANDLE key,
               absl::string_view input, std::string* signature) {
  CK_MECHANISM how = {mechanism, nullptr, 0};
  const Pkcs11Module::Call call(module);
  const CK_RV value = call->C_SignInit(session, &how, key);
  if (value != CKR_OK) {
    return value;
  }
  CK_BYTE octets[kLongestSignature];
  CK_ULONG length = sizeof(octets);
  const CK_RV signed_value =
      call->C_Sign(session, Octets(input), input.size(), octets, &length);
  if (signed_value == CKR_OK) {
    signature->assign(reinterpret_cast<const char*>(octets), length);
  }
  return signed_value;
}

}  // namespace masa::signing
