#include "services/issuance/try_key.h"

#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "openssl/rand.h"
#include "services/signing/certificate_request.h"
#include "services/signing/key_chain.h"
#include "services/status/macros.h"
#include "services/status/reason.h"

namespace masa::issuance {
namespace {

std::string NewTest() {
  uint8_t octets[16];
  RAND_bytes(octets, sizeof(octets));
  return signing::kTestLabel +
         absl::BytesToHexString(absl::string_view(
             reinterpret_cast<const char*>(octets), sizeof(octets)));
}

}  // namespace

absl::StatusOr<SignatureAlgorithm> TryKey(const RequestContext& context,
                                          signing::Signer& signer,
                                          const Verifier& verifier,
                                          const std::string& key,
                                          const std::string& spki_der) {
  const auto algorithm = signing::AlgorithmOfSpki(spki_der);
  if (!algorithm) {
    return Refuse(Reason::kMisconfigured,
                  absl::StrCat("the public key of ", key, " is not known"));
  }
  const std::string octets = NewTest();
  std::vector<signing::ToBeSigned> items;
  items.push_back(signing::ToBeSigned::Test(octets));
  MASA_ASSIGN_OR_RETURN(const std::string signature,
                        std::move(signer.Sign(context, key, items).front()));
  const absl::Status verified =
      verifier.VerifySignature(*algorithm, spki_der, octets, signature);
  if (!verified.ok()) {
    return Refuse(Reason::kMisconfigured,
                  absl::StrCat("what the signer made with ", key,
                               " is no signature of that key"));
  }
  return *algorithm;
}

absl::Status TryKeyInForce(const RequestContext& context,
                           signing::Signer& signer, const Verifier& verifier,
                           const std::string& name) {
  MASA_ASSIGN_OR_RETURN(const std::string key, signer.InForce(context, name));
  MASA_ASSIGN_OR_RETURN(const signing::KeyDescription known,
                        signer.Describe(context, key));
  std::string spki_der = known.spki_der;
  if (spki_der.empty()) {
    MASA_ASSIGN_OR_RETURN(spki_der, signing::SpkiOfChain(known.chain_der));
  }
  return TryKey(context, signer, verifier, key, spki_der).status();
}

}  // namespace masa::issuance
