#include "services/issuance/ca_key.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/signing/key_names.h"
#include "services/status/macros.h"
#include "services/status/reason.h"

namespace masa::issuance {
namespace {

absl::Status Wrong(const std::string& key, absl::string_view what) {
  return Refuse(Reason::kMisconfigured,
                absl::StrCat("signing key ", key, ": ", what));
}

absl::StatusOr<CaKey> CaNamed(const RequestContext& context,
                              signing::Signer& signer,
                              const std::string& name) {
  MASA_ASSIGN_OR_RETURN(signing::KeyDescription key,
                        signer.DescribeVersion(context, name));
  key.name = name;
  return CaWith(std::move(key));
}

}  // namespace

absl::StatusOr<CaKey> CaWith(signing::KeyDescription key) {
  const auto& kinds = key.kinds;
  if (std::find(kinds.begin(), kinds.end(), signing::Kind::kCertificate) ==
      kinds.end()) {
    return Wrong(key.name, "it is not for certificates");
  }
  if (key.chain_der.empty()) {
    return Wrong(key.name, "it has no certificate");
  }
  MASA_ASSIGN_OR_RETURN(wire::Certificate certificate,
                        wire::Certificate::Parse(key.chain_der.front()));
  if (!certificate->is_ca || !certificate->subject_key_id) {
    return Wrong(key.name,
                 "its certificate is not a CA's with a key identifier");
  }
  return CaKey{std::move(key), std::move(certificate)};
}

absl::StatusOr<CaKey> CaKeyOf(const RequestContext& context,
                              signing::Signer& signer,
                              const std::string& signing_key) {
  MASA_ASSIGN_OR_RETURN(const std::string name,
                        signer.InForce(context, signing_key));
  return CaNamed(context, signer, name);
}

absl::StatusOr<CaKey> CaVersionOf(const RequestContext& context,
                                  signing::Signer& signer,
                                  const std::string& version, absl::Time now) {
  MASA_ASSIGN_OR_RETURN(
      const auto published,
      signer.Published(context, signing::ParseKeyName(version).key));
  for (const signing::PublishedVersion& one : published) {
    if (one.name == version && now < one.until) {
      return CaNamed(context, signer, version);
    }
  }
  return Refuse(Reason::kStateNotAllowed,
                "the key of the CA that issued the client certificate is "
                "retired; have the certificate revoked and enrol anew");
}

absl::Status CheckIssuesIdevids(const masa::v1::Tenant& tenant,
                                const CaKey& ca) {
  for (const std::string& anchor : tenant.idevid_anchors_der()) {
    const auto& chain = ca.key.chain_der;
    if (std::find(chain.begin(), chain.end(), anchor) != chain.end()) {
      return absl::OkStatus();
    }
  }
  return Wrong(ca.key.name,
               "no certificate of its chain is among the tenant's "
               "idevid_anchors_der, so that its devices would not be known");
}

}  // namespace masa::issuance
