// Checks an escrow bundle without the service, in constant memory: the same
// that verify_escrow.py does. Pure but for reading the file.
#ifndef SERVICES_MASACTL_ESCROW_BUNDLE_CHECK_H_
#define SERVICES_MASACTL_ESCROW_BUNDLE_CHECK_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/verifier/verifier.h"
#include "services/wire/escrow_manifest.h"

namespace masa::masactl {

// What the reader trusts. DER; an empty anchor is what the bundle itself says.
struct BundleTrust {
  std::string anchor_der;          // of the manifest and of histories
  std::string voucher_anchor_der;  // as devices trust it
  absl::Time now;
};

struct CheckedBundle {
  wire::EscrowManifest manifest;
  std::optional<absl::Time> first_end;  // of its vouchers
};

// NotFound when there is no file; InvalidArgument, naming the first part that
// is missing, is too much, or does not hold. `progress` is called with how many
// devices were looked at, and of how many.
absl::StatusOr<CheckedBundle> CheckBundle(
    const std::string& path, const BundleTrust& trust, const Verifier& verifier,
    const std::function<void(int64_t done, int64_t all)>& progress);

}  // namespace masa::masactl

#endif  // SERVICES_MASACTL_ESCROW_BUNDLE_CHECK_H_
