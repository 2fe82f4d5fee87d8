// Organisations, groups and the place of devices in PostgreSQL. Thread-safe;
// blocks.
#ifndef STORAGE_POSTGRES_POSTGRES_GROUP_STORE_H_
#define STORAGE_POSTGRES_POSTGRES_GROUP_STORE_H_

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "storage/group_store.h"
#include "storage/postgres/connection_pool.h"

namespace masa::storage {

class PostgresGroupStore final : public GroupStore {
 public:
  // `pool` outlives the store.
  static std::unique_ptr<PostgresGroupStore> New(ConnectionPool* pool);

  absl::StatusOr<std::vector<OrganizationTree>> ReadTrees(
      const RequestContext& context, const TreeQuestion& question) override;
  absl::StatusOr<std::vector<OrganizationTree>> ListOrganizations(
      const RequestContext& context, const std::string& tenant_id,
      const std::string& after, int limit) override;
  absl::Status Change(const RequestContext& context, const std::string& actor,
                      absl::Time at, const TreeChange& change) override;
  absl::StatusOr<std::optional<OnceResult>> Recall(
      const RequestContext& context, const OnceKey& key) override;
  absl::StatusOr<Device> Place(const RequestContext& context,
                               const std::string& actor, absl::Time at,
                               const Placement& placement) override;
  absl::StatusOr<std::vector<Device>> ListPlaced(const RequestContext& context,
                                                 const std::string& tenant_id,
                                                 const std::string& group_id,
                                                 const DevicePlace& after,
                                                 int limit) override;

 private:
  explicit PostgresGroupStore(ConnectionPool* pool) : pool_(pool) {}

  ConnectionPool* const pool_;
};

}  // namespace masa::storage

#endif  // STORAGE_POSTGRES_POSTGRES_GROUP_STORE_H_
