#include "storage/postgres/postgres_voucher_job_store.h"

#include <algorithm>
#include <utility>

#include "absl/strings/escaping.h"
#include "services/status/macros.h"
#include "services/status/reason.h"
#include "storage/ownership_history.h"
#include "storage/postgres/array_parameter.h"
#include "storage/postgres/definition.h"
#include "storage/postgres/request_results.h"
#include "storage/postgres/rows.h"
#include "storage/postgres/run_transaction.h"
#include "storage/postgres/voucher_rows.h"
#include "storage/record_checks.h"
#include "storage/voucher_job_rules.h"

namespace masa::storage {
namespace {

constexpr size_t kIdOctets = 16;

constexpr Statement kInsert = {
    "insert_voucher_job",
    "INSERT INTO voucher_jobs (bucket, job_id, tenant_id, organization_id, "
    "state, ready_at, ended_at, record) VALUES ($1, $2::bytea, $3, $4, $5, "
    "nullif($6, '')::timestamptz, NULL, $7)"};

constexpr Statement kUpdate = {
    "update_voucher_job",
    "UPDATE voucher_jobs SET state = $3, ready_at = nullif($4, "
    "'')::timestamptz, "
    "ended_at = nullif($5, '')::timestamptz, record = $6 "
    "WHERE bucket = $1 AND job_id = $2::bytea"};

#define MASA_READ_JOB                                                   \
  "SELECT record FROM voucher_jobs WHERE bucket = $1 AND job_id = $2::" \
  "bytea AND tenant_id = $3"
constexpr Statement kRead = {"read_voucher_job", MASA_READ_JOB};
constexpr Statement kHold = {"hold_voucher_job", MASA_READ_JOB " FOR UPDATE"};

constexpr Statement kList = {
    "list_voucher_jobs",
    "SELECT record FROM voucher_jobs WHERE tenant_id = $1 "
    "AND ($2 = '' OR organization_id = $2) "
    "AND ($3::bytea = '' OR job_id < $3::bytea) "
    "ORDER BY job_id DESC LIMIT $4"};

constexpr Statement kListReady = {
    "list_ready_voucher_jobs",
    "SELECT record FROM voucher_jobs WHERE ready_at IS NOT NULL "
    "AND ready_at <= $1::timestamptz ORDER BY ready_at LIMIT $2"};

constexpr Statement kCountOpen = {
    "count_open_voucher_jobs",
    "SELECT state, count(*) FROM voucher_jobs WHERE ready_at IS NOT NULL "
    "GROUP BY state"};

constexpr Statement kInsertBatch = {
    "insert_voucher_job_batch",
    "INSERT INTO voucher_job_batches (bucket, job_id, number, file_begin, "
    "manifest_begin, items) VALUES ($1, $2::bytea, $3, $4, $5, $6::bytea)"};

// Batches without files begin where the next one does; that is the one meant.
#define MASA_FIND_BATCH(begin)                                         \
  "SELECT number, file_begin, manifest_begin, items "                  \
  "FROM voucher_job_batches WHERE bucket = $1 AND job_id = $2::bytea " \
  "AND " begin " <= $3 ORDER BY " begin " DESC, number DESC LIMIT 1"
constexpr Statement kFindByFile = {"find_batch_by_file",
                                   MASA_FIND_BATCH("file_begin")};
constexpr Statement kFindByManifest = {"find_batch_by_manifest",
                                       MASA_FIND_BATCH("manifest_begin")};

// Empty for none.
std::string TimeText(const std::optional<absl::Time>& time) {
  return time ? absl::FormatTime("%Y-%m-%dT%H:%M:%E6SZ", *time,
                                 absl::UTCTimeZone())
              : "";
}

std::string EndText(const VoucherJob& job) {
  return HasEnded(job) ? TimeText(absl::FromUnixMicros(job.ended_at())) : "";
}

absl::StatusOr<VoucherJob> ReadJob(const pqxx::row& row) {
  VoucherJob job;
  MASA_RETURN_IF_ERROR(ParseDefinition(row[0].as<std::string>(), &job));
  return job;
}

absl::StatusOr<VoucherJob> Select(pqxx::transaction_base& transaction,
                                  const Statement& statement,
                                  const VoucherJobKey& key) {
  if (key.job_id.size() != kIdOctets || !IsStorableText(key.tenant_id)) {
    return JobUnknown();
  }
  const pqxx::result rows =
      Execute(transaction, statement, BatchBucketOf(key.job_id),
              BytesParameter(key.job_id), key.tenant_id);
  return rows.empty() ? absl::StatusOr<VoucherJob>(JobUnknown())
                      : ReadJob(rows[0]);
}

void Insert(pqxx::transaction_base& transaction, const VoucherJob& job) {
  Execute(transaction, kInsert, BatchBucketOf(job.job_id()),
          BytesParameter(job.job_id()), job.tenant_id(),
          job.terms().actor_organization_id(), static_cast<int>(job.state()),
          TimeText(ReadyAt(job)), Definition(job));
}

void Write(pqxx::transaction_base& transaction,
           const VoucherJobChange& change) {
  const VoucherJob& job = change.job;
  const int16_t bucket = BatchBucketOf(job.job_id());
  Execute(transaction, kUpdate, bucket, BytesParameter(job.job_id()),
          static_cast<int>(job.state()), TimeText(ReadyAt(job)), EndText(job),
          Definition(job));
  if (change.batch) {
    const VoucherJobBatch& batch = *change.batch;
    Execute(transaction, kInsertBatch, bucket, BytesParameter(job.job_id()),
            batch.number, batch.file_begin, batch.manifest_begin,
            BytesParameter(batch.items.SerializeAsString()));
  }
}

// What the id stands for already; kRequestIdReused when that is not this.
absl::StatusOr<std::optional<OnceResult>> Repeated(
    pqxx::transaction_base& transaction, const std::optional<OnceOrder>& once) {
  std::optional<OnceResult> known;
  if (once) {
    known = RecallResult(transaction, once->key);
  }
  if (known) {
    MASA_RETURN_IF_ERROR(CheckSameOrder(*known, *once));
  }
  return known;
}

// Jobs that a statement finds.
absl::StatusOr<std::vector<VoucherJob>> ReadAll(
    ConnectionPool& pool, const RequestContext& context,
    const std::function<pqxx::result(pqxx::transaction_base&)>& select) {
  std::vector<VoucherJob> jobs;
  MASA_RETURN_IF_ERROR(
      RunTransaction(pool, context, TransactionKind::kOneStatement,
                     [&](pqxx::transaction_base& transaction) -> absl::Status {
                       jobs.clear();
                       for (const pqxx::row& row : select(transaction)) {
                         MASA_ASSIGN_OR_RETURN(VoucherJob job, ReadJob(row));
                         jobs.push_back(std::move(job));
                       }
                       return absl::OkStatus();
                     }));
  return jobs;
}

}  // namespace

std::unique_ptr<PostgresVoucherJobStore> PostgresVoucherJobStore::New(
    ConnectionPool* pool) {
  return std::unique_ptr<PostgresVoucherJobStore>(
      new PostgresVoucherJobStore(pool));
}

absl::StatusOr<VoucherJob> PostgresVoucherJobStore::StartJob(
    const RequestContext& context, const std::string& actor, absl::Time at,
    const VoucherJob& job, const std::optional<OnceOrder>& once) {
  MASA_RETURN_IF_ERROR(CheckVoucherJob(job));
  const AuditEvent event =
      VoucherJobEvent(kVoucherJobStarted, job, {actor, at, context.request_id});
  VoucherJob started;
  MASA_RETURN_IF_ERROR(RunTransaction(
      *pool_, context, TransactionKind::kManyStatements,
      [&](pqxx::transaction_base& transaction) -> absl::Status {
        MASA_ASSIGN_OR_RETURN(const auto known, Repeated(transaction, once));
        if (known) {
          MASA_ASSIGN_OR_RETURN(
              started,
              Select(transaction, kRead,
                     {job.tenant_id(), absl::HexStringToBytes(known->result)}));
          return absl::OkStatus();
        }
        if (once &&
            !RememberResult(
                transaction, once->key,
                {once->digest, absl::BytesToHexString(job.job_id())}, at)) {
          return RequestIsKnown();
        }
        Insert(transaction, job);
        InsertEvents(transaction, {event});
        started = job;
        return absl::OkStatus();
      }));
  return started;
}

absl::StatusOr<VoucherJob> PostgresVoucherJobStore::GetJob(
    const RequestContext& context, const VoucherJobKey& key) {
  VoucherJob job;
  MASA_RETURN_IF_ERROR(RunTransaction(
      *pool_, context, TransactionKind::kOneStatement,
      [&](pqxx::transaction_base& transaction) -> absl::Status {
        MASA_ASSIGN_OR_RETURN(job, Select(transaction, kRead, key));
        return absl::OkStatus();
      }));
  return job;
}

absl::StatusOr<std::vector<VoucherJob>> PostgresVoucherJobStore::ListJobs(
    const RequestContext& context, const std::string& tenant_id,
    const std::string& organization_id, const std::string& before, int limit) {
  if (!IsStorableText(tenant_id) || !IsStorableText(organization_id)) {
    return std::vector<VoucherJob>();
  }
  return ReadAll(*pool_, context, [&](pqxx::transaction_base& transaction) {
    return Execute(transaction, kList, tenant_id, organization_id,
                   BytesParameter(before), std::max(limit, 0));
  });
}

absl::StatusOr<VoucherJob> PostgresVoucherJobStore::ChangeJob(
    const RequestContext& context, const std::string& actor, absl::Time at,
    const VoucherJobKey& key, const VoucherJobPlan& plan,
    const std::optional<OnceOrder>& once) {
  VoucherJob changed;
  MASA_RETURN_IF_ERROR(RunTransaction(
      *pool_, context, TransactionKind::kManyStatements,
      [&](pqxx::transaction_base& transaction) -> absl::Status {
        MASA_ASSIGN_OR_RETURN(changed, Select(transaction, kHold, key));
        MASA_ASSIGN_OR_RETURN(const auto known, Repeated(transaction, once));
        if (known) {
          return absl::OkStatus();
        }
        MASA_ASSIGN_OR_RETURN(const VoucherJobChange change, plan(changed));
        if (!RememberOrder(transaction, once, at)) {
          return RequestIsKnown();
        }
        Write(transaction, change);
        if (change.event_kind != nullptr) {
          InsertEvents(transaction,
                       {VoucherJobEvent(change.event_kind, change.job,
                                        {actor, at, context.request_id})});
        }
        changed = change.job;
        return absl::OkStatus();
      }));
  return changed;
}

absl::StatusOr<std::vector<VoucherJob>> PostgresVoucherJobStore::ListReady(
    const RequestContext& context, absl::Time now, int limit) {
  return ReadAll(*pool_, context, [&](pqxx::transaction_base& transaction) {
    return Execute(transaction, kListReady, TimeText(now), std::max(limit, 0));
  });
}

absl::StatusOr<std::map<VoucherJobState, int64_t>>
PostgresVoucherJobStore::CountOpen(const RequestContext& context) {
  std::map<VoucherJobState, int64_t> counts;
  MASA_RETURN_IF_ERROR(RunTransaction(
      *pool_, context, TransactionKind::kOneStatement,
      [&](pqxx::transaction_base& transaction) {
        counts.clear();
        for (const pqxx::row& row : Execute(transaction, kCountOpen)) {
          counts[static_cast<VoucherJobState>(row[0].as<int>())] =
              row[1].as<int64_t>();
        }
        return absl::OkStatus();
      }));
  return counts;
}

absl::StatusOr<VoucherJobBatch> PostgresVoucherJobStore::FindBatch(
    const RequestContext& context, const VoucherJobKey& key,
    VoucherJobPart part, int64_t offset) {
  VoucherJobBatch batch;
  MASA_RETURN_IF_ERROR(RunTransaction(
      *pool_, context, TransactionKind::kOneStatement,
      [&](pqxx::transaction_base& transaction) -> absl::Status {
        const pqxx::result rows = Execute(
            transaction,
            part == VoucherJobPart::kFiles ? kFindByFile : kFindByManifest,
            BatchBucketOf(key.job_id), BytesParameter(key.job_id), offset);
        if (rows.empty()) {
          return JobResultGone();
        }
        const pqxx::row& row = rows[0];
        batch.number = row[0].as<int32_t>();
        batch.file_begin = row[1].as<int64_t>();
        batch.manifest_begin = row[2].as<int64_t>();
        return batch.items.ParseFromString(ReadBytes(row[3])) ? absl::OkStatus()
                                                              : JobResultGone();
      }));
  return batch;
}

absl::StatusOr<std::vector<std::string>>
PostgresVoucherJobStore::ReadJobVouchers(
    const RequestContext& context, const std::string& request_digest,
    const std::vector<VoucherJobItem>& items) {
  std::vector<VoucherKey> keys;
  for (const VoucherJobItem& item : items) {
    keys.emplace_back(static_cast<int16_t>(item.bucket()), item.device_id(),
                      request_digest, 0);
  }
  std::map<VoucherKey, IssuedVoucher> stored;
  MASA_RETURN_IF_ERROR(
      RunTransaction(*pool_, context, TransactionKind::kOneStatement,
                     [&](pqxx::transaction_base& transaction) {
                       stored = storage::ReadVouchers(transaction, keys);
                       return absl::OkStatus();
                     }));
  std::vector<std::string> octets;
  for (const VoucherKey& key : keys) {
    const auto found = stored.find(key);
    if (found == stored.end() || !found->second.IsKept()) {
      return JobResultGone();
    }
    octets.push_back(std::move(found->second.voucher));
  }
  return octets;
}

}  // namespace masa::storage
