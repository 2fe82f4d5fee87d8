// What a key signs of its own life: tests, and the request for its certificate.
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "services/issuance/serve_keys.h"
#include "services/issuance/try_key.h"
#include "services/signing/certificate_request.h"
#include "services/signing/key_chain.h"
#include "services/status/field_faults.h"
#include "services/status/macros.h"
#include "services/status/reason.h"

namespace masa::issuance {
namespace {

using signing::KeyName;

absl::StatusOr<std::string> SignOne(signing::Signer& signer,
                                    const RequestContext& context,
                                    const std::string& key,
                                    signing::ToBeSigned item) {
  std::vector<signing::ToBeSigned> items;
  items.push_back(std::move(item));
  return std::move(signer.Sign(context, key, items).front());
}

}  // namespace

absl::StatusOr<std::string> ServeKeys::RequestCertificate(
    const RequestContext& context, const identity::Principal& caller,
    const KeyName& name, const std::string& subject) {
  MASA_ASSIGN_OR_RETURN(const State state, Read(context, caller));
  MASA_ASSIGN_OR_RETURN(const auto version, Find(state, name));
  const auto subject_der = signing::NameDerOf(subject);
  if (!subject_der.ok()) {
    return AtField(subject_der.status(), "subject");
  }
  const auto algorithm = signing::AlgorithmOfSpki(version.spki_der);
  if (!algorithm) {
    return Refuse(Reason::kStateNotAllowed,
                  absl::StrCat("signing key ", signing::NameOf(name),
                               " has its certificate from the signer's "
                               "configuration"));
  }
  const std::string info =
      signing::EncodeRequestInfo(*subject_der, version.spki_der);
  MASA_ASSIGN_OR_RETURN(const std::string signature,
                        SignOne(tools_.signer, context, signing::NameOf(name),
                                signing::ToBeSigned::CertificateRequest(info)));
  return signing::EncodeRequest(info, *algorithm, signature);
}

absl::StatusOr<signing::KeyDescription> ServeKeys::Try(
    const RequestContext& context, const std::string& name,
    const std::string& spki_der) {
  signing::KeyDescription tried;
  tried.name = name;
  MASA_ASSIGN_OR_RETURN(
      tried.algorithm,
      TryKey(context, tools_.signer, tools_.verifier, name, spki_der));
  return tried;
}

absl::StatusOr<KeyTrial> ServeKeys::Test(const RequestContext& context,
                                         const identity::Principal& caller,
                                         const std::string& key,
                                         std::optional<int32_t> version) {
  MASA_ASSIGN_OR_RETURN(const State state, Read(context, caller));
  KeyName name = {key, version.value_or(0)};
  if (!version) {
    MASA_ASSIGN_OR_RETURN(name, state.ring.InForce(key, tools_.clock.Now()));
  }
  MASA_ASSIGN_OR_RETURN(storage::KeyVersion found, Find(state, name));
  if (name.version == 0) {
    MASA_ASSIGN_OR_RETURN(found.spki_der,
                          signing::SpkiOfChain(found.chain_der));
  }
  MASA_ASSIGN_OR_RETURN(const signing::KeyDescription tried,
                        Try(context, signing::NameOf(name), found.spki_der));
  return KeyTrial{tried.name, tried.algorithm};
}

}  // namespace masa::issuance
