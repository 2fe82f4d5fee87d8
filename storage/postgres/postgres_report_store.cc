#include "storage/postgres/postgres_report_store.h"

#include "services/status/macros.h"
#include "storage/postgres/array_parameter.h"
#include "storage/postgres/rows.h"
#include "storage/postgres/run_transaction.h"
#include "storage/report_rules.h"

namespace masa::storage {
namespace {

// Each key once, in the order of keys; an older report changes nothing.
constexpr Statement kWrite = {
    "write_reports",
    "INSERT INTO device_reports AS r (bucket, device_id, kind, is_proven, "
    "tenant_id, at, version, success, reason, context_json) "
    "SELECT * FROM unnest($1::smallint[], $2::bytea[], $3::smallint[], "
    "$4::boolean[], $5::text[], $6::timestamptz[], $7::integer[], "
    "$8::boolean[], $9::text[], $10::text[]) "
    "ON CONFLICT (bucket, device_id, kind, is_proven) DO UPDATE SET "
    "tenant_id = excluded.tenant_id, at = excluded.at, "
    "version = excluded.version, success = excluded.success, "
    "reason = excluded.reason, context_json = excluded.context_json "
    "WHERE r.at <= excluded.at"};

constexpr Statement kRead = {
    "read_reports",
    "SELECT kind, is_proven, tenant_id, "
    "(extract(epoch FROM at) * 1000000)::bigint, version, success, reason, "
    "context_json FROM device_reports WHERE bucket = $1 "
    "AND device_id = $2::bytea ORDER BY at DESC, kind, is_proven"};

void Write(pqxx::transaction_base& transaction,
           absl::Span<const DeviceReport> reports) {
  SmallintArray buckets, kinds;
  BytesArray devices;
  BooleanArray proven, successes;
  TextArray tenants, reasons, contexts;
  TimeArray times;
  IntegerArray versions;
  for (const DeviceReport& report : reports) {
    buckets.Add(report.bucket);
    devices.Add(report.device_id);
    kinds.Add(static_cast<int16_t>(report.kind));
    proven.Add(report.is_proven);
    tenants.Add(report.tenant_id);
    times.Add(report.at);
    versions.Add(report.version);
    successes.Add(report.success);
    reasons.Add(report.reason);
    contexts.Add(report.context_json);
  }
  Execute(transaction, kWrite, buckets.Finish(), devices.Finish(),
          kinds.Finish(), proven.Finish(), tenants.Finish(), times.Finish(),
          versions.Finish(), successes.Finish(), reasons.Finish(),
          contexts.Finish());
}

DeviceReport ReadReport(const pqxx::row& row, int16_t bucket,
                        const std::string& device_id) {
  DeviceReport report;
  report.bucket = bucket;
  report.device_id = device_id;
  report.kind = static_cast<ReportKind>(row[0].as<int>());
  report.is_proven = row[1].as<bool>();
  report.tenant_id = row[2].as<std::string>();
  report.at = absl::FromUnixMicros(row[3].as<int64_t>());
  report.version = row[4].as<int32_t>();
  report.success = row[5].as<bool>();
  report.reason = row[6].as<std::string>();
  report.context_json = row[7].as<std::string>();
  return report;
}

}  // namespace

std::unique_ptr<PostgresReportStore> PostgresReportStore::New(
    ConnectionPool* pool) {
  return std::unique_ptr<PostgresReportStore>(new PostgresReportStore(pool));
}

absl::Status PostgresReportStore::Record(
    const RequestContext& context, absl::Span<const DeviceReport> reports) {
  MASA_RETURN_IF_ERROR(CheckReports(reports));
  if (reports.empty()) {
    return absl::OkStatus();
  }
  const std::vector<DeviceReport> newest = NewestOf(reports);
  const std::vector<AuditEvent> events = EventsOf(reports);
  return RunTransaction(*pool_, context, TransactionKind::kManyStatements,
                        [&](pqxx::transaction_base& transaction) {
                          Write(transaction, newest);
                          InsertEvents(transaction, events);
                          return absl::OkStatus();
                        });
}

absl::StatusOr<std::vector<DeviceReport>> PostgresReportStore::ReportsOf(
    const RequestContext& context, int16_t bucket,
    const std::string& device_id) {
  std::vector<DeviceReport> found;
  MASA_RETURN_IF_ERROR(RunTransaction(
      *pool_, context, TransactionKind::kOneStatement,
      [&](pqxx::transaction_base& transaction) {
        found.clear();
        for (const pqxx::row& row :
             Execute(transaction, kRead, bucket, BytesParameter(device_id))) {
          found.push_back(ReadReport(row, bucket, device_id));
        }
        return absl::OkStatus();
      }));
  return found;
}

}  // namespace masa::storage
