// Tenants, products, organisations and domain certificates in PostgreSQL.
// Thread-safe; blocks.
#ifndef STORAGE_POSTGRES_POSTGRES_CATALOG_STORE_H_
#define STORAGE_POSTGRES_POSTGRES_CATALOG_STORE_H_

#include <memory>
#include <string>
#include <vector>

#include "storage/catalog_store.h"
#include "storage/postgres/connection_pool.h"

namespace masa::storage {

class PostgresCatalogStore final : public CatalogStore {
 public:
  // `pool` outlives the store.
  static std::unique_ptr<PostgresCatalogStore> New(ConnectionPool* pool);

  absl::Status Apply(const RequestContext& context, const std::string& actor,
                     absl::Time at, const masa::v1::Catalog& catalog) override;
  absl::Status ApplyIf(const RequestContext& context, const std::string& actor,
                       absl::Time at, const masa::v1::Catalog& catalog,
                       const CatalogTerms& terms) override;
  absl::StatusOr<masa::v1::Catalog> ReadPolicies(
      const RequestContext& context) override;
  absl::StatusOr<masa::v1::Organization> GetOrganization(
      const RequestContext& context, const std::string& tenant_id,
      const std::string& organization_id) override;
  std::vector<absl::StatusOr<DomainFacts>> DomainsOf(
      const RequestContext& context,
      absl::Span<const DomainQuestion> questions) override;

 private:
  explicit PostgresCatalogStore(ConnectionPool* pool) : pool_(pool) {}

  ConnectionPool* const pool_;
};

}  // namespace masa::storage

#endif  // STORAGE_POSTGRES_POSTGRES_CATALOG_STORE_H_
