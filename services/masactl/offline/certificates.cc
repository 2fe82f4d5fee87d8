#include "services/masactl/offline/certificates.h"

#include <algorithm>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "openssl/bytestring.h"
#include "services/signing/certificate_request.h"
#include "services/signing/der_builder.h"
#include "services/status/macros.h"
#include "services/wire/x509_write.h"

namespace masa::masactl {
namespace {

using signing::Append;
using signing::Finished;
using wire::ExtensionDer;
using wire::X509TimeDer;

constexpr unsigned kVersionTag =
    CBS_ASN1_CONTEXT_SPECIFIC | CBS_ASN1_CONSTRUCTED | 0;
constexpr unsigned kExtensionsTag =
    CBS_ASN1_CONTEXT_SPECIFIC | CBS_ASN1_CONSTRUCTED | 3;
constexpr unsigned kKeyIdTag = CBS_ASN1_CONTEXT_SPECIFIC | 0;
constexpr absl::string_view kBasicConstraints("\x55\x1d\x13", 3);
constexpr absl::string_view kKeyUsage("\x55\x1d\x0f", 3);
constexpr absl::string_view kSubjectKeyId("\x55\x1d\x0e", 3);
constexpr absl::string_view kAuthorityKeyId("\x55\x1d\x23", 3);
constexpr absl::string_view kPolicies("\x55\x1d\x20", 3);
// As BIT STRINGs: keyCertSign and cRLSign; digitalSignature.
constexpr absl::string_view kCaUsage("\x03\x02\x01\x06", 4);
constexpr absl::string_view kSignerUsage("\x03\x02\x07\x80", 4);

absl::Status Wrong(const masa::v1::CertificatePlan& plan,
                   absl::string_view what) {
  return absl::InvalidArgumentError(
      absl::StrCat("certificate ", plan.name(), ": ", what));
}

std::string ConstraintsOf(bool is_root) {
  bssl::ScopedCBB cbb;
  CBB value;
  CBB_init(cbb.get(), 16);
  CBB_add_asn1(cbb.get(), &value, CBS_ASN1_SEQUENCE);
  if (is_root) {
    CBB_add_asn1_bool(&value, 1);
    CBB_add_asn1_uint64(&value, 0);  // no CA below it
  }
  return Finished(cbb.get());
}

std::string KeyIdValue(const std::string& spki_der, bool is_authority) {
  bssl::ScopedCBB cbb;
  CBB value, id;
  CBB_init(cbb.get(), 32);
  if (is_authority) {
    CBB_add_asn1(cbb.get(), &value, CBS_ASN1_SEQUENCE);
    CBB_add_asn1(&value, &id, kKeyIdTag);
  } else {
    CBB_add_asn1(cbb.get(), &id, CBS_ASN1_OCTETSTRING);
  }
  Append(&id, wire::KeyIdOfSpki(spki_der));
  return Finished(cbb.get());
}

absl::StatusOr<std::string> PoliciesOf(const masa::v1::CertificatePlan& plan) {
  bssl::ScopedCBB cbb;
  CBB policies;
  CBB_init(cbb.get(), 64);
  CBB_add_asn1(cbb.get(), &policies, CBS_ASN1_SEQUENCE);
  for (const std::string& oid : plan.policy_oids()) {
    CBB policy, value;
    CBB_add_asn1(&policies, &policy, CBS_ASN1_SEQUENCE);
    CBB_add_asn1(&policy, &value, CBS_ASN1_OBJECT);
    if (CBB_add_asn1_oid_from_text(&value, oid.data(), oid.size()) != 1) {
      return Wrong(plan, absl::StrCat("policy_oids: no OID: ", oid));
    }
    CBB_flush(&policies);
  }
  return Finished(cbb.get());
}

absl::Status AddExtensions(const masa::v1::CertificatePlan& plan,
                           const std::string& spki_der,
                           const CertificateIssuer& issuer, bool is_root,
                           CBB* to) {
  CBB outer, extensions;
  CBB_add_asn1(to, &outer, kExtensionsTag);
  CBB_add_asn1(&outer, &extensions, CBS_ASN1_SEQUENCE);
  Append(&extensions,
         ExtensionDer(kBasicConstraints, true, ConstraintsOf(is_root)));
  Append(&extensions,
         ExtensionDer(kKeyUsage, true, is_root ? kCaUsage : kSignerUsage));
  Append(&extensions,
         ExtensionDer(kSubjectKeyId, false, KeyIdValue(spki_der, false)));
  Append(&extensions, ExtensionDer(kAuthorityKeyId, false,
                                   KeyIdValue(issuer.spki_der, true)));
  if (!plan.policy_oids().empty()) {
    MASA_ASSIGN_OR_RETURN(const std::string policies, PoliciesOf(plan));
    Append(&extensions, ExtensionDer(kPolicies, false, policies));
  }
  CBB_flush(to);
  return absl::OkStatus();
}

// The contents of the INTEGER: positive, without needless zeros.
absl::StatusOr<std::string> SerialOf(const masa::v1::CertificatePlan& plan) {
  constexpr size_t kMostOctets = 20;
  const std::string& hex = plan.serial_number();
  const bool is_hex = hex.size() % 2 == 0 &&
                      std::all_of(hex.begin(), hex.end(), [](unsigned char c) {
                        return std::isxdigit(c) != 0;
                      });
  std::string octets = is_hex ? absl::HexStringToBytes(hex) : "";
  octets.erase(0, octets.find_first_not_of('\0'));
  if (!octets.empty() && (octets.front() & 0x80) != 0) {
    octets.insert(0, 1, '\0');
  }
  if (octets.empty() || octets.size() > kMostOctets) {
    return Wrong(plan,
                 "serial_number: 1 to 20 octets in hexadecimal digits, "
                 "above zero");
  }
  return octets;
}

struct Validity {
  absl::Time from;
  absl::Time until;
};

absl::StatusOr<Validity> ValidityOf(const masa::v1::CertificatePlan& plan) {
  const auto from = MomentOf(plan.not_before());
  const auto until = MomentOf(plan.not_after());
  if (!from.ok() || !until.ok() || *from >= *until) {
    return Wrong(plan,
                 "not_before and not_after: two moments in their order, as "
                 "2027-01-31T12:00:00Z");
  }
  return Validity{*from, *until};
}

}  // namespace

absl::StatusOr<absl::Time> MomentOf(const std::string& text) {
  absl::Time time;
  std::string why;
  if (!absl::ParseTime("%Y-%m-%dT%H:%M:%SZ", text, absl::UTCTimeZone(), &time,
                       &why) ||
      time != absl::FromUnixSeconds(absl::ToUnixSeconds(time))) {
    return absl::InvalidArgumentError(
        absl::StrCat("a moment is like 2027-01-31T12:00:00Z: ", text));
  }
  return time;
}

absl::StatusOr<SignatureAlgorithm> AlgorithmNamed(const std::string& name) {
  if (name == "p256") {
    return SignatureAlgorithm::kEcdsaP256Sha256;
  }
  if (name == "p384") {
    return SignatureAlgorithm::kEcdsaP384Sha384;
  }
  if (name == "rsa") {
    return SignatureAlgorithm::kRsaPkcs1Sha256;
  }
  if (name == "ed25519") {
    return SignatureAlgorithm::kEd25519;
  }
  return absl::InvalidArgumentError(
      absl::StrCat("an algorithm is p256, p384, rsa or ed25519: ", name));
}

absl::StatusOr<std::string> EncodeTbs(const masa::v1::CertificatePlan& plan,
                                      const std::string& spki_der,
                                      const CertificateIssuer& issuer,
                                      bool is_root) {
  const auto subject = signing::NameDerOf(plan.subject());
  if (!subject.ok()) {
    return Wrong(plan, subject.status().message());
  }
  MASA_ASSIGN_OR_RETURN(const std::string serial, SerialOf(plan));
  MASA_ASSIGN_OR_RETURN(const Validity validity, ValidityOf(plan));
  bssl::ScopedCBB cbb;
  CBB tbs, version, number, times;
  CBB_init(cbb.get(), 512);
  CBB_add_asn1(cbb.get(), &tbs, CBS_ASN1_SEQUENCE);
  CBB_add_asn1(&tbs, &version, kVersionTag);
  CBB_add_asn1_uint64(&version, 2);
  CBB_add_asn1(&tbs, &number, CBS_ASN1_INTEGER);
  Append(&number, serial);
  CBB_flush(&tbs);
  Append(&tbs, wire::X509AlgorithmDer(issuer.algorithm));
  Append(&tbs, issuer.name_der);
  CBB_add_asn1(&tbs, &times, CBS_ASN1_SEQUENCE);
  Append(&times, X509TimeDer(validity.from));
  Append(&times, X509TimeDer(validity.until));
  CBB_flush(&tbs);
  Append(&tbs, *subject);
  Append(&tbs, spki_der);
  MASA_RETURN_IF_ERROR(AddExtensions(plan, spki_der, issuer, is_root, &tbs));
  return Finished(cbb.get());
}

}  // namespace masa::masactl
