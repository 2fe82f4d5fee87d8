#include "storage/batching/batching_catalog_store.h"

#include <algorithm>
#include <utility>

namespace masa::storage {

BatchingCatalogStore::BatchingCatalogStore(CatalogStore& store,
                                           GathererOptions options)
    : store_(store), gatherer_(options, [this](const std::vector<Item>& items) {
        // The batch is worth asking while any of its callers waits.
        RequestContext context;
        context.deadline = absl::InfinitePast();
        std::vector<DomainQuestion> questions;
        questions.reserve(items.size());
        for (const Item& item : items) {
          context.deadline = std::max(context.deadline, item.deadline);
          questions.push_back(item.question);
        }
        return store_.DomainsOf(context, questions);
      }) {}

absl::Status BatchingCatalogStore::Apply(const RequestContext& context,
                                         const std::string& actor,
                                         absl::Time at,
                                         const masa::v1::Catalog& catalog) {
  return store_.Apply(context, actor, at, catalog);
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
  std::vector<Item> items;
  items.reserve(questions.size());
  for (const DomainQuestion& question : questions) {
    items.push_back(Item{context.deadline, question});
  }
  return gatherer_.Run(std::move(items));
}

}  // namespace masa::storage
