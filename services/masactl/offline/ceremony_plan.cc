#include "services/masactl/offline/ceremony_plan.h"

#include <filesystem>
#include <set>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "openssl/bio.h"
#include "openssl/bytestring.h"
#include "openssl/err.h"
#include "openssl/evp.h"
#include "openssl/pem.h"
#include "openssl/sha.h"
#include "openssl/x509.h"
#include "services/config/yaml_reader.h"
#include "services/signing/certificate_request.h"
#include "services/signing/key_chain.h"
#include "services/signing/key_names.h"
#include "services/signing/private_key.h"
#include "services/status/macros.h"

namespace masa::masactl {
namespace {

absl::Status Wrong(absl::string_view what) {
  return absl::InvalidArgumentError(what);
}

absl::Status CheckOne(const masa::v1::CertificatePlan& plan, bool is_root,
                      std::set<std::string>* names) {
  if (!signing::IsPlainKeyName(plan.name()) ||
      !names->insert(plan.name()).second) {
    return Wrong(absl::StrCat(
        "each certificate has a name of its own, of letters, digits and "
        ". _ -: ",
        plan.name()));
  }
  if (plan.algorithm().empty() == plan.request_file().empty() ||
      (is_root && plan.algorithm().empty())) {
    return Wrong(absl::StrCat("certificate ", plan.name(),
                              ": one of algorithm and request_file is needed; "
                              "of a root, algorithm"));
  }
  return plan.algorithm().empty() ? absl::OkStatus()
                                  : AlgorithmNamed(plan.algorithm()).status();
}

}  // namespace

absl::StatusOr<std::string> ReadWhole(const std::string& path) {
  std::string octets;
  if (!config::ReadFile(path, &octets)) {
    return Wrong(absl::StrCat(path, " cannot be read"));
  }
  return octets;
}

absl::StatusOr<masa::v1::Ceremony> ParseCeremony(const std::string& text) {
  constexpr int kMostSigners = 64;
  masa::v1::Ceremony ceremony;
  const auto faults = config::ReadYaml(text, &ceremony);
  if (!faults.empty()) {
    return Wrong(absl::StrJoin(faults, "; "));
  }
  if (ceremony.name().empty() || !ceremony.has_root() ||
      ceremony.signers_size() > kMostSigners) {
    return Wrong("a ceremony has a name, a root, and at most 64 signers");
  }
  std::set<std::string> names;
  MASA_RETURN_IF_ERROR(CheckOne(ceremony.root(), true, &names));
  for (const auto& signer : ceremony.signers()) {
    MASA_RETURN_IF_ERROR(CheckOne(signer, false, &names));
  }
  return ceremony;
}

absl::StatusOr<CeremonyPlan> ReadPlan(const std::string& path) {
  CeremonyPlan plan;
  MASA_ASSIGN_OR_RETURN(plan.text, ReadWhole(path));
  plan.file = std::filesystem::path(path).filename();
  plan.folder = std::filesystem::path(path).parent_path();
  MASA_ASSIGN_OR_RETURN(plan.ceremony, ParseCeremony(plan.text));
  return plan;
}

absl::StatusOr<std::string> SpkiOfRequest(const std::string& path) {
  MASA_ASSIGN_OR_RETURN(const std::string pem, ReadWhole(path));
  return SpkiOfRequestPem(path, pem);
}

absl::StatusOr<std::string> SpkiOfRequestPem(const std::string& name,
                                             const std::string& pem) {
  bssl::UniquePtr<BIO> bio(BIO_new_mem_buf(pem.data(), pem.size()));
  bssl::UniquePtr<X509_REQ> request(
      PEM_read_bio_X509_REQ(bio.get(), nullptr, nullptr, nullptr));
  bssl::UniquePtr<EVP_PKEY> key(
      request == nullptr ? nullptr : X509_REQ_get_pubkey(request.get()));
  const bool is_signed =
      key != nullptr && X509_REQ_verify(request.get(), key.get()) == 1;
  ERR_clear_error();
  if (!is_signed || !signing::AlgorithmOf(key.get()).ok()) {
    return Wrong(
        absl::StrCat(name, " is no request in PEM that its own key signed"));
  }
  return signing::SpkiDerOf(key.get());
}

std::string HexDigestOf(const std::string& octets) {
  std::string hash(SHA256_DIGEST_LENGTH, '\0');
  SHA256(reinterpret_cast<const uint8_t*>(octets.data()), octets.size(),
         reinterpret_cast<uint8_t*>(hash.data()));
  return absl::BytesToHexString(hash);
}

absl::StatusOr<CertificateIssuer> IssuerOf(
    const masa::v1::CertificatePlan& root, const std::string& spki_der) {
  const auto name = signing::NameDerOf(root.subject());
  if (!name.ok()) {
    return Wrong(absl::StrCat("certificate ", root.name(), ": ",
                              std::string(name.status().message())));
  }
  const auto algorithm = signing::AlgorithmOfSpki(spki_der);
  if (!algorithm) {
    return Wrong("the root's key is of a kind that is not known here");
  }
  return CertificateIssuer{*name, spki_der, *algorithm};
}

}  // namespace masa::masactl
