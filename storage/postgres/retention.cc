#include "storage/postgres/retention.h"

#include <algorithm>
#include <optional>

#include "absl/strings/str_cat.h"
#include "services/status/macros.h"
#include "storage/audit_event.h"
#include "storage/postgres/array_parameter.h"
#include "storage/postgres/feed_rows.h"
#include "storage/postgres/rows.h"
#include "storage/postgres/run_transaction.h"

namespace masa::storage {
namespace {

constexpr int kBuckets = 1024;
// No limit for registrars counts for longer than a day.
constexpr absl::Duration kCountersKept = absl::Hours(48);

// A bucket's vouchers in the order of their key, from where the last batch
// ended. A voucher that devices would still take keeps its octets.
constexpr Statement kForgetVouchers = {
    "forget_vouchers",
    "WITH old AS (SELECT bucket, device_id, request_digest, generation, "
    "nonce IS NULL AND (expires_on IS NULL OR expires_on > $4::timestamptz) "
    "AS good FROM vouchers WHERE bucket = $1 AND tenant_id = $2 "
    "AND created_on < $3::timestamptz "
    "AND (device_id, request_digest, generation) > ($5::bytea, $6::bytea, $7) "
    "AND (actor <> '' OR request_id <> '' OR (voucher <> '' AND NOT ("
    "nonce IS NULL AND (expires_on IS NULL OR expires_on > $4::timestamptz)))) "
    "ORDER BY device_id, request_digest, generation LIMIT $8), "
    "cleared AS (UPDATE vouchers v SET actor = '', request_id = '', "
    "who_salt = '', "
    "voucher = CASE WHEN old.good THEN v.voucher ELSE '' END FROM old "
    "WHERE v.bucket = old.bucket AND v.device_id = old.device_id "
    "AND v.request_digest = old.request_digest "
    "AND v.generation = old.generation) "
    "SELECT device_id, request_digest, generation FROM old "
    "ORDER BY device_id, request_digest, generation"};

// Ids of changes begin with their time.
constexpr Statement kForgetChanges = {
    "forget_changes",
    "DELETE FROM changes WHERE change_id IN (SELECT change_id FROM changes "
    "WHERE change_id < $1::bytea AND tenant_id = $2 "
    "AND at < $3::timestamptz ORDER BY change_id LIMIT $4)"};

constexpr Statement kForgetClaims = {
    "forget_claims",
    "DELETE FROM registrar_claims WHERE (tenant_id, registrar_spki_sha256, "
    "slot) IN (SELECT tenant_id, registrar_spki_sha256, slot "
    "FROM registrar_claims WHERE tenant_id = $1 "
    "AND window_start < $2::timestamptz LIMIT $3)"};

constexpr Statement kForgetWords = {
    "forget_words",
    "DELETE FROM claims WHERE (bucket, device_id, claim_id) IN (SELECT "
    "bucket, device_id, claim_id FROM claims WHERE tenant_id = $1 "
    "AND asked_at < $2::timestamptz LIMIT $3)"};

constexpr Statement kForgetReports = {
    "forget_reports",
    "DELETE FROM device_reports WHERE (bucket, device_id, kind, is_proven) IN "
    "(SELECT bucket, device_id, kind, is_proven FROM device_reports "
    "WHERE tenant_id = $1 AND at < $2::timestamptz LIMIT $3)"};

constexpr Statement kForgetImports = {
    "forget_imports",
    "DELETE FROM imports WHERE (tenant_id, import_id) IN (SELECT tenant_id, "
    "import_id FROM imports WHERE tenant_id = $1 AND at < $2::timestamptz "
    "LIMIT $3)"};

// What an ended job found and who asked for it; its vouchers are vouchers.
constexpr Statement kForgetJobBatches = {
    "forget_voucher_job_batches",
    "DELETE FROM voucher_job_batches WHERE (bucket, job_id, number) IN ("
    "SELECT b.bucket, b.job_id, b.number FROM voucher_jobs j "
    "JOIN voucher_job_batches b ON b.bucket = j.bucket "
    "AND b.job_id = j.job_id WHERE j.tenant_id = $1 "
    "AND j.ended_at < $2::timestamptz LIMIT $3)"};

constexpr Statement kForgetJobs = {
    "forget_voucher_jobs",
    "DELETE FROM voucher_jobs WHERE (bucket, job_id) IN (SELECT bucket, "
    "job_id FROM voucher_jobs WHERE tenant_id = $1 "
    "AND ended_at < $2::timestamptz LIMIT $3)"};

constexpr Statement kForgetVerifications = {
    "forget_audit_verifications",
    "DELETE FROM audit_verifications WHERE (bucket, verification_id) IN ("
    "SELECT bucket, verification_id FROM audit_verifications "
    "WHERE tenant_id = $1 AND ended_at < $2::timestamptz LIMIT $3)"};

// Beyond this nobody repeats a call whose answer got lost.
constexpr Statement kForgetResults = {
    "forget_request_results",
    "DELETE FROM request_results WHERE (tenant_id, actor, request_id) IN ("
    "SELECT tenant_id, actor, request_id FROM request_results "
    "WHERE tenant_id = $1 AND at < $2::timestamptz LIMIT $3)"};

// From the front, so that who reads on sees whether something is missing: times
// are not in the order of positions.
constexpr Statement kForgetFeed = {
    "forget_feed",
    "DELETE FROM ownership_feed WHERE bucket = $1 AND tenant_id = $2 "
    "AND position <= (SELECT max(w.position) FROM (SELECT o.position, "
    "bool_and(o.at < $3::timestamptz) OVER (ORDER BY o.position) AS old "
    "FROM (SELECT f.position, f.at FROM ownership_feed f WHERE f.bucket = $1 "
    "AND f.tenant_id = $2 ORDER BY f.position LIMIT $4) o) w WHERE w.old)"};

std::string TimeText(absl::Time time) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%E6SZ", time, absl::UTCTimeZone());
}

// The key of the last voucher that a batch had.
struct Cursor {
  std::string device_id;
  std::string request_digest;
  int32_t generation = -1;
};

struct Batch {
  int64_t rows = 0;
  Cursor last;
};

absl::StatusOr<Batch> ForgetVouchers(ConnectionPool& pool,
                                     const RetentionOrder& order, int bucket,
                                     const Cursor& after, int most) {
  Batch batch;
  MASA_RETURN_IF_ERROR(RunTransaction(
      pool, {}, TransactionKind::kOneStatement,
      [&](pqxx::transaction_base& transaction) {
        const pqxx::result rows = Execute(
            transaction, kForgetVouchers, bucket, order.tenant_id,
            TimeText(order.before), TimeText(order.now),
            BytesParameter(after.device_id),
            BytesParameter(after.request_digest), after.generation, most);
        batch.rows = static_cast<int64_t>(rows.size());
        if (!rows.empty()) {
          batch.last = {ReadBytes(rows.back()[0]), ReadBytes(rows.back()[1]),
                        rows.back()[2].as<int32_t>()};
        }
        return absl::OkStatus();
      }));
  return batch;
}

absl::StatusOr<int64_t> ForgetAllVouchers(ConnectionPool& pool,
                                          const RetentionOrder& order,
                                          int most) {
  int64_t cleared = 0;
  for (int bucket = 0; bucket < kBuckets; ++bucket) {
    Batch batch{most, {}};
    while (batch.rows == most) {
      MASA_ASSIGN_OR_RETURN(
          batch, ForgetVouchers(pool, order, bucket, batch.last, most));
      cleared += batch.rows;
    }
  }
  return cleared;
}

// Runs a statement that deletes at most `most` rows until it finds fewer.
template <typename... Arguments>
absl::StatusOr<int64_t> DeleteAll(ConnectionPool& pool, int64_t most,
                                  const Statement& statement,
                                  const Arguments&... arguments) {
  int64_t deleted = 0;
  for (int64_t rows = most; rows == most; deleted += rows) {
    MASA_RETURN_IF_ERROR(
        RunTransaction(pool, {}, TransactionKind::kOneStatement,
                       [&](pqxx::transaction_base& transaction) {
                         rows = static_cast<int64_t>(
                             Execute(transaction, statement, arguments..., most)
                                 .affected_rows());
                         return absl::OkStatus();
                       }));
  }
  return deleted;
}

absl::StatusOr<int64_t> ForgetFeed(ConnectionPool& pool,
                                   const RetentionOrder& order, int most) {
  int64_t deleted = 0;
  for (int lane = 0; lane < kFeedLanes; ++lane) {
    MASA_ASSIGN_OR_RETURN(
        const int64_t rows,
        DeleteAll(pool, most, kForgetFeed, FirstBucketOf(lane), order.tenant_id,
                  TimeText(order.feed_before)));
    deleted += rows;
  }
  return deleted;
}

// First, so that nothing is forgotten without a trace.
absl::Status WriteEvent(ConnectionPool& pool, const RetentionOrder& order) {
  AuditEvent event;
  event.event_id = NewEventId(order.now);
  event.tenant_id = order.tenant_id;
  event.kind = kRetentionRun;
  event.at = order.now;
  event.payload = absl::StrCat("{\"before\":\"", TimeText(order.before), "\"}");
  return RunTransaction(pool, {}, TransactionKind::kManyStatements,
                        [&event](pqxx::transaction_base& transaction) {
                          InsertNamelessEvents(transaction, {event});
                          return absl::OkStatus();
                        });
}

}  // namespace

absl::StatusOr<Forgotten> Forget(ConnectionPool& pool,
                                 const RetentionOrder& order, int batch) {
  MASA_RETURN_IF_ERROR(WriteEvent(pool, order));
  Forgotten forgotten;
  MASA_ASSIGN_OR_RETURN(forgotten.vouchers,
                        ForgetAllVouchers(pool, order, batch));
  // Up to the next millisecond: ids are no finer than that.
  const std::string bound =
      NewEventId(order.before + absl::Milliseconds(1)).substr(0, 6);
  MASA_ASSIGN_OR_RETURN(
      forgotten.changes,
      DeleteAll(pool, batch, kForgetChanges, BytesParameter(bound),
                order.tenant_id, TimeText(order.before)));
  MASA_ASSIGN_OR_RETURN(forgotten.registrar_claims,
                        DeleteAll(pool, batch, kForgetClaims, order.tenant_id,
                                  TimeText(order.now - kCountersKept)));
  MASA_ASSIGN_OR_RETURN(forgotten.claims,
                        DeleteAll(pool, batch, kForgetWords, order.tenant_id,
                                  TimeText(order.before)));
  MASA_ASSIGN_OR_RETURN(forgotten.feed, ForgetFeed(pool, order, batch));
  for (const Statement& statement :
       {kForgetImports, kForgetReports, kForgetJobBatches, kForgetJobs,
        kForgetVerifications}) {
    MASA_RETURN_IF_ERROR(DeleteAll(pool, batch, statement, order.tenant_id,
                                   TimeText(order.before))
                             .status());
  }
  MASA_RETURN_IF_ERROR(DeleteAll(pool, batch, kForgetResults, order.tenant_id,
                                 TimeText(order.now - kCountersKept))
                           .status());
  return forgotten;
}

}  // namespace masa::storage
