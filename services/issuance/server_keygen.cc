#include "services/issuance/server_keygen.h"

#include "openssl/evp.h"
#include "services/enrollment/profile.h"
#include "services/signing/private_key.h"
#include "services/status/macros.h"
#include "services/status/reason.h"

namespace masa::issuance {
namespace {

SignatureAlgorithm AlgorithmFor(wire::KeyShape shape) {
  switch (shape) {
    case wire::KeyShape::kP384:
      return SignatureAlgorithm::kEcdsaP384Sha384;
    case wire::KeyShape::kEd25519:
      return SignatureAlgorithm::kEd25519;
    case wire::KeyShape::kRsa:
      return SignatureAlgorithm::kRsaPkcs1Sha256;
    default:
      return SignatureAlgorithm::kEcdsaP256Sha256;
  }
}

}  // namespace

absl::Status MakeKey(Application& application) {
  const wire::KeyShape shape = enrollment::KeysOf(*application.profile).front();
  MASA_ASSIGN_OR_RETURN(const auto key,
                        signing::MakePrivateKey(AlgorithmFor(shape)));
  application.request->spki_der = signing::SpkiDerOf(key.get());
  application.answer.private_key_der =
      std::make_shared<const wire::SecretOctets>(
          signing::PrivateKeyDer(key.get()));
  return application.request->spki_der.empty() ||
                 application.answer.private_key_der->Reveal().empty()
             ? Refuse(Reason::kSignerUnavailable, "the key could not be made")
             : absl::OkStatus();
}

}  // namespace masa::issuance
