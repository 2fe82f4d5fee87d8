// The parts of an escrow bundle, each held against the manifest. Pure;
// thread-safe. A refusal names the part, for a person.
#ifndef SERVICES_MASACTL_ESCROW_BUNDLE_PARTS_H_
#define SERVICES_MASACTL_ESCROW_BUNDLE_PARTS_H_

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/verifier/verifier.h"
#include "services/wire/escrow_manifest.h"
#include "services/wire/voucher_manifest.h"

namespace masa::masactl {

// What the manifest says, when the first certificate of the chain, PEM, signed
// it and leads to `anchor_der`; to one of the manifest's own anchors when that
// is empty.
absl::StatusOr<wire::EscrowManifest> CheckManifest(
    const std::string& text, const std::string& signature,
    const std::string& chain_pem, const std::string& anchor_der,
    const Verifier& verifier);

// When the voucher ends, if it does: it is the one of the device's line,
// without a nonce, has not ended at `now`, and is signed under an anchor of
// vouchers.
absl::StatusOr<std::optional<absl::Time>> CheckVoucher(
    const std::string& octets, const wire::ManifestEntry& line,
    const wire::EscrowManifest& manifest, absl::Time now,
    const Verifier& verifier);

// The log has the event of the line's voucher.
absl::Status CheckReceipt(const std::string& text,
                          const wire::ManifestEntry& line,
                          const wire::EscrowManifest& manifest);

// The history, JSON of masa.v1.GetOwnershipHistoryResponse, is the device's, is
// signed, and ends with the manifest's organisation.
absl::Status CheckHistory(const std::string& json,
                          const wire::ManifestEntry& line,
                          const wire::EscrowManifest& manifest, absl::Time now,
                          const Verifier& verifier);

}  // namespace masa::masactl

#endif  // SERVICES_MASACTL_ESCROW_BUNDLE_PARTS_H_
