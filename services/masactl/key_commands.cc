#include "services/masactl/key_commands.h"

#include <fstream>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "openssl/pem.h"
#include "openssl/x509.h"
#include "proto/masa/v1/key.grpc.pb.h"
#include "services/masactl/ask.h"
#include "services/masactl/offline/pem_files.h"
#include "services/status/macros.h"

namespace masa::masactl {
namespace {

using masa::v1::KeyAdminService;
using masa::v1::KeyVersion;

absl::StatusOr<int32_t> VersionOf(const std::string& text) {
  int32_t version = 0;
  if (!absl::SimpleAtoi(text, &version) || version < 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("VERSION is a number, as `key list` shows it: ", text));
  }
  return version;
}

absl::StatusOr<google::protobuf::Timestamp> MomentOf(const std::string& text) {
  absl::Time time;
  std::string why;
  if (!absl::ParseTime(absl::RFC3339_full, text, &time, &why)) {
    return absl::InvalidArgumentError(
        absl::StrCat("a moment is like 2027-01-31T12:00:00Z: ", text));
  }
  google::protobuf::Timestamp timestamp;
  timestamp.set_seconds(absl::ToUnixSeconds(time));
  return timestamp;
}

std::string Text(const google::protobuf::Timestamp& timestamp) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%SZ",
                          absl::FromUnixSeconds(timestamp.seconds()),
                          absl::UTCTimeZone());
}

std::string NameOf(const KeyVersion& version) {
  return absl::StrCat(version.key(), " version ", version.version());
}

std::string NameOf(masa::v1::KeyAlgorithm algorithm) {
  return masa::v1::KeyAlgorithm_Name(algorithm).substr(
      std::string("KEY_ALGORITHM_").size());
}

// One line for people.
std::string LineOf(const KeyVersion& version) {
  std::string line = absl::StrCat(
      NameOf(version), "  ",
      absl::AsciiStrToLower(masa::v1::KeyState_Name(version.state())
                                .substr(std::string("KEY_STATE_").size())));
  if (version.in_force()) {
    absl::StrAppend(&line, "  signs now");
  }
  if (version.algorithm() != masa::v1::KEY_ALGORITHM_UNSPECIFIED) {
    absl::StrAppend(&line, "  ", NameOf(version.algorithm()));
  }
  if (version.has_not_before()) {
    absl::StrAppend(&line, "  from ", Text(version.not_before()));
  }
  if (version.has_retired_at()) {
    absl::StrAppend(&line, "  until ", Text(version.retired_at()));
  }
  if (version.has_destroy_asked_at()) {
    absl::StrAppend(&line,
                    version.destroy_asked_by().empty()
                        ? "  is being destroyed, call again to end it; asked"
                        : absl::StrCat("  to be destroyed, as ",
                                       version.destroy_asked_by(), " asked"),
                    " ", Text(version.destroy_asked_at()));
  }
  if (version.has_certificate_not_after()) {
    absl::StrAppend(&line, "  certified until ",
                    Text(version.certificate_not_after()));
  }
  return line;
}

masa::v1::KeyAlgorithm AlgorithmNamed(const std::string& name) {
  return name == "p384"      ? masa::v1::KEY_ALGORITHM_ECDSA_P384_SHA384
         : name == "rsa"     ? masa::v1::KEY_ALGORITHM_RSA_PKCS1_SHA256
         : name == "ed25519" ? masa::v1::KEY_ALGORITHM_ED25519
                             : masa::v1::KEY_ALGORITHM_ECDSA_P256_SHA256;
}

}  // namespace

absl::StatusOr<int> ListKeys(const CommonOptions& options,
                             const KeyArguments& arguments, Terminal terminal) {
  MASA_ASSIGN_OR_RETURN(
      const auto response,
      Ask<KeyAdminService>(options, &KeyAdminService::Stub::ListKeys,
                           masa::v1::ListKeysRequest()));
  if (options.json) {
    terminal.out << JsonOf(response) << '\n';
    return 0;
  }
  for (const KeyVersion& version : response.versions()) {
    terminal.out << LineOf(version) << '\n';
  }
  if (response.versions().empty()) {
    terminal.out << "no key\n";
  }
  return 0;
}

absl::StatusOr<int> CreateKey(const CommonOptions& options,
                              const KeyArguments& arguments,
                              Terminal terminal) {
  masa::v1::CreateKeyVersionRequest request;
  request.set_key(arguments.key);
  request.set_algorithm(AlgorithmNamed(arguments.algorithm));
  request.set_request_id(arguments.request_id);
  MASA_ASSIGN_OR_RETURN(
      const auto response,
      Ask<KeyAdminService>(options, &KeyAdminService::Stub::CreateKeyVersion,
                           request));
  return Tell(
      options, terminal, response,
      absl::StrCat(NameOf(response.version()),
                   " is made; next: masactl key csr ", response.version().key(),
                   " ", response.version().version()));
}

absl::StatusOr<int> ImportKey(const CommonOptions& options,
                              const KeyArguments& arguments,
                              Terminal terminal) {
  masa::v1::ImportKeyVersionRequest request;
  request.set_key(arguments.key);
  request.set_request_id(arguments.request_id);
  MASA_ASSIGN_OR_RETURN(const std::string pem, ReadText(arguments.key_file));
  if (pem.find("-----BEGIN ENCRYPTED PRIVATE KEY-----") == std::string::npos) {
    return absl::InvalidArgumentError(
        "the key is not encrypted, and goes nowhere so; encrypt it with the "
        "passphrase of the signer's key folder: openssl pkcs8 -topk8 -v2 "
        "aes-256-cbc");
  }
  request.set_encrypted_pkcs8_pem(pem);
  MASA_ASSIGN_OR_RETURN(
      const auto response,
      Ask<KeyAdminService>(options, &KeyAdminService::Stub::ImportKeyVersion,
                           request));
  return Tell(options, terminal, response,
              absl::StrCat(NameOf(response.version()), " is imported"));
}

absl::StatusOr<int> RequestKeyCertificate(const CommonOptions& options,
                                          const KeyArguments& arguments,
                                          Terminal terminal) {
  masa::v1::GetCertificateRequestRequest request;
  request.set_key(arguments.key);
  MASA_ASSIGN_OR_RETURN(const int32_t version, VersionOf(arguments.version));
  request.set_version(version);
  request.set_subject(arguments.subject);
  MASA_ASSIGN_OR_RETURN(
      const auto response,
      Ask<KeyAdminService>(
          options, &KeyAdminService::Stub::GetCertificateRequest, request));
  MASA_RETURN_IF_ERROR(
      WriteText(arguments.out_file,
                PemOf("CERTIFICATE REQUEST", response.request_der())));
  return Tell(options, terminal, response,
              absl::StrCat("the request is in ", arguments.out_file));
}

absl::StatusOr<int> ActivateKey(const CommonOptions& options,
                                const KeyArguments& arguments,
                                Terminal terminal) {
  masa::v1::ActivateKeyVersionRequest request;
  request.set_key(arguments.key);
  MASA_ASSIGN_OR_RETURN(const int32_t version, VersionOf(arguments.version));
  request.set_version(version);
  request.set_validate_only(arguments.check);
  request.set_request_id(arguments.request_id);
  if (!arguments.at.empty()) {
    MASA_ASSIGN_OR_RETURN(*request.mutable_not_before(),
                          MomentOf(arguments.at));
  }
  MASA_ASSIGN_OR_RETURN(const auto chain,
                        ReadCertificates(arguments.chain_file));
  for (const std::string& der : chain) {
    request.add_chain_der(der);
  }
  MASA_ASSIGN_OR_RETURN(
      const auto response,
      Ask<KeyAdminService>(options, &KeyAdminService::Stub::ActivateKeyVersion,
                           request));
  return Tell(
      options, terminal, response,
      arguments.check
          ? absl::StrCat(NameOf(response.version()), " could be activated")
          : absl::StrCat(NameOf(response.version()), " signs from ",
                         Text(response.version().not_before())));
}

absl::StatusOr<int> RetireKey(const CommonOptions& options,
                              const KeyArguments& arguments,
                              Terminal terminal) {
  masa::v1::RetireKeyVersionRequest request;
  request.set_key(arguments.key);
  MASA_ASSIGN_OR_RETURN(const int32_t version, VersionOf(arguments.version));
  request.set_version(version);
  request.set_last(arguments.last);
  request.set_request_id(arguments.request_id);
  if (!arguments.at.empty()) {
    MASA_ASSIGN_OR_RETURN(*request.mutable_at(), MomentOf(arguments.at));
  }
  MASA_ASSIGN_OR_RETURN(
      const auto response,
      Ask<KeyAdminService>(options, &KeyAdminService::Stub::RetireKeyVersion,
                           request));
  return Tell(options, terminal, response,
              absl::StrCat(NameOf(response.version()), " signs until ",
                           Text(response.version().retired_at())));
}

absl::StatusOr<int> DestroyKey(const CommonOptions& options,
                               const KeyArguments& arguments,
                               Terminal terminal) {
  masa::v1::DestroyKeyVersionRequest request;
  request.set_key(arguments.key);
  MASA_ASSIGN_OR_RETURN(const int32_t version, VersionOf(arguments.version));
  request.set_version(version);
  request.set_withdraw(arguments.withdraw);
  request.set_validate_only(arguments.check);
  request.set_request_id(arguments.request_id);
  MASA_ASSIGN_OR_RETURN(
      const auto response,
      Ask<KeyAdminService>(options, &KeyAdminService::Stub::DestroyKeyVersion,
                           request));
  const KeyVersion& now = response.version();
  return Tell(
      options, terminal, response,
      arguments.check          ? absl::StrCat(NameOf(now), " could be")
      : now.has_destroyed_at() ? absl::StrCat(NameOf(now), " is destroyed")
      : arguments.withdraw     ? absl::StrCat(NameOf(now), " is kept")
                               : absl::StrCat(NameOf(now),
                                              " is destroyed when another operator "
                                                  "confirms it, seven days from now"));
}

absl::StatusOr<int> TestKey(const CommonOptions& options,
                            const KeyArguments& arguments, Terminal terminal) {
  masa::v1::TestKeyRequest request;
  request.set_key(arguments.key);
  if (!arguments.version.empty()) {
    MASA_ASSIGN_OR_RETURN(const int32_t version, VersionOf(arguments.version));
    request.set_version(version);
  }
  MASA_ASSIGN_OR_RETURN(
      const auto response,
      Ask<KeyAdminService>(options, &KeyAdminService::Stub::TestKey, request));
  return Tell(
      options, terminal, response,
      absl::StrCat(response.signed_by(), " signs, and what it signs verifies"));
}

}  // namespace masa::masactl
