#include "storage/postgres/postgres_feed_store.h"

#include <algorithm>
#include <map>
#include <utility>

#include "services/status/macros.h"
#include "storage/feed_rules.h"
#include "storage/postgres/array_parameter.h"
#include "storage/postgres/feed_rows.h"
#include "storage/postgres/run_transaction.h"
#include "storage/record_checks.h"

namespace masa::storage {
namespace {

constexpr Statement kReadHeads = {
    "feed_heads",
    "SELECT h.bucket, h.position FROM ownership_feed_heads h "
    "WHERE h.tenant_id = $1"};

constexpr Statement kReadBatches = {
    "feed_batches",
    "SELECT " MASA_FEED_COLUMNS("f") " FROM unnest($2::smallint[], "
    "$3::bigint[]) AS q(bucket, after) CROSS JOIN LATERAL (SELECT * "
    "FROM ownership_feed o WHERE o.bucket = q.bucket AND o.tenant_id = $1 "
    "AND o.position > q.after ORDER BY o.position LIMIT $4) f"};

// By lane, then by position.
using Found = std::map<int, std::map<int64_t, FeedBatch>>;

Found Select(pqxx::transaction_base& transaction, const FeedQuestion& question,
             const std::vector<int>& lanes) {
  SmallintArray buckets;
  BigintArray after;
  for (const int lane : lanes) {
    buckets.Add(FirstBucketOf(lane));
    after.Add(question.after[lane]);
  }
  Found found;
  for (const pqxx::row& row :
       Execute(transaction, kReadBatches, question.tenant_id, buckets.Finish(),
               after.Finish(), BatchesOfALane(question, lanes.size()))) {
    FeedBatch batch = ReadBatch(question.tenant_id, row);
    found[batch.lane].emplace(batch.position, std::move(batch));
  }
  return found;
}

// Each lane had something behind its place: when that is not what was found,
// retention took it.
absl::StatusOr<std::vector<FeedBatch>> InOrder(const FeedQuestion& question,
                                               const std::vector<int>& lanes,
                                               Found found) {
  std::vector<FeedBatch> batches;
  for (const int lane : lanes) {
    int64_t next = question.after[lane] + 1;
    if (!found[lane].contains(next)) {
      return FeedNotKept();
    }
    for (auto& [position, batch] : found[lane]) {
      if (position != next++) {
        return FeedNotKept();
      }
      batches.push_back(std::move(batch));
    }
  }
  return batches;
}

}  // namespace

std::unique_ptr<PostgresFeedStore> PostgresFeedStore::New(
    ConnectionPool* pool) {
  return std::unique_ptr<PostgresFeedStore>(new PostgresFeedStore(pool));
}

absl::StatusOr<FeedCursor> PostgresFeedStore::ReadHeads(
    const RequestContext& context, const std::string& tenant_id) {
  FeedCursor heads = {};
  if (!IsStorableText(tenant_id)) {
    return heads;  // a name that no record can have
  }
  MASA_RETURN_IF_ERROR(RunTransaction(
      *pool_, context, TransactionKind::kOneStatement,
      [&](pqxx::transaction_base& transaction) {
        heads.fill(0);
        for (const pqxx::row& row :
             Execute(transaction, kReadHeads, tenant_id)) {
          heads[row[0].as<int>() / kBucketsOfALane] = row[1].as<int64_t>();
        }
        return absl::OkStatus();
      }));
  return heads;
}

absl::StatusOr<std::vector<FeedBatch>> PostgresFeedStore::ReadAfter(
    const RequestContext& context, const FeedQuestion& question) {
  MASA_ASSIGN_OR_RETURN(const FeedCursor heads,
                        ReadHeads(context, question.tenant_id));
  MASA_ASSIGN_OR_RETURN(const std::vector<int> lanes,
                        LanesToRead(question, heads));
  if (lanes.empty()) {
    return std::vector<FeedBatch>();
  }
  Found found;
  MASA_RETURN_IF_ERROR(
      RunTransaction(*pool_, context, TransactionKind::kOneStatement,
                     [&](pqxx::transaction_base& transaction) {
                       found = Select(transaction, question, lanes);
                       return absl::OkStatus();
                     }));
  return InOrder(question, lanes, std::move(found));
}

}  // namespace masa::storage
