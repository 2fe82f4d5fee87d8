// The promise behind the hot read path: all that says where a domain stands
// with a device, for many pairs at once, and no more than that. Batch-shaped:
// answer i belongs to question i, and each fails alone. Implementations are
// thread-safe, block, and return kStoreUnavailable when the store cannot
// answer. Every answer is read from the store: never stale.
#ifndef STORAGE_STANDING_STORE_H_
#define STORAGE_STANDING_STORE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "services/observe/request_context.h"
#include "storage/catalog_store.h"
#include "storage/device_store.h"
#include "storage/issuance_log.h"

namespace masa::storage {

struct StandingQuestion {
  DeviceKey key;
  std::string spki_sha256;  // of the domain, 32 octets; empty: no domain
};

struct StandingFacts {
  // Of the device what decisions read: neither certificates and keys nor what
  // describes it. Of its owner's domain certificates those of the domain's key,
  // by id.
  DeviceAnswer found;
  // Of the customers one, and of it the id alone; claims are not counted.
  DomainFacts domain;
};

// Whose claims: of one device, seen by one domain.
struct ClaimsQuestion {
  int16_t bucket = 0;
  std::string device_id;    // 16 octets
  std::string spki_sha256;  // as above
};

class StandingStore {
 public:
  virtual ~StandingStore() = default;

  // Items as DeviceStore::Find has them: kDeviceUnknown, kDeviceAmbiguous.
  virtual std::vector<absl::StatusOr<StandingFacts>> ReadStandings(
      const RequestContext& context,
      absl::Span<const StandingQuestion> questions) = 0;

  // Of the vouchers of each device, those that rules on earlier claims look at,
  // newest first: the newest that neither pins the domain's key nor something
  // below it, and the first of all. They may be one. Of each: ids, times, and
  // whose it is.
  virtual std::vector<absl::StatusOr<std::vector<IssuedVoucher>>> ReadClaims(
      const RequestContext& context,
      absl::Span<const ClaimsQuestion> questions) = 0;
};

}  // namespace masa::storage

#endif  // STORAGE_STANDING_STORE_H_
