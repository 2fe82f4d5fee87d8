#include "services/signing/synchronised_signer.h"

#include "services/status/reason.h"

namespace masa::signing {

std::vector<absl::StatusOr<std::string>> SynchronisedSigner::Sign(
    const RequestContext& context, const std::string& key,
    absl::Span<const ToBeSigned> items) {
  if (clock_.IsSynchronised()) {
    return signer_.Sign(context, key, items);
  }
  return std::vector<absl::StatusOr<std::string>>(
      items.size(), Refuse(Reason::kSignerUnavailable,
                           "the service's clock is not synchronised, so it "
                           "signs nothing at the moment"));
}

absl::StatusOr<KeyDescription> SynchronisedSigner::Describe(
    const RequestContext& context, const std::string& key) {
  return signer_.Describe(context, key);
}

}  // namespace masa::signing
