#include "storage/postgres/transfer_rows.h"

#include <algorithm>
#include <string>

#include "storage/postgres/array_parameter.h"
#include "storage/postgres/rows.h"
#include "storage/postgres/run_transaction.h"

namespace masa::storage {
namespace {

constexpr Statement kInsert = {
    "insert_transfer",
    "INSERT INTO transfers (tenant_id, transfer_id, from_organization_id, "
    "to_organization_id, state, keep_history, by_operator, offered_at, "
    "expires_at, version) VALUES ($1, $2::bytea, $3, $4, $5::smallint, "
    "$6::boolean, $7::boolean, $8::timestamptz, $9::timestamptz, 1) "
    "ON CONFLICT (tenant_id, transfer_id) DO NOTHING"};

constexpr Statement kEnd = {
    "end_transfer",
    "UPDATE transfers SET state = $3::smallint, ended_at = $4::timestamptz, "
    "version = $5::bigint WHERE tenant_id = $1 AND transfer_id = $2::bytea "
    "AND version = $5::bigint - 1"};

constexpr Statement kLose = {
    "lose_transfer_devices",
    "UPDATE transfer_devices t SET hold = 4 "
    "FROM unnest($1::smallint[], $2::bytea[]) AS q(bucket, device_id) "
    "WHERE t.bucket = q.bucket AND t.device_id = q.device_id AND t.hold = 1"};

constexpr Statement kInsertDevices = {
    "insert_transfer_devices",
    "INSERT INTO transfer_devices (bucket, device_id, transfer_id, tenant_id, "
    "place, serial_number, idevid_issuer, state_before, hold) "
    "SELECT q.bucket, q.device_id, $1::bytea, $2::text, q.place, "
    "q.serial_number, q.issuer, q.state_before, q.hold "
    "FROM unnest($3::smallint[], $4::bytea[], $5::integer[], $6::text[], "
    "$7::bytea[], $8::smallint[], $9::smallint[]) AS q(bucket, device_id, "
    "place, serial_number, issuer, state_before, hold)"};

// What is lost to another offer stays so.
constexpr Statement kUpdateDevices = {
    "update_transfer_devices",
    "UPDATE transfer_devices t SET hold = q.hold "
    "FROM unnest($2::smallint[], $3::bytea[], $4::smallint[]) "
    "AS q(bucket, device_id, hold) WHERE t.bucket = q.bucket "
    "AND t.device_id = q.device_id AND t.transfer_id = $1::bytea "
    "AND t.hold = 1 RETURNING t.hold"};

constexpr Statement kReadDevices = {
    "read_transfer_devices",
    "SELECT bucket, device_id, serial_number, idevid_issuer, state_before, "
    "hold FROM transfer_devices WHERE tenant_id = $1 "
    "AND transfer_id = $2::bytea ORDER BY place"};

std::string TimeText(absl::Time time) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%E6SZ", time, absl::UTCTimeZone());
}

void InsertDevices(pqxx::transaction_base& transaction,
                   const Transfer& transfer) {
  SmallintArray buckets, states, holds;
  BytesArray ids, issuers;
  IntegerArray places;
  TextArray serials;
  int32_t place = 0;
  for (const TransferDevice& device : transfer.devices) {
    buckets.Add(device.bucket);
    ids.Add(device.device_id);
    places.Add(place++);
    serials.Add(device.serial_number);
    issuers.Add(device.idevid_issuer);
    states.Add(static_cast<int16_t>(device.state_before));
    holds.Add(static_cast<int16_t>(device.hold));
  }
  Execute(transaction, kLose, buckets.Finish(), ids.Finish());
  Execute(transaction, kInsertDevices, BytesParameter(transfer.transfer_id),
          transfer.tenant_id, buckets.Finish(), ids.Finish(), places.Finish(),
          serials.Finish(), issuers.Finish(), states.Finish(), holds.Finish());
}

// False when a device that shall be moved or returned is not held any more: a
// newer offer took it after the plan was made, and the version of this
// transfer does not tell.
bool UpdateDevices(pqxx::transaction_base& transaction,
                   const Transfer& transfer) {
  SmallintArray buckets, holds;
  BytesArray ids;
  for (const TransferDevice& device : transfer.devices) {
    buckets.Add(device.bucket);
    ids.Add(device.device_id);
    holds.Add(static_cast<int16_t>(device.hold));
  }
  const pqxx::result updated =
      Execute(transaction, kUpdateDevices, BytesParameter(transfer.transfer_id),
              buckets.Finish(), ids.Finish(), holds.Finish());
  const auto kept =
      std::count_if(updated.begin(), updated.end(), [](const pqxx::row& row) {
        return row[0].as<int>() != static_cast<int>(HoldState::kLost);
      });
  return kept == std::count_if(transfer.devices.begin(), transfer.devices.end(),
                               [](const TransferDevice& device) {
                                 return device.hold != HoldState::kLost;
                               });
}

}  // namespace

Transfer ReadTransfer(const pqxx::row& row) {
  const auto time = [&row](int column) {
    return absl::FromUnixMicros(row[column].as<int64_t>());
  };
  Transfer transfer;
  transfer.tenant_id = row[0].as<std::string>();
  transfer.transfer_id = ReadBytes(row[1]);
  transfer.from_organization_id = row[2].as<std::string>();
  transfer.to_organization_id = row[3].as<std::string>();
  transfer.state = static_cast<TransferState>(row[4].as<int>());
  transfer.keep_history = row[5].as<bool>();
  transfer.by_operator = row[6].as<bool>();
  transfer.offered_at = time(7);
  transfer.expires_at = time(8);
  if (!row[9].is_null()) {
    transfer.ended_at = time(9);
  }
  transfer.version = row[10].as<int64_t>();
  return transfer;
}

void ReadTransferDevices(pqxx::transaction_base& transaction,
                         Transfer& transfer) {
  for (const pqxx::row& row :
       Execute(transaction, kReadDevices, transfer.tenant_id,
               BytesParameter(transfer.transfer_id))) {
    TransferDevice& device = transfer.devices.emplace_back();
    device.bucket = row[0].as<int16_t>();
    device.device_id = ReadBytes(row[1]);
    device.serial_number = row[2].as<std::string>();
    if (!row[3].is_null()) {
      device.idevid_issuer = ReadBytes(row[3]);
    }
    device.state_before = static_cast<DeviceState>(row[4].as<int>());
    device.hold = static_cast<HoldState>(row[5].as<int>());
  }
}

bool WriteTransfer(pqxx::transaction_base& transaction,
                   const Transfer& transfer) {
  const bool is_new = transfer.version == 1;
  const pqxx::result written =
      is_new
          ? Execute(transaction, kInsert, transfer.tenant_id,
                    BytesParameter(transfer.transfer_id),
                    transfer.from_organization_id, transfer.to_organization_id,
                    static_cast<int>(transfer.state), transfer.keep_history,
                    transfer.by_operator, TimeText(transfer.offered_at),
                    TimeText(transfer.expires_at))
          : Execute(transaction, kEnd, transfer.tenant_id,
                    BytesParameter(transfer.transfer_id),
                    static_cast<int>(transfer.state),
                    TimeText(transfer.ended_at.value_or(transfer.offered_at)),
                    transfer.version);
  if (written.affected_rows() != 1) {
    return false;
  }
  if (is_new) {
    InsertDevices(transaction, transfer);
    return true;
  }
  return UpdateDevices(transaction, transfer);
}

}  // namespace masa::storage
