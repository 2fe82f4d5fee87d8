#include "services/verification/leaf_form.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "openssl/bytestring.h"

namespace masa::verification {
namespace {

constexpr unsigned kVersion =
    CBS_ASN1_CONTEXT_SPECIFIC | CBS_ASN1_CONSTRUCTED | 0;
constexpr unsigned kExtensions =
    CBS_ASN1_CONTEXT_SPECIFIC | CBS_ASN1_CONSTRUCTED | 3;

// Whole elements: ecdsa-with-SHA256, without parameters; the type serialNumber.
constexpr absl::string_view kEcdsaWithSha256(
    "\x30\x0a\x06\x08\x2a\x86\x48\xce\x3d\x04\x03\x02", 12);
constexpr absl::string_view kSerialNumber("\x06\x03\x55\x04\x05", 5);
// The start of a SubjectPublicKeyInfo of P-256, before the point's 64 octets.
constexpr absl::string_view kP256Key(
    "\x30\x59\x30\x13\x06\x07\x2a\x86\x48\xce\x3d\x02\x01\x06\x08\x2a\x86\x48"
    "\xce\x3d\x03\x01\x07\x03\x42\x00\x04",
    27);
constexpr size_t kP256KeyOctets = 27 + 64;
// An extension with a subject key identifier of 20 octets, before those.
constexpr absl::string_view kKeyId(
    "\x30\x1d\x06\x03\x55\x1d\x0e\x04\x16\x04\x14", 11);
constexpr size_t kKeyIdOctets = 11 + 20;
constexpr absl::string_view kKeyIdType("\x06\x03\x55\x1d\x0e", 5);

absl::string_view View(const CBS& cbs) {
  return absl::string_view(reinterpret_cast<const char*>(CBS_data(&cbs)),
                           CBS_len(&cbs));
}

// Each part is one element or a tag, so that none can be taken for two.
void Share(absl::string_view part, LeafForm* form) {
  form->shared.append(part.data(), part.size());
}

bool TakeElement(CBS* from, unsigned tag, CBS* element) {
  return CBS_get_asn1_element(from, element, tag) == 1;
}

bool TakeSerial(CBS* from) {
  constexpr size_t kMost = 20;
  CBS serial;
  return CBS_get_asn1(from, &serial, CBS_ASN1_INTEGER) == 1 &&
         CBS_is_unsigned_asn1_integer(&serial) == 1 &&
         CBS_len(&serial) <= kMost;
}

// The number that two digits write.
bool TakeTwoDigits(CBS* from, int* number) {
  uint8_t tens = 0, ones = 0;
  if (CBS_get_u8(from, &tens) != 1 || CBS_get_u8(from, &ones) != 1 ||
      !absl::ascii_isdigit(tens) || !absl::ascii_isdigit(ones)) {
    return false;
  }
  *number = (tens - '0') * 10 + (ones - '0');
  return true;
}

// The first two digits of a year, written or understood.
bool TakeCentury(CBS* text, unsigned tag, int* century) {
  constexpr char kFirstOf1900s = '5';
  if (tag == CBS_ASN1_GENERALIZEDTIME) {
    return TakeTwoDigits(text, century);
  }
  *century = CBS_len(text) > 0 && *CBS_data(text) >= kFirstOf1900s ? 19 : 20;
  return tag == CBS_ASN1_UTCTIME;
}

bool TakeTime(CBS* from, absl::Time* time) {
  CBS text;
  unsigned tag = 0;
  int century = 0, year = 0, month = 0, day = 0;
  int hour = 0, minute = 0, second = 0;
  uint8_t zone = 0;
  if (CBS_get_any_asn1(from, &text, &tag) != 1 ||
      !TakeCentury(&text, tag, &century) || !TakeTwoDigits(&text, &year) ||
      !TakeTwoDigits(&text, &month) || !TakeTwoDigits(&text, &day) ||
      !TakeTwoDigits(&text, &hour) || !TakeTwoDigits(&text, &minute) ||
      !TakeTwoDigits(&text, &second) || CBS_get_u8(&text, &zone) != 1 ||
      zone != 'Z' || CBS_len(&text) != 0) {
    return false;
  }
  const absl::CivilSecond civil(century * 100 + year, month, day, hour, minute,
                                second);
  *time = absl::FromCivil(civil, absl::UTCTimeZone());
  // What is none, such as the 31st of June, comes out as another.
  return civil.month() == month && civil.day() == day && civil.hour() == hour &&
         civil.minute() == minute && civil.second() == second;
}

bool TakeValidity(CBS* from, LeafForm* form) {
  CBS validity;
  return CBS_get_asn1(from, &validity, CBS_ASN1_SEQUENCE) == 1 &&
         TakeTime(&validity, &form->not_before) &&
         TakeTime(&validity, &form->not_after) && CBS_len(&validity) == 0;
}

bool IsPlainText(absl::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return c >= ' ' && c <= '~';
  });
}

// Names one by one, each of a kind that is shared and a text that is not.
bool TakeSubject(CBS* from, LeafForm* form) {
  CBS subject, set, attribute, type, text;
  unsigned tag = 0;
  bool has_serial = false;
  if (CBS_get_asn1(from, &subject, CBS_ASN1_SEQUENCE) != 1) {
    return false;
  }
  while (CBS_len(&subject) > 0) {
    if (CBS_get_asn1(&subject, &set, CBS_ASN1_SET) != 1 ||
        CBS_get_asn1(&set, &attribute, CBS_ASN1_SEQUENCE) != 1 ||
        CBS_len(&set) != 0 ||
        !TakeElement(&attribute, CBS_ASN1_OBJECT, &type) ||
        CBS_get_any_asn1(&attribute, &text, &tag) != 1 ||
        CBS_len(&attribute) != 0 || !IsPlainText(View(text)) ||
        (tag != CBS_ASN1_PRINTABLESTRING && tag != CBS_ASN1_UTF8STRING)) {
      return false;
    }
    Share(View(type), form);
    Share(tag == CBS_ASN1_UTF8STRING ? "u" : "p", form);
    has_serial |= View(type) == kSerialNumber;
  }
  return has_serial;
}

bool TakeKey(CBS* from) {
  CBS key;
  return TakeElement(from, CBS_ASN1_SEQUENCE, &key) &&
         CBS_len(&key) == kP256KeyOctets &&
         absl::StartsWith(View(key), kP256Key);
}

bool TakeExtensions(CBS* from, LeafForm* form) {
  CBS outer, list, extension;
  if (CBS_get_asn1(from, &outer, kExtensions) != 1 ||
      CBS_get_asn1(&outer, &list, CBS_ASN1_SEQUENCE) != 1 ||
      CBS_len(&outer) != 0) {
    return false;
  }
  while (CBS_len(&list) > 0) {
    if (!TakeElement(&list, CBS_ASN1_SEQUENCE, &extension)) {
      return false;
    }
    const absl::string_view octets = View(extension);
    const bool is_key_id =
        octets.size() == kKeyIdOctets && absl::StartsWith(octets, kKeyId);
    if (!is_key_id && absl::StrContains(octets, kKeyIdType)) {
      return false;
    }
    Share(is_key_id ? kKeyId : octets, form);
  }
  return true;
}

bool TakeTbs(CBS tbs, LeafForm* form) {
  CBS version, algorithm, issuer;
  if (!TakeElement(&tbs, kVersion, &version) || !TakeSerial(&tbs) ||
      !TakeElement(&tbs, CBS_ASN1_SEQUENCE, &algorithm) ||
      View(algorithm) != kEcdsaWithSha256 ||
      !TakeElement(&tbs, CBS_ASN1_SEQUENCE, &issuer) ||
      absl::StrContains(View(issuer), kSerialNumber)) {
    return false;
  }
  Share(View(version), form);
  Share(View(issuer), form);
  return TakeValidity(&tbs, form) && TakeSubject(&tbs, form) && TakeKey(&tbs) &&
         TakeExtensions(&tbs, form) && CBS_len(&tbs) == 0;
}

}  // namespace

std::optional<LeafForm> FormOfLeaf(absl::string_view der) {
  CBS all, certificate, tbs, tbs_contents, algorithm, signature;
  uint8_t unused_bits = 0;
  CBS_init(&all, reinterpret_cast<const uint8_t*>(der.data()), der.size());
  if (CBS_get_asn1(&all, &certificate, CBS_ASN1_SEQUENCE) != 1 ||
      CBS_len(&all) != 0 ||
      !TakeElement(&certificate, CBS_ASN1_SEQUENCE, &tbs) ||
      !TakeElement(&certificate, CBS_ASN1_SEQUENCE, &algorithm) ||
      View(algorithm) != kEcdsaWithSha256 ||
      CBS_get_asn1(&certificate, &signature, CBS_ASN1_BITSTRING) != 1 ||
      CBS_len(&certificate) != 0 || CBS_get_u8(&signature, &unused_bits) != 1 ||
      unused_bits != 0) {
    return std::nullopt;
  }
  std::optional<LeafForm> form(std::in_place);
  form->tbs = View(tbs);
  form->signature = View(signature);
  form->shared.reserve(der.size());
  if (CBS_get_asn1(&tbs, &tbs_contents, CBS_ASN1_SEQUENCE) != 1 ||
      !TakeTbs(tbs_contents, &*form)) {
    return std::nullopt;
  }
  return form;
}

}  // namespace masa::verification
