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

constexpr Statement kOwnedSince = {
    "owned_since",
    "SELECT (extract(epoch FROM e.at) * 1000000)::bigint "
    "FROM ownership_entries e "
    "WHERE e.bucket = $1::smallint AND e.device_id = $2::bytea "
    "ORDER BY e.number DESC LIMIT 1"};

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

absl::StatusOr<absl::Time> PostgresOwnedDevices::OwnedSince(
    const RequestContext& context, const DevicePlace& device) {
  absl::Time since;
  MASA_RETURN_IF_ERROR(RunTransaction(
      *pool_, context, TransactionKind::kOneStatement,
      [&](pqxx::transaction_base& transaction) {
        const pqxx::result found =
            Execute(transaction, kOwnedSince, device.bucket,
                    BytesParameter(device.device_id));
        since = found.empty() ? absl::InfinitePast()
                              : absl::FromUnixMicros(found[0][0].as<int64_t>());
        return absl::OkStatus();
      }));
  return since;
}

}  // namespace masa::storage
