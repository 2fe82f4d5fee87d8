#include "services/wire/fuzz/properties.h"

#include <algorithm>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "services/wire/agent_signed_data.h"
#include "services/wire/certificate.h"
#include "services/wire/cms.h"
#include "services/wire/cose.h"
#include "services/wire/fuzz/json_reference.h"
#include "services/wire/jws.h"
#include "services/wire/jws_json.h"
#include "services/wire/jwt.h"
#include "services/wire/leaf_set.h"
#include "services/wire/reception.h"
#include "services/wire/revocation.h"
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
         a.nonce == b.nonce &&
         a.pinned_domain_pubk_der == b.pinned_domain_pubk_der &&
         a.pinned_domain_pubk_sha256 == b.pinned_domain_pubk_sha256 &&
         a.idevid_issuer == b.idevid_issuer &&
         a.pinned_domain_cert_der == b.pinned_domain_cert_der &&
         a.expires_on.has_value() == b.expires_on.has_value() &&
         a.domain_cert_revocation_checks == b.domain_cert_revocation_checks &&
         a.est_domain == b.est_domain &&
         a.additional_configuration_url == b.additional_configuration_url;
}

void RequireSigners(const SignedArtifact& artifact) {
  Require(!artifact.signers.empty() && artifact.signers.size() <= 4);
  Require(artifact.certificates.size() <= 16);
  for (const SignerInfo& signer : artifact.signers) {
    Require(signer.certificate <
            static_cast<int>(artifact.certificates.size()));
    Require(CandidatesFor(signer, artifact).size() <= 16);
    Require(!signer.signed_octets.empty());
  }
}

bool SameLeaf(const Leaf& a, const Leaf& b) {
  return a.kind == b.kind && a.text == b.text && a.number == b.number &&
         (a.kind != Leaf::Kind::kTexts || a.texts == b.texts);
}

bool SameLeaves(const LeafSet& a, const LeafSet& b) {
  return a.top_key == b.top_key &&
         std::equal(a.leaves.begin(), a.leaves.end(), b.leaves.begin(),
                    b.leaves.end(), [](const auto& one, const auto& other) {
                      return one.first == other.first &&
                             SameLeaf(one.second, other.second);
                    });
}

// The reference sorts them.
bool SameNames(std::vector<std::string> names,
               const std::vector<std::string>& sorted) {
  std::sort(names.begin(), names.end());
  return names == sorted;
}

bool SameEnvelope(const JwsEnvelope& a, const JwsEnvelope& b) {
  return a.payload == b.payload &&
         std::equal(
             a.signatures.begin(), a.signatures.end(), b.signatures.begin(),
             b.signatures.end(), [](const auto& one, const auto& other) {
               return one.protected_header == other.protected_header &&
                      one.signature == other.signature &&
                      SameNames(one.unprotected_names, other.unprotected_names);
             });
}

bool SameHeader(const JwsHeader& a, const JwsHeader& b) {
  return a.alg == b.alg && a.typ == b.typ && a.kid == b.kid && a.x5c == b.x5c &&
         a.has_crit == b.has_crit;
}

}  // namespace

void CheckJson(absl::string_view octets) {
  const auto leaves = ReadJsonLeaves(octets);
  const auto expected_leaves = reference::ReadJsonLeaves(octets);
  Require(leaves.status() == expected_leaves.status() &&
          (!leaves.ok() || SameLeaves(*leaves, *expected_leaves)));
  const auto envelope = ReadJwsEnvelope(octets);
  const auto expected_envelope = reference::ReadJwsEnvelope(octets);
  Require(envelope.ok() == expected_envelope.ok() &&
          (!envelope.ok() || SameEnvelope(*envelope, *expected_envelope)));
  const auto header = ReadJwsHeader(octets);
  const auto expected_header = reference::ReadJwsHeader(octets);
  Require(header.ok() == expected_header.ok() &&
          (!header.ok() || SameHeader(*header, *expected_header)));
}

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
  KnownBase64 known_pin;
  for (int reading = 0; reading < 2; ++reading) {  // it learns, then knows
    const auto known = ParseVoucherJson(octets, &known_pin);
    Require(known.ok() == voucher.ok() &&
            (!known.ok() || SameVoucher(*known, *voucher)));
  }
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

void CheckVoucherCbor(absl::string_view octets) {
  const auto voucher = ParseVoucherCbor(octets);
  const auto read_back = ReadBackVoucherCbor(octets);
  // What the small reader takes, the library takes, and they agree.
  Require(!read_back.ok() ||
          (voucher.ok() && SameVoucher(*voucher, *read_back) &&
           voucher->created_on == read_back->created_on &&
           voucher->expires_on == read_back->expires_on));
  if (!voucher.ok()) {
    return;
  }
  for (const bool names : {false, true}) {
    const std::string encoded = EncodeVoucherCbor(*voucher, names);
    const auto again = ParseVoucherCbor(encoded);
    Require(again.ok() && SameVoucher(*voucher, *again));
    Require(EncodeVoucherCbor(*again, names) == encoded);
    // And it takes all that is written.
    const auto read_back_again = ReadBackVoucherCbor(encoded);
    Require(read_back_again.ok() && SameVoucher(*again, *read_back_again) &&
            again->created_on == read_back_again->created_on &&
            again->expires_on == read_back_again->expires_on);
  }
}

void CheckVoucherRequestCbor(absl::string_view octets) {
  const auto leaves =
      ParseVoucherRequestContent(masa::v1::FORMAT_COSE_CBOR, octets);
  if (leaves.ok()) {
    Require(!leaves->serial_number.empty());
    const size_t nonce = leaves->nonce ? NonceOctets(*leaves->nonce).size() : 8;
    Require(nonce >= 8 && nonce <= 32);
    const auto& hash = leaves->proximity_registrar_pubk_sha256;
    Require(!hash || hash->size() == 32);
  }
}

void CheckJws(absl::string_view octets) {
  const auto artifact = ParseJws(octets);
  const std::vector<std::string> enclosed = EnclosedInJws(octets);
  if (artifact.ok()) {
    RequireSigners(*artifact);
    for (const Certificate& one : artifact->certificates) {
      Require(std::count(enclosed.begin(), enclosed.end(), one->der) > 0);
    }
  }
}

void CheckCose(absl::string_view octets) {
  const auto artifact = ParseCose(octets);
  if (artifact.ok()) {
    RequireSigners(*artifact);
  }
}

void CheckJwt(absl::string_view octets) {
  const auto token = ParseJwt(octets);
  if (token.ok()) {
    Require(octets.size() <= kLongestJwt);
    Require(octets.substr(0, token->signing_input.size() + 1) ==
            token->signing_input + ".");
    Require(!token->key_id.empty() && !token->issuer.empty() &&
            !token->audience.empty() && !token->signature.empty());
  }
  const auto keys = ParseJwks(octets);
  if (keys.ok()) {
    Require(keys->size() <= 64);
    for (const Jwk& key : *keys) {
      Require(!key.key_id.empty() && !key.spki_der.empty());
    }
  }
}

void CheckAgentSignedData(absl::string_view octets) {
  const auto data = ParseAgentSignedData(octets);
  Require(!data.ok() || !data->serial_number.empty());
}

void CheckCrl(absl::string_view octets) {
  const auto crl = ParseCrl(octets);
  if (crl.ok()) {
    Require(!crl->issuer_der.empty());
    Require(!crl->signature.signed_octets.empty());
    Require(std::is_sorted(crl->revoked_serials.begin(),
                           crl->revoked_serials.end()));
  }
}

void CheckOcsp(absl::string_view octets) {
  const auto response = ParseOcspResponse(octets);
  Require(!response.ok() || (!response->signature.signed_octets.empty() &&
                             response->answers.size() <= 64));
}

void CheckReception(absl::string_view octets) {
  for (const char* type :
       {"application/voucher-cms+json", "application/voucher-jws+json",
        "application/voucher+cose"}) {
    const auto strict = Receive(type, octets, false);
    const auto lenient = Receive(type, octets, true);
    Require(strict.ok() && lenient.ok() && !strict->forgiven.any());
    Require(strict->artifact == octets);
    Require(lenient->forgiven.base64 || lenient->artifact == octets);
    const auto request =
        ParseVoucherRequest(lenient->format, lenient->artifact);
    Require(!request.ok() || request->digest.size() == 32);
  }
}

}  // namespace masa::wire
