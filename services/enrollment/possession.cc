#include <algorithm>

#include "services/enrollment/profile.h"
#include "services/enrollment/rules.h"
#include "services/status/reason.h"
#include "services/wire/est_messages.h"

namespace masa::enrollment {
namespace {

absl::Status NotProven(absl::string_view what) {
  return Refuse(Reason::kPossessionNotProven, what);
}

// RFC 7030 section 3.5.
absl::Status CheckLinking(const masa::v1::EnrollmentProfile& profile,
                          const wire::CertificationRequest& request,
                          const Credentials& credentials) {
  if (!request.challenge_password) {
    return profile.linking_required()
               ? NotProven(
                     "the request lacks a challengePassword with the "
                     "channel binding of this TLS connection, which is "
                     "required here (RFC 7030 section 3.5)")
               : absl::OkStatus();
  }
  return !credentials.channel_binding.empty() &&
                 *request.challenge_password ==
                     wire::Base64Of(credentials.channel_binding)
             ? absl::OkStatus()
             : NotProven(
                   "the challengePassword is not the channel binding of "
                   "this TLS connection: tls-unique, in TLS 1.3 "
                   "tls-exporter (RFC 9266)");
}

}  // namespace

absl::Status CheckPossession(const masa::v1::EnrollmentProfile& profile,
                             const wire::CertificationRequest& request,
                             const Credentials& credentials,
                             const Verifier& verifier) {
  const wire::X509Signature& signature = request.signature;
  if (signature.signature.empty()) {
    return NotProven(
        "the request's signature is empty, or of an algorithm that is not "
        "taken here");
  }
  if (!verifier
           .VerifySignature(signature.algorithm, request.spki_der,
                            signature.signed_octets, signature.signature)
           .ok()) {
    return NotProven("the request was not signed by the key in it");
  }
  return CheckLinking(profile, request, credentials);
}

absl::Status CheckKey(const masa::v1::EnrollmentProfile& profile,
                      const wire::CertificationRequest& request) {
  const auto keys = KeysOf(profile);
  const wire::KeyShape shape = wire::ShapeOfKey(request.spki_der);
  return std::find(keys.begin(), keys.end(), shape) != keys.end()
             ? absl::OkStatus()
             : Refuse(Reason::kSubjectKeyNotAllowed,
                      "the key is of a kind or size that is not issued here; "
                      "csrattrs says which are");
}

absl::Status CheckKeygen(const masa::v1::EnrollmentProfile& profile,
                         const wire::CertificationRequest& request) {
  if (!profile.server_keygen()) {
    return Refuse(Reason::kNotOffered,
                  "no keys are made here for others: make one where it is "
                  "used, and ask by simpleenroll");
  }
  return request.names_decrypt_key
             ? Refuse(Reason::kSubjectKeyNotAllowed,
                      "the request names a key to encrypt the new one for, "
                      "and none of that identifier is known here; leave "
                      "DecryptKeyIdentifier and "
                      "AsymmetricDecryptKeyIdentifier out")
             : absl::OkStatus();
}

}  // namespace masa::enrollment
