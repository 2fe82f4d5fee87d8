// May this request become a certificate? One rule each; the use case calls them
// in their order. Pure, but for the verifier that is passed in.
#ifndef SERVICES_ENROLLMENT_RULES_H_
#define SERVICES_ENROLLMENT_RULES_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "proto/masa/v1/policy.pb.h"
#include "services/verifier/verifier.h"
#include "services/wire/certificate.h"
#include "services/wire/certificate_form.h"
#include "services/wire/certification_request.h"
#include "storage/certificate_store.h"

namespace masa::enrollment {

// What a client shows of itself: in TLS, and by HTTP Basic.
struct Credentials {
  std::vector<std::string> tls_chain_der;  // leaf first; TLS proved its key
  std::string authorization;               // the header's value; secret
  // tls-unique (RFC 5929), of TLS 1.3 tls-exporter (RFC 9266); empty: unknown.
  std::string channel_binding;
};

// Who may ask, once that is known.
struct Applicant {
  enum class Kind { kLine = 1, kToken = 2, kHolder = 3 };
  Kind kind = Kind::kLine;
  std::string name;          // for audit events: line:, token:, certificate:
  std::string token_digest;  // of a token: 32 octets
};

// The key signed the request (RFC 7030 section 3.4), and, where it carries a
// challengePassword or the profile asks for one, for this very connection
// (section 3.5, ES-14). kPossessionNotProven.
absl::Status CheckPossession(const masa::v1::EnrollmentProfile& profile,
                             const wire::CertificationRequest& request,
                             const Credentials& credentials,
                             const Verifier& verifier);

// kSubjectKeyNotAllowed for a kind or size of key that the profile does not
// issue.
absl::Status CheckKey(const masa::v1::EnrollmentProfile& profile,
                      const wire::CertificationRequest& request);

// Of a request whose key is made here (RFC 7030 section 4.4.1): its public key
// and its signature say nothing, so that there is no possession to prove.
// kNotOffered where the profile makes no keys; kSubjectKeyNotAllowed for one
// that wants the key encrypted for a key of its own, since none is known here
// (ES-16).
absl::Status CheckKeygen(const masa::v1::EnrollmentProfile& profile,
                         const wire::CertificationRequest& request);

// Whom the certificate is for: the device's serial number, or a server's first
// DNS name. kSubjectNotAllowed, saying what the subject must be.
absl::StatusOr<std::string> SubjectOf(
    const masa::v1::EnrollmentProfile& profile,
    const wire::CertificationRequest& request);

// The applicant as far as it shows itself: by the key of a factory line of the
// profile, else by a token, of which CheckPermit says more.
// kAuthenticationRequired when it shows nothing, kEnrollerNotAllowed when its
// certificate is not on the list.
absl::StatusOr<Applicant> Identify(const masa::v1::EnrollmentProfile& profile,
                                   const Credentials& credentials,
                                   absl::Time now);

// Whether anything on record decides over this applicant: for others, none of
// the rules below looks at it.
bool ReadsRecord(const masa::v1::EnrollmentProfile& profile,
                 const Applicant& applicant);

// A token is for one name: with it, a request for a server has that name alone.
// kSubjectNotAllowed.
absl::Status CheckTokenNames(const Applicant& applicant,
                             const wire::CertificationRequest& request);

// Whether the token is for this subject and profile, or was when this very
// request got its certificate. kAuthenticationRequired.
absl::Status CheckPermit(const masa::v1::EnrollmentProfile& profile,
                         const Applicant& applicant,
                         const storage::EnrollmentFacts& facts,
                         const std::string& request_digest, absl::Time now);

// What stands in the registry allows it. kSubjectNotAllowed for a serial number
// that must be on record and is not.
absl::Status CheckRegistered(const masa::v1::EnrollmentProfile& profile,
                             const storage::EnrollmentFacts& facts);

// Of a renewal: the certificate shown in TLS is ours, of this profile, valid,
// not revoked, and the request asks for the same names (ES-11).
// kAuthenticationRequired, kEnrollerNotAllowed, kCertRevoked,
// kCertificateExpired, kSubjectNotAllowed.
absl::StatusOr<Applicant> CheckRenewal(
    const masa::v1::EnrollmentProfile& profile,
    const wire::CertificationRequest& request, const Credentials& credentials,
    const storage::EnrollmentFacts& facts, absl::Time now);

// What the certificate says, by this CA, with this serial number.
// kMisconfigured when the CA's certificate is none, or no CA's.
absl::StatusOr<wire::CertificateForm> FormFor(
    const masa::v1::EnrollmentProfile& profile,
    const wire::CertificationRequest& request, const wire::Certificate& ca,
    SignatureAlgorithm algorithm, const std::string& serial, absl::Time now);

}  // namespace masa::enrollment

#endif  // SERVICES_ENROLLMENT_RULES_H_
