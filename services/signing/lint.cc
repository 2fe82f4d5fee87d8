#include "services/signing/lint.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "openssl/bytestring.h"
#include "openssl/mem.h"
#include "openssl/sha.h"
#include "services/status/macros.h"
#include "services/status/reason.h"

namespace masa::signing {
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
  return Refuse(Reason::kKeyNotForThis,
                absl::StrCat("the lint before the key refuses: ", what));
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

absl::Status CheckAttributes(const ToBeSigned& item, size_t digest_octets) {
  CBS all, set;
  CBS_init(&all, reinterpret_cast<const uint8_t*>(item.octets().data()),
           item.octets().size());
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
  uint8_t digest[SHA384_DIGEST_LENGTH];
  const auto* content = reinterpret_cast<const uint8_t*>(item.content().data());
  if (digest_octets == SHA384_DIGEST_LENGTH) {
    SHA384(content, item.content().size(), digest);
  } else {
    SHA256(content, item.content().size(), digest);
  }
  if (CBS_mem_equal(&seen.digest, digest, digest_octets) != 1) {
    return No("the message-digest is not that of the content");
  }
  return absl::OkStatus();
}

absl::Status CheckFields(const wire::Voucher& read,
                         const wire::Voucher& expected) {
  const struct {
    const char* what;
    bool same;
  } fields[] = {
      {"the assertion", read.assertion == expected.assertion},
      {"created-on", absl::ToUnixSeconds(read.created_on) ==
                         absl::ToUnixSeconds(expected.created_on)},
      {"expires-on",
       read.expires_on.has_value() == expected.expires_on.has_value() &&
           (!read.expires_on || absl::ToUnixSeconds(*read.expires_on) ==
                                    absl::ToUnixSeconds(*expected.expires_on))},
      {"the serial-number", read.serial_number == expected.serial_number},
      {"the nonce", read.nonce == expected.nonce},
      {"the idevid-issuer", read.idevid_issuer == expected.idevid_issuer},
      {"the pinned-domain-cert",
       read.pinned_domain_cert_der == expected.pinned_domain_cert_der},
      {"domain-cert-revocation-checks",
       read.domain_cert_revocation_checks ==
           expected.domain_cert_revocation_checks},
  };
  for (const auto& field : fields) {
    if (!field.same) {
      return No(absl::StrCat(field.what, " is not what was asked for"));
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status LintVoucherCms(const ToBeSigned& item, size_t digest_octets) {
  MASA_RETURN_IF_ERROR(CheckAttributes(item, digest_octets));
  const auto voucher = wire::ParseVoucherJson(item.content());
  if (!voucher.ok()) {
    return No("the content does not read back as a voucher");
  }
  MASA_RETURN_IF_ERROR(CheckFields(*voucher, item.expected()));
  if (voucher->pinned_domain_cert_der.empty()) {
    return No("the voucher pins nothing");
  }
  if (voucher->serial_number.empty() ||
      voucher->assertion == masa::v1::ASSERTION_UNSPECIFIED) {
    return No("the voucher names no serial-number or no assertion");
  }
  if (voucher->nonce.has_value() == voucher->expires_on.has_value()) {
    return No("a voucher has a nonce or an expires-on, and not both");
  }
  return absl::OkStatus();
}

}  // namespace masa::signing
