// Tenants, products, organisations and domain certificates: small records,
// written by `masad apply`, read whole. Thread-safe; blocks.
#ifndef STORAGE_CATALOG_STORE_H_
#define STORAGE_CATALOG_STORE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "proto/masa/v1/policy.pb.h"
#include "services/observe/request_context.h"
#include "storage/once.h"

namespace masa::storage {

// What a chain of keys is to a tenant.
struct DomainFacts {
  // The customers with a domain certificate of one of these keys, by id. They
  // are several where each has registered what is public, as a CA's
  // certificate: whoever does so changes nothing for the others.
  std::vector<masa::v1::Organization> customers;
  bool blocked = false;  // one of the keys is
  int64_t claims = 0;    // of the registrar in its window

  bool registered() const { return !customers.empty(); }
  // The one of this id among them; null: it is not.
  const masa::v1::Organization* Find(const std::string& organization_id) const {
    for (const masa::v1::Organization& customer : customers) {
      if (customer.organization_id() == organization_id) {
        return &customer;
      }
    }
    return nullptr;
  }
};

struct DomainQuestion {
  std::string tenant_id;
  std::vector<std::string> spki_sha256;  // of a chain, 32 octets each
  // Whose claims since the beginning of which window are asked for (SE-01).
  std::string registrar_spki_sha256 = {};  // 32 octets; empty: none
  absl::Time window = absl::UnixEpoch();
};

// What a change of the catalog hangs on.
struct CatalogTerms {
  // Those of the tenants, products and customers that are written of which the
  // change was made, as they were read.
  masa::v1::Catalog read = {};
  std::optional<OnceOrder> once = {};
};

class CatalogStore {
 public:
  virtual ~CatalogStore() = default;

  // Inserts or replaces each record of `catalog` in one transaction, with one
  // audit event, which says of tenants, products and customers how each was
  // just before: of two who write at once the second finds what the first
  // wrote. Records not named stay. Idempotent.
  virtual absl::Status Apply(const RequestContext& context,
                             const std::string& actor, absl::Time at,
                             const masa::v1::Catalog& catalog) = 0;
  // The same on terms. kStoreConflict when a record is not what was read any
  // more, or the caller's own id stands for something already: then nothing is
  // written, and who changes what is there reads and decides again.
  virtual absl::Status ApplyIf(const RequestContext& context,
                               const std::string& actor, absl::Time at,
                               const masa::v1::Catalog& catalog,
                               const CatalogTerms& terms) = 0;

  // Tenants and products only; owners' records are read with the device.
  virtual absl::StatusOr<masa::v1::Catalog> ReadPolicies(
      const RequestContext& context) = 0;

  // kOrganizationUnknown when it is not there.
  virtual absl::StatusOr<masa::v1::Organization> GetOrganization(
      const RequestContext& context, const std::string& tenant_id,
      const std::string& organization_id) = 0;

  // What is on record of each domain; answer i belongs to question i. Never
  // stale.
  virtual std::vector<absl::StatusOr<DomainFacts>> DomainsOf(
      const RequestContext& context,
      absl::Span<const DomainQuestion> questions) = 0;
};

}  // namespace masa::storage

#endif  // STORAGE_CATALOG_STORE_H_
