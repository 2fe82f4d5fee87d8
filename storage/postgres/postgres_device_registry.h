// The registry's pages and single changes in PostgreSQL. Thread-safe; blocks.
#ifndef STORAGE_POSTGRES_POSTGRES_DEVICE_REGISTRY_H_
#define STORAGE_POSTGRES_POSTGRES_DEVICE_REGISTRY_H_

#include <memory>
#include <string>

#include "storage/device_registry.h"
#include "storage/postgres/connection_pool.h"

namespace masa::storage {

class PostgresDeviceRegistry final : public DeviceRegistry {
 public:
  // `pool` outlives the registry.
  static std::unique_ptr<PostgresDeviceRegistry> New(ConnectionPool* pool);

  absl::StatusOr<DevicePage> List(const RequestContext& context,
                                  const std::string& tenant_id,
                                  const DeviceFilter& filter,
                                  const DevicePlace& after, int limit) override;
  absl::StatusOr<DeviceCount> Count(const RequestContext& context,
                                    const std::string& tenant_id,
                                    const DeviceFilter& filter,
                                    const DevicePlace& after) override;
  absl::StatusOr<Device> Create(const RequestContext& context,
                                const std::string& actor, absl::Time at,
                                const DeviceCreation& creation) override;
  absl::StatusOr<std::vector<Device>> CreateAll(
      const RequestContext& context, const std::string& actor, absl::Time at,
      const BatchCreation& creation) override;
  absl::StatusOr<Device> Edit(const RequestContext& context,
                              const std::string& actor, absl::Time at,
                              const DeviceEdit& edit) override;

 private:
  explicit PostgresDeviceRegistry(ConnectionPool* pool) : pool_(pool) {}

  ConnectionPool* const pool_;
};

}  // namespace masa::storage

#endif  // STORAGE_POSTGRES_POSTGRES_DEVICE_REGISTRY_H_
