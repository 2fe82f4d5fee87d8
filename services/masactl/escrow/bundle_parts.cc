#include "services/masactl/escrow/bundle_parts.h"

#include <google/protobuf/struct.pb.h>
#include <google/protobuf/util/json_util.h>

#include <algorithm>
#include <iterator>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "openssl/bio.h"
#include "openssl/err.h"
#include "openssl/mem.h"
#include "openssl/pem.h"
#include "openssl/sha.h"
#include "proto/masa/v1/transfer.pb.h"
#include "services/masactl/history_report.h"
#include "services/status/macros.h"
#include "services/transparency/receipt.h"
#include "services/wire/certificate.h"
#include "services/wire/cms.h"
#include "services/wire/cose.h"
#include "services/wire/jws.h"
#include "services/wire/voucher.h"

namespace masa::masactl {
namespace {

using google::protobuf::util::JsonStringToMessage;
using wire::EscrowManifest;
using wire::ManifestEntry;

// What manifests are signed with.
constexpr SignatureAlgorithm kAlgorithms[] = {
    SignatureAlgorithm::kEcdsaP256Sha256, SignatureAlgorithm::kEcdsaP384Sha384,
    SignatureAlgorithm::kRsaPkcs1Sha256, SignatureAlgorithm::kEd25519};

absl::Status No(absl::string_view what, absl::string_view why) {
  return absl::InvalidArgumentError(absl::StrCat(what, " ", why));
}

std::string Sha256(const std::string& octets) {
  std::string digest(SHA256_DIGEST_LENGTH, '\0');
  SHA256(reinterpret_cast<const uint8_t*>(octets.data()), octets.size(),
         reinterpret_cast<uint8_t*>(digest.data()));
  return digest;
}

std::vector<std::string> CertificatesIn(const std::string& pem) {
  constexpr size_t kMost = 16;
  bssl::UniquePtr<BIO> bio(BIO_new_mem_buf(pem.data(), pem.size()));
  std::vector<std::string> chain;
  while (chain.size() < kMost) {
    bssl::UniquePtr<X509> certificate(
        PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
    if (certificate == nullptr) {
      break;
    }
    uint8_t* der = nullptr;
    const int length = i2d_X509(certificate.get(), &der);
    chain.emplace_back(reinterpret_cast<char*>(der), std::max(length, 0));
    OPENSSL_free(der);
  }
  ERR_clear_error();  // the end of the file is an error to the PEM reader
  return chain;
}

absl::Status CheckChain(const std::string& leaf_der,
                        std::vector<std::string> others,
                        const std::vector<std::string>& anchors, absl::Time at,
                        absl::string_view what, const Verifier& verifier) {
  ChainQuestion question;
  question.leaf_der = leaf_der;
  question.intermediates_der = std::move(others);
  question.anchors_der = anchors;
  question.at = at;
  const auto chain = verifier.VerifyChain(question);
  return chain.ok() ? absl::OkStatus()
                    : No(what, absl::StrCat("is signed by a key that leads to "
                                            "no anchor: ",
                                            chain.status().message()));
}

absl::StatusOr<wire::SignedArtifact> Open(const std::string& name,
                                          const std::string& octets) {
  return absl::EndsWith(name, ".vjj")   ? wire::ParseJws(octets)
         : absl::EndsWith(name, ".vch") ? wire::ParseCose(octets)
                                        : wire::ParseCms(octets);
}

// The certificate whose key signed: the one that came along, or one of those
// that the manifest has.
absl::StatusOr<std::string> SignerOf(const wire::SignedArtifact& artifact,
                                     const EscrowManifest& manifest,
                                     absl::string_view what,
                                     const Verifier& verifier) {
  const wire::SignerInfo& signer = artifact.signers.front();
  std::vector<wire::Certificate> candidates;
  for (const wire::SignerInfo& one : artifact.signers) {
    if (one.certificate >= 0) {
      candidates.push_back(artifact.certificates[one.certificate]);
    }
  }
  for (const auto* known :
       {&manifest.voucher_certificates, &manifest.voucher_anchors}) {
    for (const std::string& der : *known) {
      const auto certificate = wire::Certificate::Parse(der);
      if (certificate.ok()) {
        candidates.push_back(*certificate);
      }
    }
  }
  for (const wire::Certificate& one : candidates) {
    if (verifier
            .VerifySignature(signer.algorithm, one->spki_der,
                             signer.signed_octets, signer.signature)
            .ok()) {
      return one->der;
    }
  }
  return No(what, "has no good signature");
}

absl::Status CheckSignature(const wire::SignedArtifact& artifact,
                            const EscrowManifest& manifest,
                            absl::string_view what, const Verifier& verifier) {
  // COSE has one signature, and as many who may have made it as it encloses.
  if (artifact.signers.size() != 1 &&
      artifact.format != masa::v1::FORMAT_COSE_CBOR) {
    return No(what, "has not exactly one signer");
  }
  MASA_ASSIGN_OR_RETURN(const std::string signer,
                        SignerOf(artifact, manifest, what, verifier));
  std::vector<std::string> others = manifest.voucher_certificates;
  for (const wire::Certificate& one : artifact.certificates) {
    others.push_back(one->der);
  }
  return CheckChain(signer, std::move(others), manifest.voucher_anchors,
                    manifest.at, what, verifier);
}

std::string FieldOf(const google::protobuf::Struct& event, const char* name) {
  const auto found = event.fields().find(name);
  return found == event.fields().end() ? "" : found->second.string_value();
}

}  // namespace

absl::StatusOr<EscrowManifest> CheckManifest(const std::string& text,
                                             const std::string& signature,
                                             const std::string& chain_pem,
                                             const std::string& anchor_der,
                                             const Verifier& verifier) {
  const auto manifest = wire::ParseEscrowManifest(text);
  if (!manifest.ok()) {
    return No("manifest.json", "is not in the form of one");
  }
  const std::vector<std::string> chain = CertificatesIn(chain_pem);
  const auto signer =
      wire::Certificate::Parse(chain.empty() ? "" : chain.front());
  const auto made_it = [&](SignatureAlgorithm algorithm) {
    return verifier
        .VerifySignature(algorithm, (*signer)->spki_der, text, signature)
        .ok();
  };
  if (!signer.ok() ||
      !std::any_of(std::begin(kAlgorithms), std::end(kAlgorithms), made_it)) {
    return No("the manifest", "has no good signature");
  }
  MASA_RETURN_IF_ERROR(CheckChain(chain.front(), chain,
                                  anchor_der.empty()
                                      ? manifest->ownership_anchors
                                      : std::vector<std::string>{anchor_der},
                                  manifest->at, "the manifest", verifier));
  return manifest;
}

absl::StatusOr<std::optional<absl::Time>> CheckVoucher(
    const std::string& octets, const ManifestEntry& line,
    const EscrowManifest& manifest, absl::Time now, const Verifier& verifier) {
  const std::string what = absl::StrCat("the voucher ", line.file);
  if (Sha256(octets) != line.sha256) {
    return No(what, "is not the one of the manifest");
  }
  const auto artifact = Open(line.file, octets);
  const auto voucher = artifact.ok() ? wire::ParseVoucherContent(
                                           artifact->format, artifact->payload)
                                     : artifact.status();
  if (!voucher.ok()) {
    return No(what, absl::StrCat("is malformed: ", voucher.status().message()));
  }
  MASA_RETURN_IF_ERROR(CheckSignature(*artifact, manifest, what, verifier));
  if (voucher->serial_number != line.serial_number ||
      !absl::EndsWith(voucher->idevid_issuer.value_or(""),
                      line.idevid_issuer.value_or(""))) {
    return No(what, "is another device's");
  }
  if (voucher->nonce) {
    return No(what, "has a nonce");
  }
  if (voucher->expires_on && *voucher->expires_on <= now) {
    return No(what, "has ended");
  }
  return voucher->expires_on;
}

absl::Status CheckReceipt(const std::string& text, const ManifestEntry& line,
                          const EscrowManifest& manifest) {
  const std::string what = absl::StrCat("the receipt of ", line.file);
  const auto receipt = transparency::ParseReceipt(text);
  if (!receipt.ok()) {
    return No(what, "is none");
  }
  absl::Status verified = No(what, "is signed by no key of the log");
  for (const std::string& known : manifest.log_keys) {
    const auto key = transparency::ParseVerifierKey(known);
    if (key.ok() && !verified.ok()) {
      const auto checkpoint = transparency::VerifyReceipt(*receipt, *key);
      verified = checkpoint.ok()
                     ? absl::OkStatus()
                     : No(what, absl::StrCat("does not hold: ",
                                             checkpoint.status().message()));
    }
  }
  MASA_RETURN_IF_ERROR(verified);
  google::protobuf::Struct event;
  return JsonStringToMessage(receipt->event, &event).ok() &&
                 FieldOf(event, "kind") == "voucher-issued" &&
                 FieldOf(event, "tenant_id") == manifest.tenant_id &&
                 FieldOf(event, "voucher_id") ==
                     absl::BytesToHexString(line.voucher_id) &&
                 FieldOf(event, "voucher_sha256") ==
                     absl::BytesToHexString(line.sha256)
             ? absl::OkStatus()
             : No(what, "is of another voucher");
}

absl::Status CheckHistory(const std::string& json, const ManifestEntry& line,
                          const EscrowManifest& manifest, absl::Time now,
                          const Verifier& verifier) {
  const std::string what = absl::StrCat("the history of ", line.file);
  masa::v1::GetOwnershipHistoryResponse history;
  if (!JsonStringToMessage(json, &history).ok() || history.entries().empty()) {
    return No(what, "is none");
  }
  if (history.tenant_id() != manifest.tenant_id ||
      history.organization_id() != manifest.organization_id) {
    return No(what, "ends with another owner");
  }
  absl::Status verified;
  for (const std::string& anchor : manifest.ownership_anchors) {
    const HistoryReport report = Verify(
        history,
        {line.serial_number, line.idevid_issuer.value_or(""), anchor, now},
        verifier);
    if (report.faults.empty()) {
      return absl::OkStatus();
    }
    verified = No(what, absl::StrCat("does not hold: ", report.faults.front()));
  }
  return verified;
}

}  // namespace masa::masactl
