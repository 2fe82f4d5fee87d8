// Gathered look-ups of domains: questions of many callers go to the store in
// one statement, and each keeps its own answer. The rest passes through.
#ifndef STORAGE_BATCHING_BATCHING_CATALOG_STORE_H_
#define STORAGE_BATCHING_BATCHING_CATALOG_STORE_H_

#include <string>
#include <vector>

#include "storage/batching/gatherer.h"
#include "storage/catalog_store.h"

namespace masa::storage {

class BatchingCatalogStore final : public CatalogStore {
 public:
  // `store` outlives this.
  explicit BatchingCatalogStore(CatalogStore& store,
                                GathererOptions options = {});

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
  // kOverloaded beside what the store answers, when too many wait.
  std::vector<absl::StatusOr<DomainFacts>> DomainsOf(
      const RequestContext& context,
      absl::Span<const DomainQuestion> questions) override;

 private:
  CatalogStore& store_;
  Gatherer<DomainQuestion, DomainFacts> gatherer_;
};

}  // namespace masa::storage

#endif  // STORAGE_BATCHING_BATCHING_CATALOG_STORE_H_
