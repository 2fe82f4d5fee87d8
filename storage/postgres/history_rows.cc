#include "storage/postgres/history_rows.h"

#include "absl/strings/str_join.h"
#include "openssl/sha.h"
#include "storage/postgres/array_parameter.h"
#include "storage/postgres/rows.h"
#include "storage/postgres/run_transaction.h"

namespace masa::storage {
namespace {

constexpr Statement kReadHeads = {
    "ownership_heads",
    "SELECT e.device_id, e.number, e.prev_hash, e.kind, "
    "e.from_organization_id, e.to_organization_id, "
    "(extract(epoch FROM e.at) * 1000000)::bigint, e.opens_past "
    "FROM unnest($1::smallint[], $2::bytea[]) AS q(bucket, device_id) "
    "CROSS JOIN LATERAL (SELECT * FROM ownership_entries o "
    "WHERE o.bucket = q.bucket AND o.device_id = q.device_id "
    "ORDER BY o.number DESC LIMIT 1) e"};

constexpr Statement kInsertEntries = {
    "insert_ownership_entries",
    "INSERT INTO ownership_entries (bucket, device_id, number, prev_hash, "
    "kind, from_organization_id, to_organization_id, at, opens_past, batch_id, "
    "leaf_index) SELECT * FROM unnest($1::smallint[], $2::bytea[], "
    "$3::integer[], $4::bytea[], $5::smallint[], $6::text[], $7::text[], "
    "$8::timestamptz[], $9::boolean[], $10::bytea[], $11::integer[])"};

constexpr Statement kInsertBatches = {
    "insert_ownership_batches",
    "INSERT INTO ownership_batches (bucket, batch_id, tenant_id, leaves) "
    "SELECT * FROM unnest($1::smallint[], $2::bytea[], $3::text[], "
    "$4::bytea[])"};

Heads ReadHeads(pqxx::transaction_base& transaction,
                absl::Span<const OwnerMove> moves) {
  SmallintArray buckets;
  BytesArray ids;
  bool any = false;
  for (const OwnerMove& move : moves) {
    if (!move.is_new) {
      buckets.Add(move.bucket);
      ids.Add(move.device_id);
      any = true;
    }
  }
  Heads heads;
  if (!any) {
    return heads;
  }
  for (const pqxx::row& row :
       Execute(transaction, kReadHeads, buckets.Finish(), ids.Finish())) {
    const OwnershipEntry entry = ReadEntry(row, 0);
    heads[entry.device_id] = entry;
  }
  return heads;
}

void InsertEntries(pqxx::transaction_base& transaction,
                   absl::Span<const PlannedEntry> entries) {
  SmallintArray buckets, kinds;
  BytesArray ids, hashes, batches;
  IntegerArray numbers, indexes;
  TextArray from, to;
  TimeArray times;
  BooleanArray opens;
  for (const PlannedEntry& planned : entries) {
    const OwnershipEntry& entry = planned.entry;
    buckets.Add(planned.bucket);
    ids.Add(entry.device_id);
    numbers.Add(entry.number);
    hashes.Add(entry.number == 0 ? std::string() : entry.prev_hash);
    kinds.Add(static_cast<int16_t>(entry.kind));
    from.Add(entry.from_organization_id);
    to.Add(entry.to_organization_id);
    times.Add(entry.at);
    opens.Add(entry.opens_past);
    batches.Add(planned.batch_id);
    indexes.Add(planned.leaf_index);
  }
  Execute(transaction, kInsertEntries, buckets.Finish(), ids.Finish(),
          numbers.Finish(), hashes.Finish(), kinds.Finish(), from.Finish(),
          to.Finish(), times.Finish(), opens.Finish(), batches.Finish(),
          indexes.Finish());
}

void InsertBatches(pqxx::transaction_base& transaction,
                   absl::Span<const OwnershipBatch> batches) {
  SmallintArray buckets;
  BytesArray ids, leaves;
  TextArray tenants;
  for (const OwnershipBatch& batch : batches) {
    buckets.Add(BatchBucketOf(batch.batch_id));
    ids.Add(batch.batch_id);
    tenants.Add(batch.tenant_id);
    leaves.Add(JoinLeaves(batch.leaves));
  }
  Execute(transaction, kInsertBatches, buckets.Finish(), ids.Finish(),
          tenants.Finish(), leaves.Finish());
}

}  // namespace

OwnershipEntry ReadEntry(const pqxx::row& row, int first) {
  OwnershipEntry entry;
  entry.device_id = ReadBytes(row[first]);
  entry.number = row[first + 1].as<int32_t>();
  entry.prev_hash = ReadBytes(row[first + 2]);
  if (entry.prev_hash.empty()) {
    entry.prev_hash = NoHash();
  }
  entry.kind = static_cast<OwnerChange>(row[first + 3].as<int>());
  entry.from_organization_id = row[first + 4].as<std::string>();
  entry.to_organization_id = row[first + 5].as<std::string>();
  entry.at = absl::FromUnixMicros(row[first + 6].as<int64_t>());
  entry.opens_past = row[first + 7].as<bool>();
  return entry;
}

void WriteHistory(pqxx::transaction_base& transaction,
                  absl::Span<const Device> before,
                  absl::Span<const Device> after, const MoveTerms& terms) {
  const std::vector<OwnerMove> moves = OwnerMovesOf(before, after);
  if (moves.empty()) {
    return;
  }
  const HistoryPlan plan =
      PlanHistory(moves, ReadHeads(transaction, moves), terms);
  InsertEntries(transaction, plan.entries);
  InsertBatches(transaction, plan.batches);
}

std::string JoinChain(const std::vector<std::string>& chain_der) {
  std::string octets;
  for (const std::string& der : chain_der) {
    for (int shift = 24; shift >= 0; shift -= 8) {
      octets.push_back(static_cast<char>(der.size() >> shift));
    }
    octets += der;
  }
  return octets;
}

std::vector<std::string> SplitChain(const std::string& octets) {
  constexpr size_t kLength = 4;
  std::vector<std::string> chain;
  size_t at = 0;
  while (octets.size() - at >= kLength) {
    size_t length = 0;
    for (size_t i = 0; i < kLength; ++i) {
      length = length << 8 | static_cast<uint8_t>(octets[at + i]);
    }
    at += kLength;
    if (length > octets.size() - at) {
      break;
    }
    chain.push_back(octets.substr(at, length));
    at += length;
  }
  return chain;
}

std::string JoinLeaves(const std::vector<std::string>& leaves) {
  return absl::StrJoin(leaves, "");
}

std::vector<std::string> SplitLeaves(const std::string& octets) {
  std::vector<std::string> leaves;
  for (size_t at = 0; at + SHA256_DIGEST_LENGTH <= octets.size();
       at += SHA256_DIGEST_LENGTH) {
    leaves.push_back(octets.substr(at, SHA256_DIGEST_LENGTH));
  }
  return leaves;
}

}  // namespace masa::storage
