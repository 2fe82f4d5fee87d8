#include "services/wire/certification_request.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "openssl/bn.h"
#include "openssl/ec_key.h"
#include "openssl/err.h"
#include "openssl/evp.h"
#include "openssl/nid.h"
#include "openssl/rsa.h"
#include "services/status/reason.h"
#include "services/wire/der.h"
#include "services/wire/utf8.h"
#include "services/wire/x509_parts.h"

namespace masa::wire {
namespace {

constexpr size_t kMostRequestOctets = 16 * 1024;
constexpr size_t kMostNameAttributes = 16;
constexpr size_t kMostDnsNames = 16;
constexpr unsigned kContext = CBS_ASN1_CONTEXT_SPECIFIC;
constexpr unsigned kConstructed = kContext | CBS_ASN1_CONSTRUCTED;
constexpr unsigned kDnsName = kContext | 2;  // of GeneralName
// extensionRequest and challengePassword, RFC 2985.
constexpr absl::string_view kExtensionRequest(
    "\x2a\x86\x48\x86\xf7\x0d\x01\x09\x0e", 9);
constexpr absl::string_view kChallengePassword(
    "\x2a\x86\x48\x86\xf7\x0d\x01\x09\x07", 9);
// id-aa-decryptKeyID (RFC 4108 section 2.2.5), id-aa-asymmDecryptKeyID (RFC
// 7030 section 4.4.1.2).
constexpr absl::string_view kDecryptKeyId(
    "\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x02\x25", 11);
constexpr absl::string_view kAsymmetricDecryptKeyId(
    "\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x02\x36", 11);
constexpr absl::string_view kAlternativeName("\x55\x1d\x11", 3);

absl::Status Malformed(absl::string_view what) {
  return Refuse(Reason::kMalformed,
                absl::StrCat("this is not one PKCS#10 request in DER: ", what));
}

bool IsText(unsigned tag) {
  return tag == CBS_ASN1_PRINTABLESTRING || tag == CBS_ASN1_UTF8STRING ||
         tag == CBS_ASN1_IA5STRING;
}

std::string TextOf(unsigned tag, CBS value) {
  const absl::string_view text = View(value);
  return IsText(tag) && IsUtf8(text) &&
                 text.find('\0') == absl::string_view::npos
             ? std::string(text)
             : std::string();
}

bool HasControls(absl::string_view text) {
  for (size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    const bool is_c1 = c == 0xc2 && i + 1 < text.size() &&
                       static_cast<unsigned char>(text[i + 1]) < 0xa0;
    if (c < 0x20 || c == 0x7f || is_c1) {
      return true;
    }
  }
  return false;
}

bool IsAscii(absl::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](unsigned char c) { return absl::ascii_isascii(c); });
}

// Each string type has an alphabet of its own, and what is read here goes into
// the certificate octet by octet. RFC 5280 appendix A.1: X520SerialNumber is a
// PrintableString.
std::string NameTextOf(absl::string_view type, unsigned tag, CBS value) {
  const std::string text = TextOf(tag, value);
  const bool is_of_its_type = tag == CBS_ASN1_PRINTABLESTRING
                                  ? IsPrintableString(text)
                              : type == kNameSerialNumber ? false
                              : tag == CBS_ASN1_IA5STRING ? IsAscii(text)
                                                          : true;
  return is_of_its_type && !HasControls(text) ? text : std::string();
}

bool ReadName(CBS name, std::vector<NameAttribute>* attributes) {
  CBS list;
  if (!CBS_get_asn1(&name, &list, CBS_ASN1_SEQUENCE)) {
    return false;
  }
  while (CBS_len(&list) > 0) {
    CBS rdn;
    if (!CBS_get_asn1(&list, &rdn, CBS_ASN1_SET) || CBS_len(&rdn) == 0) {
      return false;
    }
    while (CBS_len(&rdn) > 0) {
      CBS attribute, type, value;
      unsigned tag = 0;
      if (attributes->size() == kMostNameAttributes ||
          !CBS_get_asn1(&rdn, &attribute, CBS_ASN1_SEQUENCE) ||
          !CBS_get_asn1(&attribute, &type, CBS_ASN1_OBJECT) ||
          !CBS_get_any_asn1(&attribute, &value, &tag) ||
          CBS_len(&attribute) != 0) {
        return false;
      }
      attributes->push_back(
          {std::string(View(type)), NameTextOf(View(type), tag, value)});
    }
  }
  return true;
}

// The value of the extension in RFC 5280's Extensions; false when they do not
// parse or it stands twice.
bool FindExtension(CBS list, absl::string_view wanted, std::string* value) {
  value->clear();
  while (CBS_len(&list) > 0) {
    CBS extension, id, octets;
    int critical = 0;
    if (!CBS_get_asn1(&list, &extension, CBS_ASN1_SEQUENCE) ||
        !CBS_get_asn1(&extension, &id, CBS_ASN1_OBJECT) ||
        (CBS_peek_asn1_tag(&extension, CBS_ASN1_BOOLEAN) &&
         !CBS_get_asn1_bool(&extension, &critical)) ||
        !CBS_get_asn1(&extension, &octets, CBS_ASN1_OCTETSTRING) ||
        CBS_len(&extension) != 0) {
      return false;
    }
    if (View(id) == wanted) {
      if (!value->empty()) {
        return false;
      }
      *value = std::string(View(octets));
    }
  }
  return true;
}

bool ReadAlternativeNames(CertificationRequest* request) {
  CBS value = Cbs(request->alternative_names), list;
  if (!CBS_get_asn1(&value, &list, CBS_ASN1_SEQUENCE) || CBS_len(&value) != 0) {
    return false;
  }
  while (CBS_len(&list) > 0) {
    CBS name;
    unsigned tag = 0;
    if (request->dns_names.size() == kMostDnsNames ||
        !CBS_get_any_asn1(&list, &name, &tag)) {
      return false;
    }
    if (tag == kDnsName) {
      request->dns_names.emplace_back(View(name));
    } else {
      request->has_other_names = true;
    }
  }
  return true;
}

// One attribute of the request; those that are not known are passed over.
bool ReadAttribute(CBS type, CBS values, CertificationRequest* request) {
  if (View(type) == kExtensionRequest) {
    CBS list;
    return request->alternative_names.empty() &&
           CBS_get_asn1(&values, &list, CBS_ASN1_SEQUENCE) &&
           CBS_len(&values) == 0 &&
           FindExtension(list, kAlternativeName, &request->alternative_names) &&
           (request->alternative_names.empty() ||
            ReadAlternativeNames(request));
  }
  if (View(type) == kDecryptKeyId || View(type) == kAsymmetricDecryptKeyId) {
    request->names_decrypt_key = true;
  }
  if (View(type) == kChallengePassword) {
    CBS text;
    unsigned tag = 0;
    if (request->challenge_password ||
        !CBS_get_any_asn1(&values, &text, &tag) || CBS_len(&values) != 0) {
      return false;
    }
    request->challenge_password = TextOf(tag, text);
  }
  return true;
}

bool ReadAttributes(CBS attributes, CertificationRequest* request) {
  while (CBS_len(&attributes) > 0) {
    CBS attribute, type, values;
    if (!CBS_get_asn1(&attributes, &attribute, CBS_ASN1_SEQUENCE) ||
        !CBS_get_asn1(&attribute, &type, CBS_ASN1_OBJECT) ||
        !CBS_get_asn1(&attribute, &values, CBS_ASN1_SET) ||
        CBS_len(&attribute) != 0 || !ReadAttribute(type, values, request)) {
      return false;
    }
  }
  return true;
}

KeyShape ShapeOfEc(const EVP_PKEY* key) {
  const int curve =
      EC_GROUP_get_curve_name(EC_KEY_get0_group(EVP_PKEY_get0_EC_KEY(key)));
  return curve == NID_X9_62_prime256v1 ? KeyShape::kP256
         : curve == NID_secp384r1      ? KeyShape::kP384
                                       : KeyShape::kOther;
}

KeyShape ShapeOfRsa(const EVP_PKEY* key) {
  constexpr unsigned kFewestBits = 2048;
  constexpr unsigned kMostBits = 4096;
  constexpr uint64_t kLeastExponent = 65537;
  const RSA* rsa = EVP_PKEY_get0_RSA(key);
  uint64_t exponent = 0;
  const bool is_good =
      RSA_bits(rsa) >= kFewestBits && RSA_bits(rsa) <= kMostBits &&
      BN_get_u64(RSA_get0_e(rsa), &exponent) == 1 && exponent >= kLeastExponent;
  return is_good ? KeyShape::kRsa : KeyShape::kOther;
}

// RFC 7030 section 4.4.1: who asks for a key may sign as they like, so that an
// unknown algorithm is no fault yet.
bool ReadSignature(CBS rest, absl::string_view info, X509Signature* signature) {
  CBS known = rest, algorithm, bits;
  if (TakeX509Signature(&known, info, signature)) {
    return CBS_len(&known) == 0;
  }
  return CBS_get_asn1(&rest, &algorithm, CBS_ASN1_SEQUENCE) &&
         CBS_get_asn1(&rest, &bits, CBS_ASN1_BITSTRING) && CBS_len(&rest) == 0;
}

}  // namespace

// X.680 section 41.4.
bool IsPrintableString(absl::string_view text) {
  return std::all_of(text.begin(), text.end(), [](unsigned char c) {
    return absl::ascii_isalnum(c) ||
           absl::string_view(" '()+,-./:=?").find(static_cast<char>(c)) !=
               absl::string_view::npos;
  });
}

absl::StatusOr<CertificationRequest> ParseCertificationRequest(
    absl::string_view der) {
  if (der.size() > kMostRequestOctets) {
    return Malformed("it is larger than 16 KiB");
  }
  CertificationRequest request;
  request.der = std::string(der);
  CBS input = Cbs(request.der), whole, info, contents, subject, spki, rest;
  uint64_t version = 1;
  int has_attributes = 0;
  if (!CBS_get_asn1(&input, &whole, CBS_ASN1_SEQUENCE)) {
    return Malformed("it is cut off, or something else");
  }
  if (CBS_len(&input) != 0) {
    return Malformed("something follows it");
  }
  if (!CBS_get_asn1_element(&whole, &info, CBS_ASN1_SEQUENCE) ||
      !ReadSignature(whole, View(info), &request.signature)) {
    return Malformed("its signature is missing");
  }
  if (!CBS_get_asn1(&info, &contents, CBS_ASN1_SEQUENCE) ||
      !CBS_get_asn1_uint64(&contents, &version) || version != 0 ||
      !CBS_get_asn1_element(&contents, &subject, CBS_ASN1_SEQUENCE) ||
      !CBS_get_asn1_element(&contents, &spki, CBS_ASN1_SEQUENCE) ||
      !CBS_get_optional_asn1(&contents, &rest, &has_attributes,
                             kConstructed | 0) ||
      CBS_len(&contents) != 0) {
    return Malformed("its parts are not those of a request");
  }
  request.subject_der = std::string(View(subject));
  request.spki_der = std::string(View(spki));
  if (!ReadName(subject, &request.subject)) {
    return Malformed("its subject is no name, or has over 16 attributes");
  }
  if (has_attributes != 0 && !ReadAttributes(rest, &request)) {
    return Malformed("its attributes do not parse, or one stands twice");
  }
  return request;
}

std::string AlternativeNamesOf(absl::string_view certificate_der) {
  CBS input = Cbs(certificate_der), whole, tbs, part, wrapped, list;
  unsigned tag = 0;
  if (!CBS_get_asn1(&input, &whole, CBS_ASN1_SEQUENCE) ||
      !CBS_get_asn1(&whole, &tbs, CBS_ASN1_SEQUENCE)) {
    return "";
  }
  CBS_init(&part, nullptr, 0);
  while (CBS_len(&tbs) > 0) {
    if (!CBS_get_any_asn1_element(&tbs, &part, &tag, nullptr)) {
      return "";
    }
  }
  std::string value;
  return CBS_get_asn1(&part, &wrapped, kConstructed | 3) &&
                 CBS_get_asn1(&wrapped, &list, CBS_ASN1_SEQUENCE) &&
                 FindExtension(list, kAlternativeName, &value)
             ? value
             : "";
}

KeyShape ShapeOfKey(absl::string_view spki_der) {
  CBS cbs = Cbs(spki_der);
  const bssl::UniquePtr<EVP_PKEY> key(EVP_parse_public_key(&cbs));
  ERR_clear_error();
  if (key == nullptr || CBS_len(&cbs) != 0) {
    return KeyShape::kOther;
  }
  switch (EVP_PKEY_id(key.get())) {
    case EVP_PKEY_EC:
      return ShapeOfEc(key.get());
    case EVP_PKEY_RSA:
      return ShapeOfRsa(key.get());
    case EVP_PKEY_ED25519:
      return KeyShape::kEd25519;
    default:
      return KeyShape::kOther;
  }
}

}  // namespace masa::wire
