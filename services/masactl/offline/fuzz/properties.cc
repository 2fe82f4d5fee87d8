#include "services/masactl/offline/fuzz/properties.h"

#include <cstdlib>
#include <set>
#include <string>

#include "absl/strings/escaping.h"
#include "openssl/evp.h"
#include "services/masactl/offline/ceremony_plan.h"
#include "services/masactl/offline/certificates.h"
#include "services/masactl/offline/key_shares.h"
#include "services/signing/certificate_request.h"
#include "services/signing/key_chain.h"
#include "services/signing/key_names.h"
#include "services/wire/x509_write.h"

namespace masa::masactl {
namespace {

void Require(bool holds) {
  if (!holds) {
    std::abort();
  }
}

// Of Ed25519, RFC 8410 section 10.1.
std::string SomeSpki() {
  return absl::HexStringToBytes(
      "302a300506032b657003210019bf44096984cdfe8541bac167dc3b96c85086aa30b6b6cb"
      "0c5c38ad703166e1");
}

void CheckCertificate(const masa::v1::CertificatePlan& plan, bool is_root,
                      const CertificateIssuer& issuer) {
  const auto tbs = EncodeTbs(plan, SomeSpki(), issuer, is_root);
  if (!tbs.ok()) {
    Require(tbs.status().code() == absl::StatusCode::kInvalidArgument);
    return;
  }
  Require(*EncodeTbs(plan, SomeSpki(), issuer, is_root) == *tbs);
  const std::string der =
      wire::SignedDer(*tbs, issuer.algorithm, std::string(64, 's'));
  const auto parts = wire::PartsOfSigned(der);
  Require(parts.ok() && parts->tbs_der == *tbs &&
          parts->signature == std::string(64, 's'));
  Require(signing::SpkiOfChain({der}).value_or("") == SomeSpki());
}

}  // namespace

void CheckShareText(absl::string_view text) {
  const auto share = ParseShare(std::string(text));
  if (!share.ok()) {
    return;
  }
  const auto again = ParseShare(ShareText(*share));
  Require(again.ok() &&
          again->SerializeAsString() == share->SerializeAsString());
  Require(!RestoreKey({{"it", *share}}).ok());
  Require(!RestoreKey({{"it", *share}, {"again", *again}}).ok());
}

void CheckPlanText(absl::string_view text) {
  const auto ceremony = ParseCeremony(std::string(text));
  if (!ceremony.ok()) {
    return;
  }
  std::set<std::string> names = {ceremony->root().name()};
  for (const auto& signer : ceremony->signers()) {
    Require(names.insert(signer.name()).second);
  }
  for (const std::string& name : names) {
    Require(signing::IsPlainKeyName(name));
  }
  const auto issuer = IssuerOf(ceremony->root(), SomeSpki());
  if (!issuer.ok()) {
    return;
  }
  CheckCertificate(ceremony->root(), true, *issuer);
  for (const auto& signer : ceremony->signers()) {
    CheckCertificate(signer, false, *issuer);
  }
}

void CheckRequestPem(absl::string_view text) {
  const auto spki = SpkiOfRequestPem("it", std::string(text));
  Require(!spki.ok() || signing::AlgorithmOfSpki(*spki).has_value());
}

void CheckSubject(absl::string_view text) {
  const auto name = signing::NameDerOf(std::string(text));
  if (!name.ok()) {
    return;
  }
  const std::string info = signing::EncodeRequestInfo(*name, SomeSpki());
  Require(signing::IsRequestInfoOf(info, SomeSpki()));
  std::string other = SomeSpki();
  other.back() ^= 1;
  Require(!signing::IsRequestInfoOf(info, other));
  for (size_t length = 0; length < info.size(); ++length) {
    Require(!signing::IsRequestInfoOf(info.substr(0, length), SomeSpki()));
  }
}

void CheckParts(absl::string_view octets) {
  constexpr SignatureAlgorithm kAlgorithms[] = {
      SignatureAlgorithm::kEcdsaP256Sha256,
      SignatureAlgorithm::kEcdsaP384Sha384, SignatureAlgorithm::kRsaPkcs1Sha256,
      SignatureAlgorithm::kEd25519};
  const std::string whole(octets);
  const auto parts = wire::PartsOfSigned(whole);
  if (!parts.ok()) {
    return;
  }
  Require(whole.find(parts->tbs_der) != std::string::npos);
  for (const SignatureAlgorithm algorithm : kAlgorithms) {
    const auto again = wire::PartsOfSigned(
        wire::SignedDer(parts->tbs_der, algorithm, parts->signature));
    Require(again.ok() && again->tbs_der == parts->tbs_der &&
            again->signature == parts->signature);
  }
}

}  // namespace masa::masactl
