#include <string>

#include "openssl/bytestring.h"
#include "services/status/macros.h"
#include "services/status/reason.h"
#include "services/wire/cms.h"
#include "services/wire/cms_algorithms.h"
#include "services/wire/der.h"

namespace masa::wire {
namespace {

// Contents octets of the attribute and content types.
constexpr uint8_t kContentType[] = {0x2a, 0x86, 0x48, 0x86, 0xf7,
                                    0x0d, 0x01, 0x09, 0x03};
constexpr uint8_t kMessageDigest[] = {0x2a, 0x86, 0x48, 0x86, 0xf7,
                                      0x0d, 0x01, 0x09, 0x04};
constexpr uint8_t kSigningTime[] = {0x2a, 0x86, 0x48, 0x86, 0xf7,
                                    0x0d, 0x01, 0x09, 0x05};
constexpr uint8_t kIdData[] = {0x2a, 0x86, 0x48, 0x86, 0xf7,
                               0x0d, 0x01, 0x07, 0x01};
constexpr uint8_t kAnimaJsonVoucher[] = {0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d,
                                         0x01, 0x09, 0x10, 0x01, 0x28};

absl::Status No(absl::string_view what) {
  return Refuse(Reason::kKeyNotForThis, what);
}

template <size_t N>
bool Is(const CBS& octets, const uint8_t (&wanted)[N]) {
  return CBS_mem_equal(&octets, wanted, N) == 1;
}

struct Attributes {
  bool content_type = false;
  bool signing_time = false;
  CBS digest = {};
  int count = 0;
};

bool ReadAttribute(CBS* attribute, Attributes* seen) {
  CBS type, values, value;
  if (!CBS_get_asn1(attribute, &type, CBS_ASN1_OBJECT) ||
      !CBS_get_asn1(attribute, &values, CBS_ASN1_SET) ||
      CBS_len(attribute) != 0) {
    return false;
  }
  if (Is(type, kContentType)) {
    seen->content_type = CBS_get_asn1(&values, &value, CBS_ASN1_OBJECT) &&
                         (Is(value, kAnimaJsonVoucher) || Is(value, kIdData));
  } else if (Is(type, kSigningTime)) {
    unsigned tag = 0;
    seen->signing_time =
        CBS_get_any_asn1(&values, &value, &tag) &&
        (tag == CBS_ASN1_UTCTIME || tag == CBS_ASN1_GENERALIZEDTIME);
  } else if (!Is(type, kMessageDigest) ||
             !CBS_get_asn1(&values, &seen->digest, CBS_ASN1_OCTETSTRING)) {
    return false;
  }
  ++seen->count;
  return CBS_len(&values) == 0;
}

// Reads the attributes; `digest` becomes the message-digest.
absl::Status ReadAttributes(absl::string_view signed_attributes, CBS* digest) {
  CBS all = Cbs(signed_attributes), set;
  if (!CBS_get_asn1(&all, &set, CBS_ASN1_SET) || CBS_len(&all) != 0) {
    return No("the signed attributes are not one DER set");
  }
  Attributes seen;
  while (CBS_len(&set) != 0) {
    CBS attribute;
    if (!CBS_get_asn1(&set, &attribute, CBS_ASN1_SEQUENCE) ||
        !ReadAttribute(&attribute, &seen)) {
      return No("a signed attribute is not one of the three expected");
    }
  }
  if (seen.count != 3 || !seen.content_type || !seen.signing_time) {
    return No("content-type, signing-time and message-digest are needed once");
  }
  *digest = seen.digest;
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckSignedAttributes(absl::string_view signed_attributes,
                                   absl::string_view content,
                                   SignatureAlgorithm algorithm,
                                   KnownOctets* known) {
  const DigestValue digest = DigestOf(DigestFor(algorithm), content);
  const absl::string_view wanted = digest.view();
  // With the same octets before it, and as many after, a digest is in the same
  // place.
  const bool ends = signed_attributes.size() > wanted.size();
  const absl::string_view before = signed_attributes.substr(
      0, ends ? signed_attributes.size() - wanted.size() : 0);
  absl::string_view found = signed_attributes.substr(before.size());
  if (known == nullptr || !known->Is(before)) {
    CBS read;
    MASA_RETURN_IF_ERROR(ReadAttributes(signed_attributes, &read));
    if (known != nullptr && View(read).data() == found.data()) {
      known->Set(before);
    }
    found = View(read);
  }
  return found == wanted ? absl::OkStatus()
                         : No("the message-digest is not that of the content");
}

}  // namespace masa::wire
