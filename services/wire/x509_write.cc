#include "services/wire/x509_write.h"

#include "openssl/bytestring.h"
#include "openssl/mem.h"
#include "openssl/sha.h"
#include "services/status/reason.h"
#include "services/wire/der.h"

namespace masa::wire {
namespace {

constexpr uint8_t kBitString = 0x03;
constexpr uint8_t kUtcTime = 0x17;
constexpr uint8_t kGeneralizedTime = 0x18;
constexpr absl::string_view kTrue("\x01\x01\xff", 3);

void AppendDigits(int64_t number, int count, std::string& text) {
  text.resize(text.size() + count);
  for (auto at = text.rbegin(); count > 0; --count, ++at) {
    *at = static_cast<char>('0' + number % 10);
    number /= 10;
  }
}

// YYYYMMDDHHMMSSZ. absl::FormatTime takes several times as long, and this is
// done for every certificate.
std::string DigitsOf(absl::CivilSecond second) {
  std::string text;
  text.reserve(15);
  AppendDigits(second.year(), 4, text);
  for (const int part : {second.month(), second.day(), second.hour(),
                         second.minute(), second.second()}) {
    AppendDigits(part, 2, text);
  }
  text.push_back('Z');
  return text;
}

}  // namespace

std::string X509AlgorithmDer(SignatureAlgorithm algorithm) {
  switch (algorithm) {
    case SignatureAlgorithm::kEcdsaP256Sha256:  // ecdsa-with-SHA256
      return std::string("\x30\x0a\x06\x08\x2a\x86\x48\xce\x3d\x04\x03\x02",
                         12);
    case SignatureAlgorithm::kEcdsaP384Sha384:  // ecdsa-with-SHA384
      return std::string("\x30\x0a\x06\x08\x2a\x86\x48\xce\x3d\x04\x03\x03",
                         12);
    case SignatureAlgorithm::kRsaPkcs1Sha256:  // with NULL, RFC 4055 section 5
      return std::string(
          "\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0b\x05\x00", 15);
    case SignatureAlgorithm::kEd25519:
      return std::string("\x30\x05\x06\x03\x2b\x65\x70", 7);
    default:
      return "";
  }
}

std::string X509TimeDer(absl::Time time) {
  if (time == absl::InfiniteFuture()) {
    return Element(kGeneralizedTime, "99991231235959Z");
  }
  const absl::CivilSecond second =
      absl::ToCivilSecond(time, absl::UTCTimeZone());
  if (second.year() >= 2050) {
    return Element(kGeneralizedTime, DigitsOf(second));
  }
  return Element(kUtcTime, DigitsOf(second).substr(2));
}

std::string GeneralizedTimeDer(absl::Time time) {
  return Element(kGeneralizedTime,
                 DigitsOf(absl::ToCivilSecond(time, absl::UTCTimeZone())));
}

std::string ExtensionDer(absl::string_view oid, bool is_critical,
                         absl::string_view value) {
  std::string contents = Element(kOid, oid);
  if (is_critical) {
    contents.append(kTrue.data(), kTrue.size());
  }
  AppendElement(kOctetString, value, &contents);
  return Element(kSequence, contents);
}

absl::string_view KeyBitsOf(absl::string_view spki_der) {
  CBS spki = Cbs(spki_der), inner, bits;
  uint8_t unused = 1;
  return CBS_get_asn1(&spki, &inner, CBS_ASN1_SEQUENCE) &&
                 CBS_get_asn1(&inner, nullptr, CBS_ASN1_SEQUENCE) &&
                 CBS_get_asn1(&inner, &bits, CBS_ASN1_BITSTRING) &&
                 CBS_get_u8(&bits, &unused)
             ? View(bits)
             : absl::string_view();
}

std::string KeyIdOfSpki(absl::string_view spki_der) {
  constexpr size_t kOctets = 20;
  const absl::string_view bits = KeyBitsOf(spki_der);
  if (bits.empty()) {
    return "";
  }
  uint8_t hash[SHA256_DIGEST_LENGTH];
  SHA256(reinterpret_cast<const uint8_t*>(bits.data()), bits.size(), hash);
  return std::string(reinterpret_cast<const char*>(hash), kOctets);
}

std::optional<std::string> OidDer(absl::string_view dotted) {
  bssl::ScopedCBB cbb;
  CBB value;
  uint8_t* octets = nullptr;
  size_t length = 0;
  if (!CBB_init(cbb.get(), 16) ||
      !CBB_add_asn1(cbb.get(), &value, CBS_ASN1_OBJECT) ||
      !CBB_add_asn1_oid_from_text(&value, dotted.data(), dotted.size()) ||
      !CBB_finish(cbb.get(), &octets, &length)) {
    return std::nullopt;
  }
  std::string der(reinterpret_cast<const char*>(octets), length);
  OPENSSL_free(octets);
  return der;
}

std::string SignedDer(absl::string_view tbs_der, SignatureAlgorithm algorithm,
                      absl::string_view signature) {
  const std::string algorithm_der = X509AlgorithmDer(algorithm);
  if (algorithm_der.empty()) {
    return "";
  }
  std::string bits(1, '\0');  // no unused ones
  bits.append(signature.data(), signature.size());
  std::string contents(tbs_der);
  contents += algorithm_der;
  AppendElement(kBitString, bits, &contents);
  return Element(kSequence, contents);
}

absl::StatusOr<SignedParts> PartsOfSigned(absl::string_view der) {
  CBS cbs = Cbs(der), whole, tbs, bits;
  uint8_t unused = 1;
  if (!CBS_get_asn1(&cbs, &whole, CBS_ASN1_SEQUENCE) || CBS_len(&cbs) != 0 ||
      !CBS_get_asn1_element(&whole, &tbs, CBS_ASN1_SEQUENCE) ||
      !CBS_get_asn1(&whole, nullptr, CBS_ASN1_SEQUENCE) ||
      !CBS_get_asn1(&whole, &bits, CBS_ASN1_BITSTRING) ||
      CBS_len(&whole) != 0 || !CBS_get_u8(&bits, &unused) || unused != 0) {
    return Refuse(Reason::kInvalidArgument, "that is no signed structure");
  }
  return SignedParts{std::string(View(tbs)), std::string(View(bits))};
}

}  // namespace masa::wire
