#include "storage/postgres/postgres_transfer_store.h"

#include <algorithm>

#include "services/status/macros.h"
#include "services/status/reason.h"
#include "storage/ownership_history.h"
#include "storage/postgres/array_parameter.h"
#include "storage/postgres/device_writes.h"
#include "storage/postgres/group_rows.h"
#include "storage/postgres/request_results.h"
#include "storage/postgres/rows.h"
#include "storage/postgres/run_transaction.h"
#include "storage/postgres/transfer_rows.h"
#include "storage/record_checks.h"

namespace masa::storage {
namespace {

constexpr size_t kIdOctets = 16;

constexpr Statement kFind = {
    "find_transfer",
    "SELECT " MASA_TRANSFER_COLUMNS
    " FROM transfers WHERE tenant_id = $1 AND transfer_id = $2::bytea"};

constexpr Statement kList = {
    "list_transfers",
    "SELECT " MASA_TRANSFER_COLUMNS
    " FROM transfers WHERE tenant_id = $1 "
    "AND (from_organization_id = $2 OR to_organization_id = $2) "
    "AND transfer_id > $3::bytea ORDER BY transfer_id LIMIT $4"};

constexpr Statement kListLapsed = {
    "list_lapsed_transfers",
    "SELECT " MASA_TRANSFER_COLUMNS
    " FROM transfers WHERE state = 1 AND expires_at <= $1::timestamptz "
    "ORDER BY expires_at LIMIT $2"};

constexpr Statement kCountRefused = {
    "count_refused_claims",
    "INSERT INTO refused_claims AS r (tenant_id, organization_id, "
    "window_start, refused) VALUES ($1, $2, $3::timestamptz, $4::bigint) "
    "ON CONFLICT (tenant_id, organization_id) DO UPDATE SET "
    "refused = CASE WHEN r.window_start < excluded.window_start "
    "THEN excluded.refused ELSE r.refused + excluded.refused END, "
    "window_start = greatest(r.window_start, excluded.window_start) "
    "RETURNING refused"};

std::string TimeText(absl::Time time) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%E6SZ", time, absl::UTCTimeZone());
}

// False when a device is not what it was one version before.
bool WereSo(absl::Span<const Device> stored, absl::Span<const Device> writes) {
  return std::all_of(writes.begin(), writes.end(), [&](const Device& write) {
    return std::any_of(stored.begin(), stored.end(), [&](const Device& was) {
      return was.device_id == write.device_id &&
             was.version + 1 == write.version;
    });
  });
}

// Whom the change gives devices to, or offers them.
ScopedNames ReceiversOf(const TransferChange& change) {
  ScopedNames receivers;
  for (const Device& device : change.devices) {
    if (!device.organization_id.empty()) {
      AddName(receivers, device.tenant_id, device.organization_id);
    }
  }
  if (change.transfer && change.transfer->version == 1) {
    AddName(receivers, change.tenant_id, change.transfer->to_organization_id);
  }
  return receivers;
}

// Whether the group that the devices go into, if any, is their owner's. It
// stays there until the transaction ends.
bool HoldsGroup(pqxx::transaction_base& transaction,
                const TransferChange& change) {
  return change.group_id.empty() || change.devices.empty() ||
         HoldGroup(transaction, change.tenant_id,
                   change.devices.front().organization_id, change.group_id);
}

absl::Status Carry(pqxx::transaction_base& transaction,
                   const RequestContext& context, const std::string& actor,
                   absl::Time at, const TransferChange& change) {
  if (!RememberResult(transaction, change.once,
                      {change.once_digest, change.result}, at)) {
    return TransferHasChanged();
  }
  ScopedNames serials;
  for (const Device& device : change.devices) {
    serials.emplace(device.tenant_id, device.serial_number);
  }
  const ScopedNames receivers = ReceiversOf(change);
  const StoredFacts facts = LockAndRead(transaction, serials, {}, receivers);
  if (facts.organizations != receivers ||
      !WereSo(facts.devices, change.devices) ||
      !HoldsGroup(transaction, change) ||
      (change.transfer && !WriteTransfer(transaction, *change.transfer))) {
    return TransferHasChanged();
  }
  ChangeDevices(transaction, facts.devices, change.devices,
                {change.owner_change, at, change.opens_past});
  InsertEvents(transaction, TransferEvents(change, facts.devices, actor, at,
                                           context.request_id));
  return absl::OkStatus();
}

absl::StatusOr<std::vector<Transfer>> ReadAll(
    ConnectionPool& pool, const RequestContext& context,
    const std::function<pqxx::result(pqxx::transaction_base&)>& select) {
  std::vector<Transfer> transfers;
  MASA_RETURN_IF_ERROR(
      RunTransaction(pool, context, TransactionKind::kOneStatement,
                     [&](pqxx::transaction_base& transaction) {
                       transfers.clear();
                       for (const pqxx::row& row : select(transaction)) {
                         transfers.push_back(ReadTransfer(row));
                       }
                       return absl::OkStatus();
                     }));
  return transfers;
}

}  // namespace

std::unique_ptr<PostgresTransferStore> PostgresTransferStore::New(
    ConnectionPool* pool) {
  return std::unique_ptr<PostgresTransferStore>(
      new PostgresTransferStore(pool));
}

absl::Status PostgresTransferStore::Change(const RequestContext& context,
                                           const std::string& actor,
                                           absl::Time at,
                                           const TransferChange& change) {
  MASA_RETURN_IF_ERROR(CheckTransferChange(change));
  return RunTransaction(*pool_, context, TransactionKind::kManyStatements,
                        [&](pqxx::transaction_base& transaction) {
                          return Carry(transaction, context, actor, at, change);
                        });
}

absl::StatusOr<int64_t> PostgresTransferStore::CountRefusedClaims(
    const RequestContext& context, const std::string& actor, absl::Time at,
    const RefusedClaims& refused) {
  MASA_RETURN_IF_ERROR(CheckRefusedClaims(refused));
  const AuditEvent event =
      RefusedClaimsEvent(refused, actor, at, context.request_id);
  int64_t count = 0;
  MASA_RETURN_IF_ERROR(RunTransaction(
      *pool_, context, TransactionKind::kManyStatements,
      [&](pqxx::transaction_base& transaction) {
        count = Execute(transaction, kCountRefused, refused.tenant_id,
                        refused.organization_id, TimeText(refused.window_start),
                        refused.refused)[0][0]
                    .as<int64_t>();
        if (refused.refused > 0) {
          InsertEvents(transaction, {event});
        }
        return absl::OkStatus();
      }));
  return count;
}

absl::StatusOr<Transfer> PostgresTransferStore::FindTransfer(
    const RequestContext& context, const std::string& tenant_id,
    const std::string& transfer_id) {
  if (!IsStorableText(tenant_id) || transfer_id.size() != kIdOctets) {
    return TransferUnknown();
  }
  Transfer transfer;
  MASA_RETURN_IF_ERROR(RunTransaction(
      *pool_, context, TransactionKind::kManyStatements,
      [&](pqxx::transaction_base& transaction) {
        const pqxx::result rows =
            Execute(transaction, kFind, tenant_id, BytesParameter(transfer_id));
        if (rows.empty()) {
          return TransferUnknown();
        }
        transfer = ReadTransfer(rows[0]);
        ReadTransferDevices(transaction, transfer);
        return absl::OkStatus();
      }));
  return transfer;
}

absl::StatusOr<std::vector<Transfer>> PostgresTransferStore::ListTransfers(
    const RequestContext& context, const std::string& tenant_id,
    const std::string& organization_id, const std::string& after, int limit) {
  if (!IsStorableText(tenant_id) || !IsStorableText(organization_id)) {
    return std::vector<Transfer>();
  }
  return ReadAll(*pool_, context, [&](pqxx::transaction_base& transaction) {
    return Execute(transaction, kList, tenant_id, organization_id,
                   BytesParameter(after), std::max(limit, 0));
  });
}

absl::StatusOr<std::vector<Transfer>> PostgresTransferStore::ListLapsed(
    const RequestContext& context, absl::Time now, int limit) {
  return ReadAll(*pool_, context, [&](pqxx::transaction_base& transaction) {
    return Execute(transaction, kListLapsed, TimeText(now), std::max(limit, 0));
  });
}

}  // namespace masa::storage
