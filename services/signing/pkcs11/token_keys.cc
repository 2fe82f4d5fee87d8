#include "services/signing/pkcs11/token_keys.h"

#include <vector>

#include "absl/strings/string_view.h"
#include "openssl/bytestring.h"
#include "services/signing/der_builder.h"
#include "services/signing/pkcs11/token.h"

namespace masa::signing {
namespace {

constexpr CK_ULONG kRsaBits = 3072;
constexpr absl::string_view kP256("\x06\x08\x2a\x86\x48\xce\x3d\x03\x01\x07",
                                  10);
constexpr absl::string_view kP384("\x06\x05\x2b\x81\x04\x00\x22", 7);
// PKCS#11 3.0 section 2.3.10: the curve's name as a PrintableString.
constexpr absl::string_view kEdwards25519(
    "\x13\x0c"
    "edwards25519",
    14);
constexpr absl::string_view kOidEcPublicKey(
    "\x06\x07\x2a\x86\x48\xce\x3d\x02"
    "\x01",
    9);
constexpr absl::string_view kOidEd25519("\x06\x03\x2b\x65\x70", 5);
constexpr absl::string_view kOidRsaAndNull(
    "\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01\x05\x00", 13);

void* Octets(absl::string_view text) {
  // PKCS#11 has no const; the functions called do not write here.
  return const_cast<char*>(text.data());
}

std::string Spki(absl::string_view algorithm, absl::string_view key) {
  bssl::ScopedCBB cbb;
  CBB spki, identifier, bits;
  CBB_init(cbb.get(), 512);
  CBB_add_asn1(cbb.get(), &spki, CBS_ASN1_SEQUENCE);
  CBB_add_asn1(&spki, &identifier, CBS_ASN1_SEQUENCE);
  Append(&identifier, algorithm);
  CBB_add_asn1(&spki, &bits, CBS_ASN1_BITSTRING);
  CBB_add_u8(&bits, 0);
  Append(&bits, key);
  return Finished(cbb.get());
}

std::string RsaKey(absl::string_view modulus, absl::string_view exponent) {
  bssl::ScopedCBB cbb;
  CBB key;
  CBB_init(cbb.get(), 512);
  CBB_add_asn1(cbb.get(), &key, CBS_ASN1_SEQUENCE);
  for (absl::string_view number : {modulus, exponent}) {
    CBB integer;
    CBB_add_asn1(&key, &integer, CBS_ASN1_INTEGER);
    if (!number.empty() && (number.front() & 0x80) != 0) {
      CBB_add_u8(&integer, 0);
    }
    Append(&integer, number);
    CBB_flush(&key);  // while `integer` lives
  }
  return Finished(cbb.get());
}

// Within an OCTET STRING, as the standard says, or bare, as some modules do.
std::string PointOf(const std::string& value) {
  CBS cbs, point;
  CBS_init(&cbs, reinterpret_cast<const uint8_t*>(value.data()), value.size());
  if (CBS_get_asn1(&cbs, &point, CBS_ASN1_OCTETSTRING) == 1 &&
      CBS_len(&cbs) == 0) {
    return std::string(reinterpret_cast<const char*>(CBS_data(&point)),
                       CBS_len(&point));
  }
  return value;
}

CK_RV Attribute(Pkcs11Module& module, CK_SESSION_HANDLE session,
                CK_OBJECT_HANDLE key, CK_ATTRIBUTE_TYPE type,
                std::string* value) {
  constexpr size_t kLongest = 1024;
  value->assign(kLongest, '\0');
  CK_ATTRIBUTE asked = {type, value->data(), kLongest};
  const Pkcs11Module::Call call(module);
  const CK_RV answer = call->C_GetAttributeValue(session, key, &asked, 1);
  value->resize(
      answer == CKR_OK && asked.ulValueLen <= kLongest ? asked.ulValueLen : 0);
  return answer;
}

CK_RV FindPart(Pkcs11Module& module, CK_SESSION_HANDLE session,
               CK_OBJECT_CLASS part, const std::string& label,
               CK_OBJECT_HANDLE* key, int* found) {
  CK_ATTRIBUTE wanted[] = {{CKA_CLASS, &part, sizeof(part)},
                           {CKA_LABEL, Octets(label), label.size()}};
  return FindObject(module, session, absl::MakeSpan(wanted), key, found);
}

CK_RV DestroyPart(Pkcs11Module& module, CK_SESSION_HANDLE session,
                  CK_OBJECT_CLASS part, const std::string& label) {
  CK_OBJECT_HANDLE key = CK_INVALID_HANDLE;
  int found = 0;
  const CK_RV value = FindPart(module, session, part, label, &key, &found);
  if (value != CKR_OK || found == 0) {
    return value;
  }
  if (found > 1) {
    return CKR_ARGUMENTS_BAD;
  }
  const Pkcs11Module::Call call(module);
  return call->C_DestroyObject(session, key);
}

// In a session that may change the token.
template <typename Work>
CK_RV InWritingSession(Pkcs11Module& module, CK_SLOT_ID slot,
                       const Work& work) {
  CK_SESSION_HANDLE session = CK_INVALID_HANDLE;
  {
    const Pkcs11Module::Call call(module);
    const CK_RV opened = call->C_OpenSession(
        slot, CKF_SERIAL_SESSION | CKF_RW_SESSION, nullptr, nullptr, &session);
    if (opened != CKR_OK) {
      return opened;
    }
  }
  const CK_RV value = work(session);
  const Pkcs11Module::Call call(module);
  call->C_CloseSession(session);
  return value;
}

CK_RV ReadEcKey(Pkcs11Module& module, CK_SESSION_HANDLE session,
                CK_OBJECT_HANDLE key, bool is_edwards, std::string* spki_der) {
  std::string point, parameters;
  CK_RV value = Attribute(module, session, key, CKA_EC_POINT, &point);
  if (value == CKR_OK && !is_edwards) {
    value = Attribute(module, session, key, CKA_EC_PARAMS, &parameters);
  }
  if (value == CKR_OK) {
    *spki_der = Spki(is_edwards ? std::string(kOidEd25519)
                                : std::string(kOidEcPublicKey) + parameters,
                     PointOf(point));
  }
  return value;
}

CK_RV ReadRsaKey(Pkcs11Module& module, CK_SESSION_HANDLE session,
                 CK_OBJECT_HANDLE key, std::string* spki_der) {
  std::string modulus, exponent;
  CK_RV value = Attribute(module, session, key, CKA_MODULUS, &modulus);
  if (value == CKR_OK) {
    value = Attribute(module, session, key, CKA_PUBLIC_EXPONENT, &exponent);
  }
  if (value == CKR_OK) {
    *spki_der = Spki(kOidRsaAndNull, RsaKey(modulus, exponent));
  }
  return value;
}

CK_MECHANISM_TYPE GenerationOf(SignatureAlgorithm algorithm) {
  switch (algorithm) {
    case SignatureAlgorithm::kRsaPkcs1Sha256:
      return CKM_RSA_PKCS_KEY_PAIR_GEN;
    case SignatureAlgorithm::kEd25519:
      return CKM_EC_EDWARDS_KEY_PAIR_GEN;
    default:
      return CKM_EC_KEY_PAIR_GEN;
  }
}

CK_RV Generate(Pkcs11Module& module, CK_SESSION_HANDLE session,
               const std::string& label, SignatureAlgorithm algorithm) {
  CK_BBOOL yes = CK_TRUE, no = CK_FALSE;
  CK_ULONG bits = kRsaBits;
  CK_BYTE exponent[] = {1, 0, 1};
  std::vector<CK_ATTRIBUTE> of_public = {
      {CKA_TOKEN, &yes, sizeof(yes)},
      {CKA_VERIFY, &yes, sizeof(yes)},
      {CKA_LABEL, Octets(label), label.size()},
      {CKA_ID, Octets(label), label.size()}};
  if (algorithm == SignatureAlgorithm::kRsaPkcs1Sha256) {
    of_public.push_back({CKA_MODULUS_BITS, &bits, sizeof(bits)});
    of_public.push_back({CKA_PUBLIC_EXPONENT, exponent, sizeof(exponent)});
  } else {
    const absl::string_view curve =
        algorithm == SignatureAlgorithm::kEcdsaP256Sha256   ? kP256
        : algorithm == SignatureAlgorithm::kEcdsaP384Sha384 ? kP384
                                                            : kEdwards25519;
    of_public.push_back({CKA_EC_PARAMS, Octets(curve), curve.size()});
  }
  std::vector<CK_ATTRIBUTE> of_private = {
      {CKA_TOKEN, &yes, sizeof(yes)},
      {CKA_PRIVATE, &yes, sizeof(yes)},
      {CKA_SENSITIVE, &yes, sizeof(yes)},
      {CKA_EXTRACTABLE, &no, sizeof(no)},
      {CKA_SIGN, &yes, sizeof(yes)},
      {CKA_LABEL, Octets(label), label.size()},
      {CKA_ID, Octets(label), label.size()}};
  CK_MECHANISM how = {GenerationOf(algorithm), nullptr, 0};
  CK_OBJECT_HANDLE public_key = CK_INVALID_HANDLE;
  CK_OBJECT_HANDLE private_key = CK_INVALID_HANDLE;
  const Pkcs11Module::Call call(module);
  return call->C_GenerateKeyPair(session, &how, of_public.data(),
                                 of_public.size(), of_private.data(),
                                 of_private.size(), &public_key, &private_key);
}

}  // namespace

CK_RV ReadPublicKey(Pkcs11Module& module, CK_SESSION_HANDLE session,
                    const std::string& label, std::string* spki_der) {
  spki_der->clear();
  CK_OBJECT_HANDLE key = CK_INVALID_HANDLE;
  int found = 0;
  CK_RV value = FindPart(module, session, CKO_PUBLIC_KEY, label, &key, &found);
  if (value != CKR_OK || key == CK_INVALID_HANDLE) {
    return value;
  }
  std::string type;
  value = Attribute(module, session, key, CKA_KEY_TYPE, &type);
  if (value != CKR_OK || type.size() != sizeof(CK_KEY_TYPE)) {
    return value;
  }
  switch (*reinterpret_cast<const CK_KEY_TYPE*>(type.data())) {
    case CKK_RSA:
      return ReadRsaKey(module, session, key, spki_der);
    case CKK_EC:
      return ReadEcKey(module, session, key, false, spki_der);
    case CKK_EC_EDWARDS:
      return ReadEcKey(module, session, key, true, spki_der);
    default:
      return CKR_OK;
  }
}

CK_RV MakeKeyPair(Pkcs11Module& module, CK_SLOT_ID slot,
                  const std::string& label, SignatureAlgorithm algorithm) {
  return InWritingSession(module, slot, [&](CK_SESSION_HANDLE session) {
    return Generate(module, session, label, algorithm);
  });
}

CK_RV DestroyKeyPair(Pkcs11Module& module, CK_SLOT_ID slot,
                     const std::string& label) {
  return InWritingSession(module, slot, [&](CK_SESSION_HANDLE session) {
    const CK_RV value = DestroyPart(module, session, CKO_PRIVATE_KEY, label);
    return value == CKR_OK ? DestroyPart(module, session, CKO_PUBLIC_KEY, label)
                           : value;
  });
}

}  // namespace masa::signing
