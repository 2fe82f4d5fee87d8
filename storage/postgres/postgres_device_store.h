// The device registry in PostgreSQL. A batch of questions is one statement.
// Thread-safe; blocks.
#ifndef STORAGE_POSTGRES_POSTGRES_DEVICE_STORE_H_
#define STORAGE_POSTGRES_POSTGRES_DEVICE_STORE_H_

#include <memory>
#include <string>
#include <vector>

#include "storage/device_store.h"
#include "storage/postgres/connection_pool.h"

namespace masa::storage {

class PostgresDeviceStore final : public DeviceStore {
 public:
  // `pool` outlives the store.
  static std::unique_ptr<PostgresDeviceStore> New(ConnectionPool* pool);

  std::vector<absl::StatusOr<DeviceAnswer>> Find(
      const RequestContext& context,
      absl::Span<const DeviceQuestion> questions) override;
  absl::StatusOr<std::vector<std::string>> ProductsOf(
      const RequestContext& context, const std::string& tenant_id,
      const std::string& serial_number) override;
  std::vector<absl::StatusOr<ImportOutcome>> Import(
      const RequestContext& context, const std::string& actor, absl::Time at,
      absl::Span<const Device> devices, OnConflict on_conflict) override;
  std::vector<absl::StatusOr<Device>> Assign(
      const RequestContext& context, const std::string& actor, absl::Time at,
      absl::Span<const DeviceKey> keys,
      const std::string& organization_id) override;
  std::vector<absl::StatusOr<Device>> SetBlocked(
      const RequestContext& context, const std::string& actor, absl::Time at,
      absl::Span<const DeviceKey> keys, bool blocked) override;

 private:
  explicit PostgresDeviceStore(ConnectionPool* pool) : pool_(pool) {}

  ConnectionPool* const pool_;
};

}  // namespace masa::storage

#endif  // STORAGE_POSTGRES_POSTGRES_DEVICE_STORE_H_
