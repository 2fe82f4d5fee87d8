// `masactl escrow verify`: a bundle, held against itself and what its reader
// trusts.
#include <google/protobuf/struct.pb.h>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "openssl/sha.h"
#include "services/masactl/escrow/bundle_check.h"
#include "services/masactl/escrow_commands.h"
#include "services/masactl/phrases.h"
#include "services/masactl/shown.h"
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

std::string Text(absl::Time time) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", time, absl::UTCTimeZone());
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

void Print(const CheckedBundle& checked, std::ostream& out) {
  const wire::EscrowManifest& manifest = checked.manifest;
  out << "holds: " << Counted(manifest.issued, "voucher", "vouchers") << " of "
      << Shown(manifest.organization_id)
      << ", each with its receipt and its history; "
      << Counted(manifest.refused, "device", "devices") << " got none";
  if (checked.first_end) {
    out << "; the first ends on " << Text(*checked.first_end);
  }
  out << '\n';
}

void AddHex(const std::vector<std::string>& certificates_der,
            google::protobuf::Value* list) {
  for (const std::string& der : certificates_der) {
    list->mutable_list_value()->add_values()->set_string_value(
        FingerprintsOf({der}));
  }
}

// The same for scripts, with the digests of anchors whether they were given or
// are to be compared.
google::protobuf::Struct VerdictOf(
    const absl::StatusOr<CheckedBundle>& checked) {
  google::protobuf::Struct verdict;
  auto& fields = *verdict.mutable_fields();
  fields["holds"].set_bool_value(checked.ok());
  if (!checked.ok()) {
    fields["fault"].set_string_value(std::string(checked.status().message()));
    return verdict;
  }
  const wire::EscrowManifest& manifest = checked->manifest;
  fields["organization_id"].set_string_value(manifest.organization_id);
  fields["vouchers"].set_number_value(static_cast<double>(manifest.issued));
  fields["refused"].set_number_value(static_cast<double>(manifest.refused));
  if (checked->first_end) {
    fields["first_end"].set_string_value(Text(*checked->first_end));
  }
  AddHex(manifest.ownership_anchors, &fields["ownership_anchors_sha256"]);
  AddHex(manifest.voucher_anchors, &fields["voucher_anchors_sha256"]);
  return verdict;
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
  // No bundle is another thing than one that does not hold.
  if (absl::IsNotFound(checked.status())) {
    return checked.status();
  }
  if (options.json) {
    terminal.out << JsonOf(VerdictOf(checked)) << '\n';
  }
  if (!checked.ok()) {
    terminal.err << "does not hold: " << Shown(checked.status().message())
                 << '\n';
    return 1;
  }
  if (!options.json) {
    Print(*checked, terminal.out);
    PrintToCompare(arguments, checked->manifest, terminal.out);
  }
  return 0;
}

}  // namespace masa::masactl
