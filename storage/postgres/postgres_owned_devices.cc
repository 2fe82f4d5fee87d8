#include "storage/postgres/postgres_owned_devices.h"

#include <algorithm>

#include "services/status/macros.h"
#include "storage/postgres/array_parameter.h"
#include "storage/postgres/rows.h"
#include "storage/postgres/run_transaction.h"
#include "storage/record_checks.h"

namespace masa::storage {
namespace {

constexpr Statement kListOwned = {
    "list_owned_devices",
    "SELECT " MASA_DEVICE_COLUMNS("d") " FROM devices d "
    "WHERE d.tenant_id = $1 AND d.organization_id = $2 "
    "AND d.organization_id <> '' AND d.deleted_at IS NULL "
    "AND (d.bucket, d.device_id) > ($3::smallint, $4::bytea) "
    "ORDER BY d.bucket, d.device_id LIMIT $5"};

}  // namespace

std::unique_ptr<PostgresOwnedDevices> PostgresOwnedDevices::New(
    ConnectionPool* pool) {
  return std::unique_ptr<PostgresOwnedDevices>(new PostgresOwnedDevices(pool));
}

absl::StatusOr<std::vector<Device>> PostgresOwnedDevices::ListOwned(
    const RequestContext& context, const std::string& tenant_id,
    const std::string& organization_id, const DevicePlace& after, int limit) {
  std::vector<Device> devices;
  if (!IsStorableText(tenant_id) || !IsStorableText(organization_id)) {
    return devices;  // a name that no record can have
  }
  MASA_RETURN_IF_ERROR(RunTransaction(
      *pool_, context, TransactionKind::kOneStatement,
      [&](pqxx::transaction_base& transaction) {
        devices.clear();
        for (const pqxx::row& row :
             Execute(transaction, kListOwned, tenant_id, organization_id,
                     after.bucket, BytesParameter(after.device_id),
                     std::max(limit, 0))) {
          devices.push_back(ReadDevice(row, 0));
        }
        return absl::OkStatus();
      }));
  return devices;
}

}  // namespace masa::storage
