#include "services/verification/hot_key_verifier.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "openssl/asn1.h"
#include "openssl/evp.h"
#include "openssl/mem.h"
#include "openssl/nid.h"
#include "openssl/obj.h"
#include "openssl/x509v3.h"
#include "services/verification/error_queue.h"
#include "services/verification/examine_chain.h"

namespace masa::verification {
namespace {

// With a P-256 key both mean ECDSA with SHA-256.
bool MaySuitATable(SignatureAlgorithm algorithm) {
  return algorithm == SignatureAlgorithm::kEcdsaP256Sha256 ||
         algorithm == SignatureAlgorithm::kEcdsaSha256;
}

template <typename T, typename Encode>
std::string DerBy(Encode encode, T* object) {
  uint8_t* der = nullptr;
  const int length = encode(object, &der);
  const std::string octets(reinterpret_cast<char*>(der),
                           length > 0 ? length : 0);
  OPENSSL_free(der);
  return octets;
}

// The signature of a certificate in the plain form of ECDSA with SHA-256: one
// algorithm in both places, no parameters, whole octets. Nothing for others,
// which may be good as well.
std::optional<absl::string_view> PlainSignatureOf(const X509* certificate) {
  const ASN1_BIT_STRING* signature = nullptr;
  const X509_ALGOR* algorithm = nullptr;
  X509_get0_signature(&signature, &algorithm, certificate);
  const ASN1_OBJECT* object = nullptr;
  int parameter = V_ASN1_UNDEF;
  X509_ALGOR_get0(&object, &parameter, nullptr, algorithm);
  size_t length = 0;
  if (OBJ_obj2nid(object) != NID_ecdsa_with_SHA256 ||
      parameter != V_ASN1_UNDEF ||
      X509_ALGOR_cmp(algorithm, X509_get0_tbs_sigalg(certificate)) != 0 ||
      ASN1_BIT_STRING_num_bytes(signature, &length) != 1) {
    return std::nullopt;
  }
  return absl::string_view(
      reinterpret_cast<const char*>(ASN1_STRING_get0_data(signature)), length);
}

}  // namespace

absl::Status HotKeyVerifier::VerifySignature(
    SignatureAlgorithm algorithm, absl::string_view spki_der,
    absl::string_view message, absl::string_view signature) const {
  if (!MaySuitATable(algorithm)) {
    return verifier_.VerifySignature(algorithm, spki_der, message, signature);
  }
  const std::shared_ptr<const HotKey> key = keys_.Find(spki_der);
  if (key != nullptr && key->Verifies(message, signature)) {
    return absl::OkStatus();
  }
  const absl::Status status =
      verifier_.VerifySignature(algorithm, spki_der, message, signature);
  if (status.ok() && key == nullptr) {
    keys_.Earn(spki_der);
  }
  return status;
}

absl::StatusOr<VerifiedChain> HotKeyVerifier::VerifyChain(
    const ChainQuestion& question) const {
  const ErrorQueueDrain drain;
  const std::optional<LeafForm> form = FormOfLeaf(question.leaf_der);
  if (form) {
    if (auto chain = VerifyByForm(question, *form)) {
      return *std::move(chain);
    }
  }
  absl::StatusOr<VerifiedChain> chain =
      ExamineChain(question, parsed_, [this](X509* certificate, X509* issuer) {
        return LinkHolds(certificate, issuer);
      });
  if (chain.ok() && form) {
    forms_.Learn(question, *form, *chain);
  }
  return chain.ok() ? chain : verifier_.VerifyChain(question);
}

std::optional<VerifiedChain> HotKeyVerifier::VerifyByForm(
    const ChainQuestion& question, const LeafForm& form) const {
  const auto anchor = forms_.AnchorFor(question, form);
  form_counts_.Asked(anchor != nullptr);
  const auto key = anchor == nullptr ? nullptr : keys_.Find(anchor->spki_der);
  if (key == nullptr) {
    return std::nullopt;
  }
  if (!IsInTime(form.not_before, form.not_after, question) ||
      !IsInTime(anchor->not_before, anchor->not_after, question) ||
      !key->Verifies(form.tbs, form.signature)) {
    return std::nullopt;
  }
  return VerifiedChain{{question.leaf_der, anchor->der},
                       std::min(form.not_after, anchor->not_after)};
}

// What a leaf is under its issuer is asked once; a CA, with each of its leaves.
bool HotKeyVerifier::LinkHolds(X509* certificate, X509* issuer) const {
  if (X509_check_ca(certificate) == 0) {
    return KeySigned(certificate, issuer);
  }
  const std::string name = HeldLinks::NameOf(certificate, issuer);
  if (links_.Holds(name)) {
    return true;
  }
  const bool holds = KeySigned(certificate, issuer);
  if (holds) {
    links_.Remember(name);
  }
  return holds;
}

bool HotKeyVerifier::KeySigned(X509* certificate, X509* issuer) const {
  const std::optional<absl::string_view> signature =
      PlainSignatureOf(certificate);
  std::string spki_der;
  if (signature) {
    spki_der = DerBy(i2d_X509_PUBKEY, X509_get_X509_PUBKEY(issuer));
    const std::shared_ptr<const HotKey> key = keys_.Find(spki_der);
    if (key != nullptr) {
      return key->Verifies(DerBy(i2d_X509_tbs, certificate), *signature);
    }
  }
  const bssl::UniquePtr<EVP_PKEY> key(X509_get_pubkey(issuer));
  if (key == nullptr || X509_verify(certificate, key.get()) != 1) {
    return false;
  }
  if (signature) {
    keys_.Earn(spki_der);
  }
  return true;
}

}  // namespace masa::verification
