// The promise of the device registry. Batch-shaped: result i answers item i,
// and an item fails alone. Implementations are thread-safe, block, retry
// serialisation failures inside, and return kStoreUnavailable when the store
// cannot answer. Every answer is read from the store: never stale.
#ifndef STORAGE_DEVICE_STORE_H_
#define STORAGE_DEVICE_STORE_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "services/observe/request_context.h"
#include "storage/device.h"
#include "storage/issuance_log.h"

namespace masa::storage {

// How much of a device is asked for.
enum class DeviceView {
  kWhole = 1,
  kForOrder = 2,  // see ForOrder in device.h
};

struct DeviceQuestion {
  DeviceKey key;
  // When set, the answer carries the newest voucher that this very request
  // got for the device (architecture: repeats).
  std::string request_digest;
  DeviceView view = DeviceView::kWhole;
};

// Where a domain certificate of the owner's stands, seen from a device.
enum class CertPlace { kSameGroup = 1, kAbove = 2, kElsewhere = 3 };

struct OwnerCert {
  std::string certificate_der;
  CertPlace place = CertPlace::kSameGroup;
  std::optional<absl::Time> expires_at = {};  // none: with the certificate
  bool revocation_checks = false;
  // What a StandingStore says beside.
  std::string cert_id = {};
  std::string spki_sha256 = {};  // 32 octets
};

// Everything that a decision reads about one device, in one round trip.
struct DeviceAnswer {
  Device device;
  // The domain certificates of the device's recorded owner.
  std::vector<OwnerCert> owner_certs;
  std::optional<IssuedVoucher> previous;
  // Another device of the tenant has the same serial number (VL-07).
  bool serial_shared = false;
};

enum class OnConflict { kFail = 1, kSkip = 2, kUpdate = 3 };

enum class ImportOutcome { kCreated = 1, kSkipped = 2, kUpdated = 3 };

class DeviceStore {
 public:
  virtual ~DeviceStore() = default;

  // kDeviceUnknown when there is none. Without an issuer and with several
  // devices of that serial: kDeviceAmbiguous. A device recorded without issuer
  // matches any.
  virtual std::vector<absl::StatusOr<DeviceAnswer>> Find(
      const RequestContext& context,
      absl::Span<const DeviceQuestion> questions) = 0;

  // The products of the devices that have this serial number, each once, by
  // id. kStoreUnavailable.
  virtual absl::StatusOr<std::vector<std::string>> ProductsOf(
      const RequestContext& context, const std::string& tenant_id,
      const std::string& serial_number) = 0;

  // Writes devices and one audit event per written device, in one transaction.
  // kDeviceExists (same serial and issuer, or the same serial where either has
  // no issuer, also within the batch) unless `on_conflict` says otherwise;
  // kProductUnknown, kOrganizationUnknown. The bucket and id are computed here.
  // An update takes the item's state, unless that is kManufactured, or the
  // stored device is blocked or scrapped.
  virtual std::vector<absl::StatusOr<ImportOutcome>> Import(
      const RequestContext& context, const std::string& actor, absl::Time at,
      absl::Span<const Device> devices, OnConflict on_conflict) = 0;

  // Makes `organization_id` the owner (empty: nobody), with an audit event.
  virtual std::vector<absl::StatusOr<Device>> Assign(
      const RequestContext& context, const std::string& actor, absl::Time at,
      absl::Span<const DeviceKey> keys, const std::string& organization_id) = 0;

  // Blocks the devices (PV-23), or lifts a block, with an audit event; what is
  // scrapped stays so.
  virtual std::vector<absl::StatusOr<Device>> SetBlocked(
      const RequestContext& context, const std::string& actor, absl::Time at,
      absl::Span<const DeviceKey> keys, bool blocked) = 0;
};

}  // namespace masa::storage

#endif  // STORAGE_DEVICE_STORE_H_
