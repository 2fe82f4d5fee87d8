#include "services/issuance/renewing_cas.h"

#include <algorithm>
#include <utility>

#include "services/status/macros.h"

namespace masa::issuance {

absl::Status RenewingCas::Keep(Application& one) {
  if (one.profile->kind() != masa::v1::ENROLLMENT_KIND_IDEVID) {
    return absl::OkStatus();
  }
  const auto& ours = one.facts.certificates;
  const auto renewed = std::find_if(
      ours.begin(), ours.end(), [&one](const storage::IssuedCertificate& some) {
        return some.certificate_der == one.call->tls_peer_chain_der.front();
      });
  if (renewed == ours.end() || renewed->signing_key == one.ca->key.name) {
    return absl::OkStatus();
  }
  const std::string& version = renewed->signing_key;
  auto found = known_.find(version);
  if (found == known_.end()) {
    auto ca = CaVersionOf(one.call->context, tools_.signer, version, now_);
    found = known_
                .emplace(
                    version,
                    ca.ok() ? absl::StatusOr<std::shared_ptr<const CaKey>>(
                                  std::make_shared<const CaKey>(*std::move(ca)))
                            : ca.status())
                .first;
  }
  MASA_ASSIGN_OR_RETURN(one.ca, found->second);
  return CheckIssuesIdevids(*one.tenant, *one.ca);
}

}  // namespace masa::issuance
