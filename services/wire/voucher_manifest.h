// The manifest of an archive of vouchers: JSON, with a line for each device,
// so that one of any length is written and read piece by piece. Pure.
#ifndef SERVICES_WIRE_VOUCHER_MANIFEST_H_
#define SERVICES_WIRE_VOUCHER_MANIFEST_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "proto/masa/v1/policy.pb.h"

namespace masa::wire {

inline constexpr char kManifestName[] = "manifest.json";

// What became of one device: a file, or a reason.
struct ManifestEntry {
  std::string serial_number;                 // UTF-8
  std::optional<std::string> idevid_issuer;  // keyIdentifier octets
  std::string file;
  std::string voucher_id;  // 16 octets
  int64_t octets = 0;      // of the file
  std::string sha256;      // of the file, 32 octets
  std::string reason;      // why there is none
  std::string message;

  bool operator==(const ManifestEntry&) const = default;
};

struct ManifestHead {
  std::string job_id;  // 16 octets
  std::string state;
  int64_t issued = 0;
  int64_t refused = 0;
  absl::Time ended_at;
};

// Before the entries, and behind them.
std::string EncodeManifestHead(const ManifestHead& head);
std::string ManifestTail();

// One line without its end; lines are joined by ManifestSeparator.
std::string EncodeManifestEntry(const ManifestEntry& entry);
inline constexpr char kManifestSeparator[] = ",\n";

// A line as EncodeManifestEntry wrote it, with or without a comma behind it.
// kMalformed.
absl::StatusOr<ManifestEntry> ParseManifestEntry(absl::string_view line);

// .vcj, .vjj or .vch (SZ-12).
absl::string_view VoucherFileEnding(masa::v1::Format format);

// What a device's voucher is called in an archive: by its serial number, and
// where it has one its issuer behind a plus sign; by the voucher's id where
// that is no plain file name of at most 100 octets. No two devices of a tenant
// share a name.
std::string VoucherFileName(const ManifestEntry& entry,
                            masa::v1::Format format);

}  // namespace masa::wire

#endif  // SERVICES_WIRE_VOUCHER_MANIFEST_H_
