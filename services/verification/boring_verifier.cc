#include "services/verification/boring_verifier.h"

#include <algorithm>
#include <optional>

#include "absl/strings/str_cat.h"
#include "openssl/asn1.h"
#include "openssl/bytestring.h"
#include "openssl/digest.h"
#include "openssl/ec_key.h"
#include "openssl/err.h"
#include "openssl/evp.h"
#include "openssl/mem.h"
#include "openssl/nid.h"
#include "openssl/rsa.h"
#include "openssl/x509.h"
#include "services/status/macros.h"
#include "services/status/reason.h"

namespace masa::verification {
namespace {

constexpr int kMaxChain = 8;
constexpr size_t kMaxCertificates = 32;
constexpr int kMinRsaBits = 2048;
constexpr int kMaxRsaBits = 4096;

// The error queue belongs to the thread; what one check left there must not
// be read by the next.
class ErrorQueueDrain {
 public:
  ~ErrorQueueDrain() { ERR_clear_error(); }
};

const uint8_t* Octets(absl::string_view text) {
  return reinterpret_cast<const uint8_t*>(text.data());
}

struct Scheme {
  int key_type;              // EVP_PKEY_*
  std::optional<int> curve;  // NID, when the algorithm fixes it
  const EVP_MD* digest;      // null for Ed25519
};

Scheme SchemeOf(SignatureAlgorithm algorithm) {
  switch (algorithm) {
    case SignatureAlgorithm::kEcdsaP256Sha256:
      return {EVP_PKEY_EC, NID_X9_62_prime256v1, EVP_sha256()};
    case SignatureAlgorithm::kEcdsaP384Sha384:
      return {EVP_PKEY_EC, NID_secp384r1, EVP_sha384()};
    case SignatureAlgorithm::kEcdsaSha256:
      return {EVP_PKEY_EC, std::nullopt, EVP_sha256()};
    case SignatureAlgorithm::kEcdsaSha384:
      return {EVP_PKEY_EC, std::nullopt, EVP_sha384()};
    case SignatureAlgorithm::kEcdsaSha512:
      return {EVP_PKEY_EC, std::nullopt, EVP_sha512()};
    case SignatureAlgorithm::kRsaPkcs1Sha256:
      return {EVP_PKEY_RSA, std::nullopt, EVP_sha256()};
    case SignatureAlgorithm::kRsaPkcs1Sha384:
      return {EVP_PKEY_RSA, std::nullopt, EVP_sha384()};
    case SignatureAlgorithm::kRsaPkcs1Sha512:
      return {EVP_PKEY_RSA, std::nullopt, EVP_sha512()};
    case SignatureAlgorithm::kEd25519:
      return {EVP_PKEY_ED25519, std::nullopt, nullptr};
  }
  return {EVP_PKEY_NONE, std::nullopt, nullptr};
}

// SE-04: the sizes within which a key is worth computing with.
absl::Status CheckKey(EVP_PKEY* key, const Scheme& scheme) {
  if (EVP_PKEY_id(key) != scheme.key_type) {
    return Refuse(Reason::kSignatureInvalid,
                  "the signature's algorithm does not fit the signer's key");
  }
  if (scheme.key_type == EVP_PKEY_RSA &&
      (EVP_PKEY_bits(key) < kMinRsaBits || EVP_PKEY_bits(key) > kMaxRsaBits)) {
    return Refuse(Reason::kSignatureInvalid,
                  absl::StrCat("an RSA key of ", EVP_PKEY_bits(key),
                               " bits is outside 2048 to 4096"));
  }
  if (scheme.key_type != EVP_PKEY_EC) {
    return absl::OkStatus();
  }
  const EC_GROUP* group = EC_KEY_get0_group(EVP_PKEY_get0_EC_KEY(key));
  const int curve = EC_GROUP_get_curve_name(group);
  if (curve == NID_secp224r1 || (scheme.curve && *scheme.curve != curve)) {
    return Refuse(Reason::kSignatureInvalid,
                  "the signer's elliptic curve is not one of those accepted");
  }
  return absl::OkStatus();
}

absl::Status DoesNotParse() {
  return Refuse(Reason::kChainInvalid,
                "a certificate of the chain does not parse");
}

absl::StatusOr<bssl::UniquePtr<STACK_OF(X509)>> ParseStack(
    const std::vector<std::string>& certificates_der,
    const ParsedCertificates& parsed) {
  if (certificates_der.size() > kMaxCertificates) {
    return Refuse(Reason::kChainInvalid, "too many certificates");
  }
  bssl::UniquePtr<STACK_OF(X509)> stack(sk_X509_new_null());
  for (const std::string& der : certificates_der) {
    bssl::UniquePtr<X509> certificate = parsed.Get(der);
    if (certificate == nullptr) {
      return DoesNotParse();
    }
    bssl::PushToStack(stack.get(), std::move(certificate));
  }
  return stack;
}

std::string DerOf(X509* certificate) {
  uint8_t* der = nullptr;
  const int length = i2d_X509(certificate, &der);
  std::string octets(reinterpret_cast<char*>(der), std::max(length, 0));
  OPENSSL_free(der);
  return octets;
}

absl::Time TimeOf(const ASN1_TIME* time) {
  bssl::UniquePtr<ASN1_TIME> epoch(ASN1_TIME_set(nullptr, 0));
  int days = 0;
  int seconds = 0;
  if (ASN1_TIME_diff(&days, &seconds, epoch.get(), time) != 1) {
    return absl::InfinitePast();
  }
  return absl::UnixEpoch() + days * absl::Hours(24) + absl::Seconds(seconds);
}

absl::Status ChainFault(int error) {
  if (error == X509_V_ERR_CERT_HAS_EXPIRED ||
      error == X509_V_ERR_CERT_NOT_YET_VALID) {
    return Refuse(
        Reason::kCertificateExpired,
        absl::StrCat("a certificate of the signer's chain is outside its "
                     "validity: ",
                     X509_verify_cert_error_string(error)));
  }
  return Refuse(Reason::kChainInvalid,
                absl::StrCat("the signer's chain does not hold: ",
                             X509_verify_cert_error_string(error)));
}

// The packaged BoringSSL has no flag for it.
int AcceptAnyTime(int ok, X509_STORE_CTX* context) {
  const int error = X509_STORE_CTX_get_error(context);
  return ok == 1 || error == X509_V_ERR_CERT_HAS_EXPIRED ||
         error == X509_V_ERR_CERT_NOT_YET_VALID;
}

VerifiedChain Describe(const STACK_OF(X509) * chain) {
  VerifiedChain verified;
  verified.not_after = absl::InfiniteFuture();
  for (X509* certificate : chain) {
    verified.chain_der.push_back(DerOf(certificate));
    verified.not_after =
        std::min(verified.not_after, TimeOf(X509_get0_notAfter(certificate)));
  }
  return verified;
}

// A leaf that is its own anchor: nothing vouches for it but the question.
absl::StatusOr<VerifiedChain> VerifyAlone(const ChainQuestion& question,
                                          X509* leaf) {
  const absl::Time not_after = TimeOf(X509_get0_notAfter(leaf));
  if (!question.ignore_validity &&
      (question.at > not_after ||
       question.at < TimeOf(X509_get0_notBefore(leaf)))) {
    return Refuse(Reason::kCertificateExpired,
                  "the signer's certificate is outside its validity");
  }
  return VerifiedChain{{question.leaf_der}, not_after};
}

}  // namespace

absl::Status BoringVerifier::VerifySignature(
    SignatureAlgorithm algorithm, absl::string_view spki_der,
    absl::string_view message, absl::string_view signature) const {
  const ErrorQueueDrain drain;
  CBS spki;
  CBS_init(&spki, Octets(spki_der), spki_der.size());
  bssl::UniquePtr<EVP_PKEY> key(EVP_parse_public_key(&spki));
  if (key == nullptr || CBS_len(&spki) != 0) {
    return Refuse(Reason::kSignatureInvalid,
                  "the signer's public key is of no supported kind");
  }
  const Scheme scheme = SchemeOf(algorithm);
  MASA_RETURN_IF_ERROR(CheckKey(key.get(), scheme));
  bssl::ScopedEVP_MD_CTX context;
  if (EVP_DigestVerifyInit(context.get(), nullptr, scheme.digest, nullptr,
                           key.get()) != 1 ||
      EVP_DigestVerify(context.get(), Octets(signature), signature.size(),
                       Octets(message), message.size()) != 1) {
    return Refuse(Reason::kSignatureInvalid,
                  "the signature does not verify with the signer's key");
  }
  return absl::OkStatus();
}

absl::StatusOr<VerifiedChain> BoringVerifier::VerifyChain(
    const ChainQuestion& question) const {
  const ErrorQueueDrain drain;
  // A leaf is seen once; what stands above it, again and again.
  const bssl::UniquePtr<X509> leaf = ParseX509(question.leaf_der);
  if (leaf == nullptr) {
    return DoesNotParse();
  }
  MASA_ASSIGN_OR_RETURN(bssl::UniquePtr<STACK_OF(X509)> others,
                        ParseStack(question.intermediates_der, parsed_));
  MASA_ASSIGN_OR_RETURN(bssl::UniquePtr<STACK_OF(X509)> anchors,
                        ParseStack(question.anchors_der, parsed_));
  if (std::count(question.anchors_der.begin(), question.anchors_der.end(),
                 question.leaf_der) > 0) {
    return VerifyAlone(question, leaf.get());
  }
  bssl::UniquePtr<X509_STORE> empty(X509_STORE_new());
  bssl::UniquePtr<X509_STORE_CTX> context(X509_STORE_CTX_new());
  if (X509_STORE_CTX_init(context.get(), empty.get(), leaf.get(),
                          others.get()) != 1) {
    return Refuse(Reason::kChainInvalid, "the chain cannot be examined");
  }
  X509_STORE_CTX_trusted_stack(context.get(), anchors.get());
  X509_VERIFY_PARAM* param = X509_STORE_CTX_get0_param(context.get());
  X509_VERIFY_PARAM_set_depth(param, kMaxChain);
  X509_VERIFY_PARAM_set_time(param, absl::ToTimeT(question.at));
  X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_PARTIAL_CHAIN);
  if (question.ignore_validity) {
    X509_STORE_CTX_set_verify_cb(context.get(), &AcceptAnyTime);
  }
  if (X509_verify_cert(context.get()) != 1) {
    return ChainFault(X509_STORE_CTX_get_error(context.get()));
  }
  return Describe(X509_STORE_CTX_get0_chain(context.get()));
}

}  // namespace masa::verification
