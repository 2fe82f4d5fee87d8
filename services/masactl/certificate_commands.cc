#include "services/masactl/certificate_commands.h"

#include <algorithm>
#include <map>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "openssl/rand.h"
#include "openssl/sha.h"
#include "proto/masa/v1/certificate.grpc.pb.h"
#include "services/masactl/ask.h"
#include "services/masactl/offline/pem_files.h"
#include "services/masactl/phrases.h"
#include "services/masactl/shown.h"
#include "services/status/macros.h"

namespace masa::masactl {
namespace {

using masa::v1::Certificate;
using masa::v1::CertificateService;

// RFC 5280's names, as OpenSSL writes them.
const std::map<std::string, masa::v1::RevocationReason>& Reasons() {
  static const auto& reasons =
      *new std::map<std::string, masa::v1::RevocationReason>{
          {"unspecified", masa::v1::REVOCATION_REASON_UNSPECIFIED},
          {"keyCompromise", masa::v1::REVOCATION_REASON_KEY_COMPROMISE},
          {"affiliationChanged",
           masa::v1::REVOCATION_REASON_AFFILIATION_CHANGED},
          {"superseded", masa::v1::REVOCATION_REASON_SUPERSEDED},
          {"cessationOfOperation",
           masa::v1::REVOCATION_REASON_CESSATION_OF_OPERATION},
          {"privilegeWithdrawn",
           masa::v1::REVOCATION_REASON_PRIVILEGE_WITHDRAWN}};
  return reasons;
}

// One line for people.
std::string LineOf(const Certificate& one) {
  return absl::StrCat(
      one.serial(), "  ", Shown(one.subject()), "  ", one.profile(), "  ",
      Shown(one.requester()), "  issued ", TimeText(one.issued_at()), "  ",
      one.has_revoked_at()
          ? absl::StrCat("revoked ", TimeText(one.revoked_at()))
      : one.has_not_after() ? absl::StrCat("until ", TimeText(one.not_after()))
                            : "without an end");
}

// As `openssl x509 -serial` and people write it.
std::string SerialOf(std::string text) {
  text.erase(std::remove(text.begin(), text.end(), ':'), text.end());
  return absl::AsciiStrToLower(text);
}

}  // namespace

absl::StatusOr<int> ListCertificates(const CommonOptions& options,
                                     const CertificateArguments& arguments,
                                     Terminal terminal) {
  masa::v1::ListCertificatesRequest request;
  request.set_profile(arguments.profile);
  request.set_subject(arguments.subject);
  if (arguments.only_revoked || arguments.only_valid) {
    request.set_revoked(arguments.only_revoked);
  }
  bool is_any = false;
  do {
    MASA_ASSIGN_OR_RETURN(
        const auto response,
        Ask<CertificateService>(
            options, &CertificateService::Stub::ListCertificates, request));
    is_any = is_any || !response.certificates().empty();
    for (const Certificate& one : response.certificates()) {
      terminal.out << (options.json ? JsonOf(one) : LineOf(one)) << '\n';
    }
    request.set_page_token(response.next_page_token());
  } while (!request.page_token().empty());
  if (!is_any && !options.json) {
    terminal.out << "no certificate\n";
  }
  return 0;
}

absl::StatusOr<int> GetCertificate(const CommonOptions& options,
                                   const CertificateArguments& arguments,
                                   Terminal terminal) {
  masa::v1::GetCertificateRequest request;
  request.set_serial(SerialOf(arguments.serial));
  MASA_ASSIGN_OR_RETURN(
      const auto response,
      Ask<CertificateService>(
          options, &CertificateService::Stub::GetCertificate, request));
  const Certificate& one = response.certificate();
  if (!arguments.out_file.empty()) {
    MASA_RETURN_IF_ERROR(WriteText(
        arguments.out_file, PemOf("CERTIFICATE", one.certificate_der())));
  }
  return Tell(options, terminal, response, LineOf(one));
}

absl::StatusOr<int> RevokeCertificate(const CommonOptions& options,
                                      const CertificateArguments& arguments,
                                      Terminal terminal) {
  masa::v1::RevokeCertificateRequest request;
  request.set_serial(SerialOf(arguments.serial));
  request.set_reason(Reasons().at(arguments.reason));
  request.set_request_id(arguments.request_id);
  MASA_ASSIGN_OR_RETURN(
      const auto response,
      Ask<CertificateService>(
          options, &CertificateService::Stub::RevokeCertificate, request));
  return Tell(options, terminal, response,
              absl::StrCat(
                  response.certificate().serial(), " of ",
                  Shown(response.certificate().subject()),
                  " is revoked. A device that has it on record is blocked: let "
                  "it enrol anew, then masactl device block ",
                  Shown(response.certificate().subject()), " --lift"));
}

absl::StatusOr<int> CreateEnrollmentToken(const CommonOptions& options,
                                          const CertificateArguments& arguments,
                                          Terminal terminal) {
  constexpr size_t kTokenOctets = 24;
  absl::Duration lifetime;
  if (!absl::ParseDuration(arguments.expires_in, &lifetime) ||
      lifetime <= absl::ZeroDuration()) {
    return absl::InvalidArgumentError(
        absl::StrCat("--expires-in is like 24h: ", arguments.expires_in));
  }
  std::string octets(kTokenOctets, '\0'), digest(SHA256_DIGEST_LENGTH, '\0');
  RAND_bytes(reinterpret_cast<uint8_t*>(octets.data()), octets.size());
  const std::string token = absl::WebSafeBase64Escape(octets);
  SHA256(reinterpret_cast<const uint8_t*>(token.data()), token.size(),
         reinterpret_cast<uint8_t*>(digest.data()));
  masa::v1::CreateEnrollmentTokenRequest request;
  request.set_profile(arguments.profile);
  request.set_token_sha256(digest);
  request.mutable_subjects()->Assign(arguments.subjects.begin(),
                                     arguments.subjects.end());
  request.mutable_expire_time()->set_seconds(
      absl::ToUnixSeconds(absl::Now() + lifetime));
  MASA_RETURN_IF_ERROR(
      Ask<CertificateService>(
          options, &CertificateService::Stub::CreateEnrollmentToken, request)
          .status());
  // The one time that anybody sees it.
  terminal.out << (options.json ? absl::StrCat("{\"token\": \"", token, "\"}")
                                : token)
               << '\n';
  return 0;
}

}  // namespace masa::masactl
