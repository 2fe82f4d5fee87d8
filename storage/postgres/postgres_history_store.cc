#include "storage/postgres/postgres_history_store.h"

#include <algorithm>
#include <map>
#include <utility>

#include "services/status/macros.h"
#include "storage/postgres/array_parameter.h"
#include "storage/postgres/history_rows.h"
#include "storage/postgres/rows.h"
#include "storage/postgres/run_transaction.h"

namespace masa::storage {
namespace {

constexpr Statement kReadHistory = {
    "read_history",
    "SELECT e.device_id, e.number, e.prev_hash, e.kind, "
    "e.from_organization_id, e.to_organization_id, "
    "(extract(epoch FROM e.at) * 1000000)::bigint, e.opens_past, "
    "e.leaf_index, e.batch_id FROM ownership_entries e "
    "WHERE e.bucket = $1::smallint AND e.device_id = $2::bytea "
    "AND e.number >= $3::integer AND (NOT $4::boolean OR e.number >= coalesce(("
    "SELECT max(o.number) FROM ownership_entries o "
    "WHERE o.bucket = $1::smallint AND o.device_id = $2::bytea "
    "AND NOT o.opens_past), 0)) ORDER BY e.number LIMIT $5"};
constexpr int kLeafIndex = 8;
constexpr int kBatchId = 9;

constexpr Statement kReadBatches = {
    "read_ownership_batches",
    "SELECT b.batch_id, b.tenant_id, b.leaves, b.signing_key, b.signature, "
    "b.chain, (extract(epoch FROM b.signed_at) * 1000000)::bigint "
    "FROM unnest($1::smallint[], $2::bytea[]) AS q(bucket, batch_id) "
    "JOIN ownership_batches b ON b.bucket = q.bucket "
    "AND b.batch_id = q.batch_id"};

constexpr Statement kListUnsigned = {
    "list_unsigned_batches",
    "SELECT batch_id, tenant_id, leaves FROM ownership_batches "
    "WHERE tenant_id = $1 AND signature IS NULL LIMIT $2"};

constexpr Statement kKeepSignatures = {
    "keep_signatures",
    "UPDATE ownership_batches b SET signing_key = q.signing_key, "
    "signature = q.signature, chain = q.chain, signed_at = q.signed_at "
    "FROM unnest($1::smallint[], $2::bytea[], $3::text[], $4::bytea[], "
    "$5::bytea[], $6::timestamptz[]) "
    "AS q(bucket, batch_id, signing_key, signature, chain, signed_at) "
    "WHERE b.bucket = q.bucket AND b.batch_id = q.batch_id "
    "AND b.signature IS NULL"};

OwnershipBatch ReadBatch(const pqxx::row& row) {
  return {row[1].as<std::string>(), ReadBytes(row[0]),
          SplitLeaves(ReadBytes(row[2]))};
}

std::optional<BatchSignature> ReadSignature(const pqxx::row& row) {
  if (row[4].is_null()) {
    return std::nullopt;
  }
  return BatchSignature{ReadBytes(row[0]), row[3].as<std::string>(),
                        ReadBytes(row[4]), SplitChain(ReadBytes(row[5])),
                        absl::FromUnixMicros(row[6].as<int64_t>())};
}

using Batches =
    std::map<std::string,
             std::pair<OwnershipBatch, std::optional<BatchSignature>>>;

Batches ReadBatches(pqxx::transaction_base& transaction,
                    absl::Span<const std::string> batch_ids) {
  SmallintArray buckets;
  BytesArray ids;
  for (const std::string& id : batch_ids) {
    buckets.Add(BatchBucketOf(id));
    ids.Add(id);
  }
  Batches batches;
  for (const pqxx::row& row :
       Execute(transaction, kReadBatches, buckets.Finish(), ids.Finish())) {
    batches[ReadBytes(row[0])] = {ReadBatch(row), ReadSignature(row)};
  }
  return batches;
}

void Select(pqxx::transaction_base& transaction,
            const HistoryQuestion& question,
            std::vector<HistoryRecord>& records) {
  std::vector<std::string> batch_ids;
  for (const pqxx::row& row :
       Execute(transaction, kReadHistory, question.bucket,
               BytesParameter(question.device_id), question.first_number,
               question.opened_only, std::max(question.limit, 0))) {
    HistoryRecord& record = records.emplace_back();
    record.entry = ReadEntry(row, 0);
    record.leaf_index = row[kLeafIndex].as<int32_t>();
    record.batch.batch_id = ReadBytes(row[kBatchId]);
    batch_ids.push_back(record.batch.batch_id);
  }
  const Batches batches = ReadBatches(transaction, batch_ids);
  for (HistoryRecord& record : records) {
    const auto found = batches.find(record.batch.batch_id);
    if (found != batches.end()) {
      std::tie(record.batch, record.signature) = found->second;
    }
  }
}

}  // namespace

std::unique_ptr<PostgresHistoryStore> PostgresHistoryStore::New(
    ConnectionPool* pool) {
  return std::unique_ptr<PostgresHistoryStore>(new PostgresHistoryStore(pool));
}

absl::StatusOr<std::vector<HistoryRecord>> PostgresHistoryStore::ReadHistory(
    const RequestContext& context, const HistoryQuestion& question) {
  std::vector<HistoryRecord> records;
  MASA_RETURN_IF_ERROR(RunTransaction(*pool_, context,
                                      TransactionKind::kManyStatements,
                                      [&](pqxx::transaction_base& transaction) {
                                        records.clear();
                                        Select(transaction, question, records);
                                        return absl::OkStatus();
                                      }));
  return records;
}

absl::StatusOr<std::vector<OwnershipBatch>> PostgresHistoryStore::ListUnsigned(
    const RequestContext& context, const std::string& tenant_id, int limit) {
  std::vector<OwnershipBatch> batches;
  MASA_RETURN_IF_ERROR(RunTransaction(
      *pool_, context, TransactionKind::kOneStatement,
      [&](pqxx::transaction_base& transaction) {
        batches.clear();
        for (const pqxx::row& row : Execute(transaction, kListUnsigned,
                                            tenant_id, std::max(limit, 0))) {
          batches.push_back(ReadBatch(row));
        }
        return absl::OkStatus();
      }));
  return batches;
}

absl::Status PostgresHistoryStore::KeepSignatures(
    const RequestContext& context,
    absl::Span<const BatchSignature> signatures) {
  SmallintArray buckets;
  BytesArray ids, values, chains;
  TextArray keys;
  TimeArray times;
  for (const BatchSignature& signature : signatures) {
    buckets.Add(BatchBucketOf(signature.batch_id));
    ids.Add(signature.batch_id);
    keys.Add(signature.signing_key);
    values.Add(signature.signature);
    chains.Add(JoinChain(signature.chain_der));
    times.Add(signature.signed_at);
  }
  return RunTransaction(*pool_, context, TransactionKind::kOneStatement,
                        [&](pqxx::transaction_base& transaction) {
                          Execute(transaction, kKeepSignatures,
                                  buckets.Finish(), ids.Finish(), keys.Finish(),
                                  values.Finish(), chains.Finish(),
                                  times.Finish());
                          return absl::OkStatus();
                        });
}

}  // namespace masa::storage
