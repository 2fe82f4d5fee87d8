#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "openssl/sha.h"
#include "services/enrollment/rules.h"
#include "services/status/macros.h"
#include "services/status/reason.h"
#include "services/wire/est_messages.h"

namespace masa::enrollment {
namespace {

constexpr size_t kLongestToken = 256;

absl::Status NotAuthenticated(absl::string_view what) {
  return Refuse(Reason::kAuthenticationRequired, what);
}

absl::Status NotAllowed(absl::string_view what) {
  return Refuse(Reason::kEnrollerNotAllowed, what);
}

std::string Sha256(absl::string_view octets) {
  std::string digest(SHA256_DIGEST_LENGTH, '\0');
  SHA256(reinterpret_cast<const uint8_t*>(octets.data()), octets.size(),
         reinterpret_cast<uint8_t*>(digest.data()));
  return digest;
}

// The password of HTTP Basic (RFC 7617), whoever the user says it is; empty
// for any other header.
std::string PasswordOf(const std::string& authorization) {
  constexpr absl::string_view kScheme = "basic ";
  if (!absl::StartsWithIgnoreCase(authorization, kScheme)) {
    return "";
  }
  const auto pair = wire::OctetsOfBase64(absl::StripAsciiWhitespace(
      absl::string_view(authorization).substr(kScheme.size())));
  const size_t colon = pair.ok() ? pair->find(':') : std::string::npos;
  if (colon == std::string::npos || pair->size() - colon - 1 > kLongestToken) {
    return "";
  }
  return pair->substr(colon + 1);
}

Applicant TokenApplicant(const std::string& token) {
  constexpr size_t kShown = 8;  // octets: enough to find it, of no other use
  Applicant applicant;
  applicant.kind = Applicant::Kind::kToken;
  applicant.token_digest = Sha256(token);
  applicant.name = absl::StrCat(
      "token:",
      absl::BytesToHexString(applicant.token_digest.substr(0, kShown)));
  return applicant;
}

}  // namespace

absl::StatusOr<Applicant> Identify(const masa::v1::EnrollmentProfile& profile,
                                   const Credentials& credentials,
                                   absl::Time now) {
  bool is_over = false;
  if (!credentials.tls_chain_der.empty()) {
    MASA_ASSIGN_OR_RETURN(
        const wire::Certificate shown,
        wire::Certificate::Parse(credentials.tls_chain_der.front()));
    for (const masa::v1::FactoryLine& line : profile.factory_lines()) {
      if (line.spki_sha256() == shown->spki_sha256) {
        is_over = now > shown->not_after || now < shown->not_before;
        if (!is_over) {
          return Applicant{Applicant::Kind::kLine,
                           absl::StrCat("line:", line.name()), ""};
        }
      }
    }
  }
  const std::string token = PasswordOf(credentials.authorization);
  if (!token.empty()) {
    return TokenApplicant(token);
  }
  if (credentials.tls_chain_der.empty()) {
    return NotAuthenticated(
        "a TLS client certificate of a factory line, or a one-time token over "
        "HTTP Basic, is needed");
  }
  return NotAllowed(is_over ? "the client certificate is not valid now"
                            : "the client certificate is not of a factory line "
                              "of this profile");
}

bool ReadsRecord(const masa::v1::EnrollmentProfile& profile,
                 const Applicant& applicant) {
  return applicant.kind != Applicant::Kind::kLine || profile.registered_only();
}

absl::Status CheckTokenNames(const Applicant& applicant,
                             const wire::CertificationRequest& request) {
  return applicant.kind != Applicant::Kind::kToken ||
                 request.dns_names.size() <= 1
             ? absl::OkStatus()
             : Refuse(Reason::kSubjectNotAllowed,
                      "a one-time token is for one DNS name; a request for "
                      "several is a factory line's");
}

absl::Status CheckPermit(const masa::v1::EnrollmentProfile& profile,
                         const Applicant& applicant,
                         const storage::EnrollmentFacts& facts,
                         const std::string& request_digest, absl::Time now) {
  if (applicant.kind != Applicant::Kind::kToken ||
      (facts.permit && facts.permit->profile == profile.label() &&
       now < facts.permit->expires_at)) {
    return absl::OkStatus();
  }
  const bool is_repeat = std::any_of(
      facts.certificates.begin(), facts.certificates.end(),
      [&](const storage::IssuedCertificate& one) {
        return one.requester == applicant.name &&
               one.request_digest == request_digest && one.IsValidAt(now);
      });
  return is_repeat ? absl::OkStatus()
                   : NotAuthenticated(
                         "the token is unknown, used, over, or not for "
                         "this subject and label");
}

absl::Status CheckRegistered(const masa::v1::EnrollmentProfile& profile,
                             const storage::EnrollmentFacts& facts) {
  return !profile.registered_only() || facts.is_registered
             ? absl::OkStatus()
             : Refuse(Reason::kSubjectNotAllowed,
                      "no device of this serial number is on record, and this "
                      "profile issues to those alone");
}

absl::StatusOr<Applicant> CheckRenewal(
    const masa::v1::EnrollmentProfile& profile,
    const wire::CertificationRequest& request, const Credentials& credentials,
    const storage::EnrollmentFacts& facts, absl::Time now) {
  if (credentials.tls_chain_der.empty()) {
    return NotAuthenticated(
        "a certificate is renewed by whoever shows it in TLS");
  }
  const std::string& shown_der = credentials.tls_chain_der.front();
  const auto ours =
      std::find_if(facts.certificates.begin(), facts.certificates.end(),
                   [&](const storage::IssuedCertificate& one) {
                     return one.certificate_der == shown_der &&
                            one.profile == profile.label();
                   });
  if (ours == facts.certificates.end()) {
    return NotAllowed(
        "the client certificate was not issued here under this "
        "label, or not for the subject of the request");
  }
  if (ours->revoked_at) {
    return Refuse(Reason::kCertRevoked, "the client certificate is revoked");
  }
  if (!ours->IsValidAt(now)) {
    return Refuse(Reason::kCertificateExpired,
                  "the client certificate is over; enrol anew");
  }
  MASA_ASSIGN_OR_RETURN(const wire::Certificate shown,
                        wire::Certificate::Parse(shown_der));
  if (shown->subject_der != request.subject_der ||
      wire::AlternativeNamesOf(shown_der) != request.alternative_names) {
    return Refuse(Reason::kSubjectNotAllowed,
                  "a renewal asks for the subject and the alternative names of "
                  "the certificate that it renews");
  }
  return Applicant{
      Applicant::Kind::kHolder,
      absl::StrCat("certificate:", absl::BytesToHexString(ours->serial)), ""};
}

}  // namespace masa::enrollment
