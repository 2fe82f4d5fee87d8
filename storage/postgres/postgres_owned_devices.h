// A customer's devices in PostgreSQL, by one index. Thread-safe; blocks.
#ifndef STORAGE_POSTGRES_POSTGRES_OWNED_DEVICES_H_
#define STORAGE_POSTGRES_POSTGRES_OWNED_DEVICES_H_

#include <memory>
#include <string>
#include <vector>

#include "storage/owned_devices.h"
#include "storage/postgres/connection_pool.h"

namespace masa::storage {

class PostgresOwnedDevices final : public OwnedDevices {
 public:
  // `pool` outlives the list.
  static std::unique_ptr<PostgresOwnedDevices> New(ConnectionPool* pool);

  absl::StatusOr<absl::Time> OwnedSince(const RequestContext& context,
                                        const DevicePlace& device) override;
  absl::StatusOr<std::vector<Device>> ListOwned(
      const RequestContext& context, const std::string& tenant_id,
      const std::string& organization_id, const DevicePlace& after,
      int limit) override;

 private:
  explicit PostgresOwnedDevices(ConnectionPool* pool) : pool_(pool) {}

  ConnectionPool* const pool_;
};

}  // namespace masa::storage

#endif  // STORAGE_POSTGRES_POSTGRES_OWNED_DEVICES_H_
