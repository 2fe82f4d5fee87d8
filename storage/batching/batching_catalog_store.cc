#include "storage/batching/batching_catalog_store.h"

namespace masa::storage {

BatchingCatalogStore::BatchingCatalogStore(CatalogStore& store,
                                           GathererOptions options)
    : store_(store),
      gatherer_(options, [this](const RequestContext& context,
                                const std::vector<DomainQuestion>& items) {
        return store_.DomainsOf(context, items);
      }) {}

absl::Status BatchingCatalogStore::Apply(const RequestContext& context,
                                         const std::string& actor,
                                         absl::Time at,
                                         const masa::v1::Catalog& catalog) {
  return store_.Apply(context, actor, at, catalog);
}

absl::Status BatchingCatalogStore::ApplyIf(const RequestContext& context,
                                           const std::string& actor,
                                           absl::Time at,
                                           const masa::v1::Catalog& catalog,
                                           const CatalogTerms& terms) {
  return store_.ApplyIf(context, actor, at, catalog, terms);
}

absl::StatusOr<masa::v1::Catalog> BatchingCatalogStore::ReadPolicies(
    const RequestContext& context) {
  return store_.ReadPolicies(context);
}

absl::StatusOr<masa::v1::Organization> BatchingCatalogStore::GetOrganization(
    const RequestContext& context, const std::string& tenant_id,
    const std::string& organization_id) {
  return store_.GetOrganization(context, tenant_id, organization_id);
}

std::vector<absl::StatusOr<DomainFacts>> BatchingCatalogStore::DomainsOf(
    const RequestContext& context, absl::Span<const DomainQuestion> questions) {
  return gatherer_.Run(context, {questions.begin(), questions.end()});
}

}  // namespace masa::storage
