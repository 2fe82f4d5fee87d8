// What the manufacturer says of an owner's escrow bundle: which devices it is
// for, and what verifies all that is in it. JSON in one form, which is signed
// as it stands. Pure; thread-safe.
#ifndef SERVICES_WIRE_ESCROW_MANIFEST_H_
#define SERVICES_WIRE_ESCROW_MANIFEST_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace masa::wire {

// The files of a bundle that are there once; the others are a voucher of each
// device by its own name, and its receipt and history by the voucher's id.
inline constexpr char kEscrowManifest[] = "manifest.json";
inline constexpr char kEscrowSignature[] = "manifest.sig";
inline constexpr char kEscrowChain[] = "manifest.pem";
inline constexpr char kEscrowDevices[] = "devices.json";
inline constexpr char kEscrowVerifier[] = "verify_escrow.py";
inline constexpr char kEscrowReceipts[] = "receipts/";
inline constexpr char kReceiptEnding[] = ".tlog-proof";
inline constexpr char kEscrowHistories[] = "histories/";
inline constexpr char kHistoryEnding[] = ".json";

struct EscrowManifest {
  std::string tenant_id;        // UTF-8
  std::string organization_id;  // whose devices they are; UTF-8
  std::string job_id;           // of the vouchers, 16 octets
  absl::Time at;                // in whole seconds
  int64_t issued = 0;           // devices with a voucher, and without
  int64_t refused = 0;
  std::string devices_sha256;  // of devices.json, 32 octets
  // DER of the certificates that chains of vouchers and of ownership roots end
  // in, and of all others of the vouchers' chains, since not every voucher has
  // them with it; of the log's keys the lines name+hash+base64.
  std::vector<std::string> voucher_anchors;
  std::vector<std::string> voucher_certificates;
  std::vector<std::string> ownership_anchors;
  std::vector<std::string> log_keys;

  bool operator==(const EscrowManifest&) const = default;
};

std::string EncodeEscrowManifest(const EscrowManifest& manifest);

// kMalformed for anything that EncodeEscrowManifest does not write, for one
// without a name, a device or an anchor of each kind, and over 1 MiB.
absl::StatusOr<EscrowManifest> ParseEscrowManifest(absl::string_view text);

}  // namespace masa::wire

#endif  // SERVICES_WIRE_ESCROW_MANIFEST_H_
