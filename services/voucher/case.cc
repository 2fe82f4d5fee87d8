#include "services/voucher/case.h"

#include <algorithm>

namespace masa::voucher {

absl::Span<const wire::Certificate> Registrar::Domain() const {
  return absl::MakeConstSpan(chain).first(is_public ? 1 : chain.size());
}

std::vector<std::string> Registrar::SpkiHashes() const {
  std::vector<std::string> hashes;
  hashes.reserve(chain.size());
  for (const wire::Certificate& certificate : Domain()) {
    hashes.push_back(certificate->spki_sha256);
  }
  return hashes;
}

std::string Pin::DomainId() const {
  return form == Form::kCertificate ? certificate.DomainId()
                                    : certificate->spki_sha256;
}

bool IssuedTo(const storage::IssuedVoucher& issued,
              const Registrar& registrar) {
  return IssuedTo(issued, registrar.SpkiHashes());
}

bool IssuedTo(const storage::IssuedVoucher& issued,
              const std::vector<std::string>& chain_spki_sha256) {
  const auto& hashes = chain_spki_sha256;
  if (std::find(hashes.begin(), hashes.end(), issued.pinned_spki_sha256) !=
      hashes.end()) {
    return true;
  }
  return !issued.issuer_spki_sha256.empty() && hashes.size() > 1 &&
         hashes[1] == issued.issuer_spki_sha256;
}

}  // namespace masa::voucher
