#include "storage/postgres/postgres_import_store.h"

#include <optional>
#include <utility>

#include "services/status/macros.h"
#include "services/status/reason.h"
#include "storage/import_rules.h"
#include "storage/postgres/array_parameter.h"
#include "storage/postgres/device_writes.h"
#include "storage/postgres/history_rows.h"
#include "storage/postgres/rows.h"
#include "storage/postgres/run_transaction.h"

namespace masa::storage {
namespace {

#define MASA_PROGRESS_COLUMNS                                                  \
  "import_id, on_conflict, last_sequence, created, skipped, updated, failed, " \
  "complete"

constexpr Statement kBegin = {
    "begin_import",
    "INSERT INTO imports (tenant_id, " MASA_PROGRESS_COLUMNS
    ", at) VALUES ($1, $2, $3, 0, 0, 0, 0, 0, false, $4::timestamptz) "
    "ON CONFLICT (tenant_id, import_id) DO NOTHING"};

constexpr Statement kRead = {"read_import",
                             "SELECT " MASA_PROGRESS_COLUMNS
                             " FROM imports "
                             "WHERE tenant_id = $1 AND import_id = $2"};

// Whoever comes second with a chunk waits here, and then is not the next.
constexpr Statement kHold = {"hold_import",
                             "SELECT " MASA_PROGRESS_COLUMNS
                             " FROM imports WHERE tenant_id = $1 "
                             "AND import_id = $2 FOR UPDATE"};

constexpr Statement kAdvance = {
    "advance_import",
    "UPDATE imports SET last_sequence = $3, created = $4, skipped = $5, "
    "updated = $6, failed = $7, complete = $8, at = $9::timestamptz "
    "WHERE tenant_id = $1 AND import_id = $2"};

std::string TimeText(absl::Time time) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%E6SZ", time, absl::UTCTimeZone());
}

absl::StatusOr<ImportProgress> Read(pqxx::transaction_base& transaction,
                                    const Statement& statement,
                                    const ImportKey& key) {
  const pqxx::result rows =
      Execute(transaction, statement, key.tenant_id, key.import_id);
  if (rows.empty()) {
    return ImportUnknown();
  }
  const pqxx::row& row = rows[0];
  return ImportProgress{
      row[0].as<std::string>(), static_cast<OnConflict>(row[1].as<int>()),
      row[2].as<int64_t>(),     row[3].as<int64_t>(),
      row[4].as<int64_t>(),     row[5].as<int64_t>(),
      row[6].as<int64_t>(),     row[7].as<bool>()};
}

void Write(pqxx::transaction_base& transaction, const ImportKey& key,
           const ImportProgress& progress, absl::Time at) {
  Execute(transaction, kAdvance, key.tenant_id, key.import_id,
          progress.last_sequence, progress.created, progress.skipped,
          progress.updated, progress.failed, progress.complete, TimeText(at));
}

StoredFacts ReadFacts(pqxx::transaction_base& transaction,
                      const ImportChunk& chunk) {
  ScopedNames serials, products, organizations;
  for (const Device& device : chunk.devices) {
    AddName(serials, device.tenant_id, device.serial_number);
    AddName(products, device.tenant_id, device.product_id);
    AddName(organizations, device.tenant_id, device.organization_id);
  }
  return AddAndRead(transaction, serials, products, organizations);
}

}  // namespace

std::unique_ptr<PostgresImportStore> PostgresImportStore::New(
    ConnectionPool* pool) {
  return std::unique_ptr<PostgresImportStore>(new PostgresImportStore(pool));
}

absl::StatusOr<ImportProgress> PostgresImportStore::BeginImport(
    const RequestContext& context, const ImportKey& key, OnConflict on_conflict,
    absl::Time at) {
  MASA_RETURN_IF_ERROR(CheckImportKey(key));
  absl::StatusOr<ImportProgress> progress;
  MASA_RETURN_IF_ERROR(RunTransaction(
      *pool_, context, TransactionKind::kManyStatements,
      [&](pqxx::transaction_base& transaction) -> absl::Status {
        Execute(transaction, kBegin, key.tenant_id, key.import_id,
                static_cast<int>(on_conflict), TimeText(at));
        progress = Read(transaction, kRead, key);
        MASA_RETURN_IF_ERROR(progress.status());
        return CheckSameImport(*progress, on_conflict);
      }));
  return progress;
}

absl::StatusOr<ImportProgress> PostgresImportStore::GetImport(
    const RequestContext& context, const ImportKey& key) {
  MASA_RETURN_IF_ERROR(CheckImportKey(key));
  absl::StatusOr<ImportProgress> progress;
  MASA_RETURN_IF_ERROR(
      RunTransaction(*pool_, context, TransactionKind::kOneStatement,
                     [&](pqxx::transaction_base& transaction) {
                       progress = Read(transaction, kRead, key);
                       return progress.status();
                     }));
  return progress;
}

absl::StatusOr<CommittedChunk> PostgresImportStore::CommitChunk(
    const RequestContext& context, const std::string& actor, absl::Time at,
    const ImportChunk& chunk) {
  MASA_RETURN_IF_ERROR(CheckImportKey(chunk.key));
  const Change change = {actor, at, context.request_id};
  CommittedChunk committed;
  MASA_RETURN_IF_ERROR(RunTransaction(
      *pool_, context, TransactionKind::kManyStatements,
      [&](pqxx::transaction_base& transaction) -> absl::Status {
        MASA_ASSIGN_OR_RETURN(const ImportProgress before,
                              Read(transaction, kHold, chunk.key));
        MASA_RETURN_IF_ERROR(CheckNext(before, chunk.sequence));
        const StoredFacts facts = ReadFacts(transaction, chunk);
        ImportPlan plan = PlanRecords(chunk.devices, facts, before.on_conflict);
        const ImportProgress after = Advance(before, chunk, plan.outcomes);
        WriteDevices(transaction, plan.writes, at);
        WriteHistory(transaction, facts.devices, plan.writes,
                     {OwnerChange::kImported, at});
        InsertEvents(transaction, {ChunkEvent(chunk, before, after, change)});
        Write(transaction, chunk.key, after, at);
        committed = {after, std::move(plan.outcomes), std::move(plan.writes)};
        return absl::OkStatus();
      }));
  return committed;
}

absl::StatusOr<ImportProgress> PostgresImportStore::CompleteImport(
    const RequestContext& context, const ImportKey& key, int64_t last_sequence,
    absl::Time at) {
  MASA_RETURN_IF_ERROR(CheckImportKey(key));
  ImportProgress progress;
  MASA_RETURN_IF_ERROR(RunTransaction(
      *pool_, context, TransactionKind::kManyStatements,
      [&](pqxx::transaction_base& transaction) -> absl::Status {
        MASA_ASSIGN_OR_RETURN(progress, Read(transaction, kHold, key));
        MASA_RETURN_IF_ERROR(CheckEnd(progress, last_sequence));
        progress.complete = true;
        Write(transaction, key, progress, at);
        return absl::OkStatus();
      }));
  return progress;
}

}  // namespace masa::storage
