#include "services/wire/fuzz/properties.h"

#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "services/wire/certificate.h"
#include "services/wire/cms.h"
#include "services/wire/voucher.h"
#include "services/wire/voucher_request.h"

namespace masa::wire {
namespace {

constexpr size_t kMaxArtifactOctets = 64 * 1024;

void Require(bool holds) {
  if (!holds) {
    __builtin_trap();
  }
}

// Whether the signer's message, built by CmsTemplate, reads the same.
bool ReadsTheSame(const SignedArtifact& artifact, const SignerInfo& signer,
                  bool id_data) {
  std::vector<std::string> chain;
  chain.push_back(artifact.certificates[signer.certificate]->der);
  const auto made = CmsTemplate::Create(chain, signer.algorithm, id_data);
  Require(made.ok());
  const std::string built =
      made->Finish(artifact.payload, signer.signed_octets, signer.signature);
  if (built.size() > kMaxArtifactOctets) {
    return true;
  }
  const auto again = ParseCms(built);
  return again.ok() && again->payload == artifact.payload &&
         again->signers.size() == 1 && again->signers[0].certificate == 0 &&
         again->signers[0].algorithm == signer.algorithm &&
         again->signers[0].signed_octets == signer.signed_octets &&
         again->signers[0].signature == signer.signature;
}

bool SameVoucher(const Voucher& a, const Voucher& b) {
  return a.assertion == b.assertion && a.serial_number == b.serial_number &&
         a.nonce == b.nonce && a.idevid_issuer == b.idevid_issuer &&
         a.pinned_domain_cert_der == b.pinned_domain_cert_der &&
         a.expires_on.has_value() == b.expires_on.has_value() &&
         a.domain_cert_revocation_checks == b.domain_cert_revocation_checks;
}

}  // namespace

void CheckCms(absl::string_view octets) {
  const auto artifact = ParseCms(octets);
  if (!artifact.ok()) {
    return;
  }
  Require(!artifact->signers.empty());
  for (const SignerInfo& signer : artifact->signers) {
    Require(signer.certificate <
            static_cast<int>(artifact->certificates.size()));
    // Ed25519 is written with SHA-512 only, so it may not read the same.
    if (signer.certificate >= 0 &&
        signer.algorithm != SignatureAlgorithm::kEd25519) {
      Require(ReadsTheSame(*artifact, signer, true) ||
              ReadsTheSame(*artifact, signer, false));
    }
  }
}

void CheckCertificate(absl::string_view octets) {
  const auto certificate = Certificate::Parse(octets);
  if (!certificate.ok()) {
    return;
  }
  const CertificateFields& fields = **certificate;
  Require(fields.der == octets);
  Require(!certificate->DomainId().empty());
  Require(fields.spki_sha256.size() == 32);
  Require(!fields.subject_serial_number ||
          !fields.subject_serial_number->empty());
}

void CheckVoucherJson(absl::string_view octets) {
  const auto voucher = ParseVoucherJson(octets);
  if (!voucher.ok()) {
    return;
  }
  const std::string pin = absl::Base64Escape(voucher->pinned_domain_cert_der);
  const std::string encoded = EncodeVoucherJson(*voucher, pin);
  const auto again = ParseVoucherJson(encoded);
  Require(again.ok() && SameVoucher(*voucher, *again));
  // Whole seconds are written, so the second writing is the first.
  Require(EncodeVoucherJson(*again, pin) == encoded);
}

void CheckVoucherRequestJson(absl::string_view octets) {
  const auto leaves =
      ParseVoucherRequestContent(masa::v1::FORMAT_JWS_JSON, octets);
  const auto voucher = ParseVoucherJson(octets);
  if (voucher.ok()) {
    Require(leaves.ok() && leaves->top_key == TopKey::kVoucher);
    Require(leaves->assertion == voucher->assertion);
    Require(leaves->created_on == voucher->created_on);
    Require(leaves->serial_number == voucher->serial_number);
    Require(leaves->nonce == voucher->nonce);
    Require(leaves->idevid_issuer.has_value() ==
            voucher->idevid_issuer.has_value());
    Require(!leaves->idevid_issuer ||
            AuthorityKeyIdExtension(*leaves->idevid_issuer) ==
                *voucher->idevid_issuer);
  }
  if (leaves.ok()) {
    Require(!leaves->serial_number.empty());
    const size_t nonce = leaves->nonce ? NonceOctets(*leaves->nonce).size() : 8;
    Require(nonce >= 8 && nonce <= 32);
  }
}

}  // namespace masa::wire
