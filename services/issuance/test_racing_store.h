// Stores of groups and of policies in which somebody else comes first, once, at
// a moment that the test chooses.
#ifndef SERVICES_ISSUANCE_TEST_RACING_STORE_H_
#define SERVICES_ISSUANCE_TEST_RACING_STORE_H_

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "storage/memory/memory_store.h"

namespace masa::issuance {

// Once.
inline void Run(std::function<void()>& somebody) {
  if (somebody) {
    std::exchange(somebody, nullptr)();
  }
}

class RacingStore final : public storage::GroupStore {
 public:
  // `store` outlives this.
  explicit RacingStore(storage::MemoryStore& store) : store_(store) {}

  std::function<void()> first;     // before a change or a placement
  std::function<void()> recalled;  // behind what an id stands for was read

  absl::StatusOr<std::vector<storage::OrganizationTree>> ReadTrees(
      const RequestContext& context,
      const storage::TreeQuestion& question) override {
    return store_.ReadTrees(context, question);
  }
  absl::StatusOr<std::vector<storage::OrganizationTree>> ListOrganizations(
      const RequestContext& context, const std::string& tenant_id,
      const std::string& after, int limit) override {
    return store_.ListOrganizations(context, tenant_id, after, limit);
  }
  absl::Status Change(const RequestContext& context, const std::string& actor,
                      absl::Time at,
                      const storage::TreeChange& change) override {
    Run(first);
    return store_.Change(context, actor, at, change);
  }
  absl::StatusOr<std::optional<storage::OnceResult>> Recall(
      const RequestContext& context, const storage::OnceKey& key) override {
    auto known = store_.Recall(context, key);
    Run(recalled);
    return known;
  }
  absl::StatusOr<storage::Device> Place(
      const RequestContext& context, const std::string& actor, absl::Time at,
      const storage::Placement& placement) override {
    Run(first);
    return store_.Place(context, actor, at, placement);
  }
  absl::StatusOr<std::vector<storage::Device>> ListPlaced(
      const RequestContext& context, const std::string& tenant_id,
      const std::string& group_id, const storage::DevicePlace& after,
      int limit) override {
    return store_.ListPlaced(context, tenant_id, group_id, after, limit);
  }

 private:
  storage::MemoryStore& store_;
};

class RacingCatalog final : public storage::CatalogStore {
 public:
  // `store` outlives this.
  explicit RacingCatalog(storage::MemoryStore& store) : store_(store) {}

  std::function<void()> first;  // before a write

  absl::Status Apply(const RequestContext& context, const std::string& actor,
                     absl::Time at, const masa::v1::Catalog& catalog) override {
    Run(first);
    return store_.Apply(context, actor, at, catalog);
  }
  absl::Status ApplyIf(const RequestContext& context, const std::string& actor,
                       absl::Time at, const masa::v1::Catalog& catalog,
                       const storage::CatalogTerms& terms) override {
    Run(first);
    return store_.ApplyIf(context, actor, at, catalog, terms);
  }
  absl::StatusOr<masa::v1::Catalog> ReadPolicies(
      const RequestContext& context) override {
    return store_.ReadPolicies(context);
  }
  absl::StatusOr<masa::v1::Organization> GetOrganization(
      const RequestContext& context, const std::string& tenant_id,
      const std::string& organization_id) override {
    return store_.GetOrganization(context, tenant_id, organization_id);
  }
  std::vector<absl::StatusOr<storage::DomainFacts>> DomainsOf(
      const RequestContext& context,
      absl::Span<const storage::DomainQuestion> questions) override {
    return store_.DomainsOf(context, questions);
  }

 private:
  storage::MemoryStore& store_;
};

class RacingLog final : public storage::IssuanceLog {
 public:
  // `store` outlives this.
  explicit RacingLog(storage::MemoryStore& store) : store_(store) {}

  std::function<void()> first;  // before a commit

  std::vector<absl::StatusOr<storage::Committed>> Commit(
      const RequestContext& context,
      std::vector<storage::IssuedVoucher> vouchers) override {
    Run(first);
    return store_.Commit(context, std::move(vouchers));
  }
  absl::StatusOr<std::vector<storage::IssuedVoucher>> ListForDevice(
      const RequestContext& context, int16_t bucket,
      const std::string& device_id, int limit) override {
    return store_.ListForDevice(context, bucket, device_id, limit);
  }
  absl::StatusOr<std::vector<storage::IssuedVoucher>> ReadForRules(
      const RequestContext& context,
      const storage::RulesQuestion& question) override {
    return store_.ReadForRules(context, question);
  }
  absl::StatusOr<storage::IssuanceSummary> Summarize(
      const RequestContext& context, int16_t bucket,
      const std::string& device_id, int limit) override {
    return store_.Summarize(context, bucket, device_id, limit);
  }

 private:
  storage::MemoryStore& store_;
};

}  // namespace masa::issuance

#endif  // SERVICES_ISSUANCE_TEST_RACING_STORE_H_
