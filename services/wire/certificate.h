// A certificate as the rules read it: parsed once, immutable, cheap to copy.
// Parsing says nothing about trust.
#ifndef SERVICES_WIRE_CERTIFICATE_H_
#define SERVICES_WIRE_CERTIFICATE_H_

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace masa::wire {

// The fields; octets are raw, DER where the name says so.
struct CertificateFields {
  std::string der;
  std::string subject_der;
  std::string issuer_der;
  std::string serial_der;  // contents of the serialNumber INTEGER
  std::string spki_der;
  std::string spki_sha256;  // 32 octets
  absl::Time not_before;
  absl::Time not_after;  // InfiniteFuture for 99991231235959Z
  // X520SerialNumber of the subject, PrintableString or UTF8String (PV-09).
  std::optional<std::string> subject_serial_number;
  std::optional<std::string> subject_common_name;
  // hwSerialNum of a hardwareModuleName (RFC 4108 section 5).
  std::optional<std::string> hardware_serial_number;
  std::optional<std::string> subject_key_id;    // SKI octets
  std::optional<std::string> authority_key_id;  // AKI keyIdentifier octets
  std::optional<std::string> masa_url;          // RFC 8995 section 2.3.2
  bool is_ca = false;                           // basicConstraints cA
  bool has_cmc_ra = false;                      // EKU id-kp-cmcRA, RFC 6402
  bool has_ocsp_signing = false;         // EKU id-kp-OCSPSigning, RFC 6960
  bool may_sign_crls = true;             // keyUsage cRLSign, or no keyUsage
  std::vector<std::string> policy_oids;  // dotted
  std::vector<std::string> crl_urls;     // where its revocation is published
  std::vector<std::string> ocsp_urls;    // and answered
};

class Certificate {
 public:
  // kCertMalformed for anything but exactly one certificate of at most 16 KiB.
  static absl::StatusOr<Certificate> Parse(absl::string_view der);

  const CertificateFields* operator->() const { return fields_.get(); }
  const CertificateFields& operator*() const { return *fields_; }

  // domainID of RFC 8995 section 5.8.2: SKI, else SHA-256 of the SPKI.
  std::string DomainId() const;

 private:
  explicit Certificate(std::shared_ptr<const CertificateFields> fields)
      : fields_(std::move(fields)) {}
  std::shared_ptr<const CertificateFields> fields_;
};

// Whether `a` ends later than `b`. For those that end at once some order that
// is always the same, where the order in which they were sent means nothing.
bool Outlasts(const Certificate& a, const Certificate& b);

}  // namespace masa::wire

#endif  // SERVICES_WIRE_CERTIFICATE_H_
