// `masactl escrow verify`: a bundle, held against itself and what its reader
// trusts.
#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "openssl/sha.h"
#include "services/masactl/escrow/bundle_check.h"
#include "services/masactl/escrow_commands.h"
#include "services/status/macros.h"
#include "services/verification/boring_verifier.h"

namespace masa::masactl {
namespace {

std::string FingerprintsOf(const std::vector<std::string>& certificates_der) {
  std::vector<std::string> all;
  for (const std::string& der : certificates_der) {
    std::string digest(SHA256_DIGEST_LENGTH, '\0');
    SHA256(reinterpret_cast<const uint8_t*>(der.data()), der.size(),
           reinterpret_cast<uint8_t*>(digest.data()));
    all.push_back(absl::BytesToHexString(digest));
  }
  return absl::StrJoin(all, " or ");
}

// What the bundle's own word alone stands for.
void PrintToCompare(const EscrowArguments& arguments,
                    const wire::EscrowManifest& manifest, std::ostream& out) {
  const char kCompare[] = "compare SHA-256 of the anchor of ";
  if (arguments.anchor_file.empty()) {
    out << kCompare << "manifest and histories: "
        << FingerprintsOf(manifest.ownership_anchors) << '\n';
  }
  if (arguments.voucher_anchor_file.empty()) {
    out << kCompare << "vouchers: " << FingerprintsOf(manifest.voucher_anchors)
        << '\n';
  }
}

absl::StatusOr<std::string> AnchorIn(const std::string& file) {
  return file.empty() ? absl::StatusOr<std::string>("") : ReadCertificate(file);
}

// With how far it is on a terminal.
absl::StatusOr<CheckedBundle> CheckShowing(const std::string& path,
                                           const BundleTrust& trust,
                                           Terminal terminal) {
  int64_t shown = -1;
  auto checked =
      CheckBundle(path, trust, verification::BoringVerifier(),
                  [&](int64_t done, int64_t all) {
                    const int64_t percent = all == 0 ? 100 : done * 100 / all;
                    if (terminal.progress && percent != shown) {
                      shown = percent;
                      terminal.err << "\r\033[K" << percent << " %  " << done
                                   << " devices" << std::flush;
                    }
                  });
  if (shown >= 0) {
    terminal.err << '\n';
  }
  return checked;
}

}  // namespace

absl::StatusOr<int> VerifyEscrow(const CommonOptions& options,
                                 const EscrowArguments& arguments,
                                 Terminal terminal) {
  BundleTrust trust;
  trust.now = absl::Now();
  MASA_ASSIGN_OR_RETURN(trust.anchor_der, AnchorIn(arguments.anchor_file));
  MASA_ASSIGN_OR_RETURN(trust.voucher_anchor_der,
                        AnchorIn(arguments.voucher_anchor_file));
  const auto checked = CheckShowing(arguments.bundle_file, trust, terminal);
  if (!checked.ok()) {
    terminal.err << "does not hold: " << std::string(checked.status().message())
                 << '\n';
    return 1;
  }
  const wire::EscrowManifest& manifest = checked->manifest;
  terminal.out << "holds: " << manifest.issued << " vouchers of "
               << manifest.organization_id
               << ", each with its receipt and its history; "
               << manifest.refused << " devices got none";
  if (checked->first_end) {
    terminal.out << "; the first ends on "
                 << absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", *checked->first_end,
                                     absl::UTCTimeZone());
  }
  terminal.out << '\n';
  PrintToCompare(arguments, manifest, terminal.out);
  return 0;
}

}  // namespace masa::masactl
