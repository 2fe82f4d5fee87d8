// Tenants, products, organisations and domain certificates: small records,
// written by `masad apply`, read whole. Thread-safe; blocks.
#ifndef STORAGE_CATALOG_STORE_H_
#define STORAGE_CATALOG_STORE_H_

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "proto/masa/v1/policy.pb.h"
#include "services/observe/request_context.h"

namespace masa::storage {

class CatalogStore {
 public:
  virtual ~CatalogStore() = default;

  // Inserts or replaces each record of `catalog` in one transaction, with one
  // audit event. Records not named stay. Idempotent.
  virtual absl::Status Apply(const RequestContext& context,
                             const std::string& actor, absl::Time at,
                             const masa::v1::Catalog& catalog) = 0;

  // Tenants and products only; owners' records are read with the device.
  virtual absl::StatusOr<masa::v1::Catalog> ReadPolicies(
      const RequestContext& context) = 0;

  // True when some organisation of the tenant has a domain certificate with
  // one of these SPKI hashes (32 octets each): a registered registrar.
  virtual absl::StatusOr<bool> IsRegisteredDomain(
      const RequestContext& context, const std::string& tenant_id,
      const std::vector<std::string>& spki_sha256) = 0;
};

}  // namespace masa::storage

#endif  // STORAGE_CATALOG_STORE_H_
