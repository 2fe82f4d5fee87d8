#include "storage/postgres/postgres_status_store.h"

#include "services/status/macros.h"
#include "storage/postgres/array_parameter.h"
#include "storage/postgres/certificate_rows.h"
#include "storage/postgres/rows.h"
#include "storage/postgres/run_transaction.h"
#include "storage/status_rules.h"

namespace masa::storage {
namespace {

// Columns of ReadCertificate, which those of the status follow.
constexpr int kCertificateColumns = 15;

constexpr Statement kFind = {
    "find_status",
    "SELECT " MASA_CERTIFICATE_COLUMNS("c") ", s.cert_id_der, s.response_der, "
    "(extract(epoch FROM s.next_update) * 1000000)::bigint, "
    "(extract(epoch FROM s.renew_at) * 1000000)::bigint "
    "FROM issued_certificates c LEFT JOIN signed_statuses s "
    "ON s.bucket = c.bucket AND s.certificate_serial = c.certificate_serial "
    "AND s.response_der IS NOT NULL "
    "AND s.revoked_at IS NOT DISTINCT FROM c.revoked_at "
    "WHERE c.bucket = $1::smallint AND c.certificate_serial = $2::bytea"};

// What another replica holds at the moment is left to it.
constexpr Statement kTake = {
    "take_status_turns",
    "WITH due AS (SELECT bucket, certificate_serial FROM signed_statuses "
    "WHERE renew_at <= $1::timestamptz ORDER BY renew_at LIMIT $3 "
    "FOR UPDATE SKIP LOCKED), taken AS (UPDATE signed_statuses s "
    "SET renew_at = $2::timestamptz FROM due WHERE s.bucket = due.bucket "
    "AND s.certificate_serial = due.certificate_serial "
    "RETURNING s.bucket, s.certificate_serial) "
    "SELECT " MASA_CERTIFICATE_COLUMNS("c") " FROM issued_certificates c "
    "JOIN taken USING (bucket, certificate_serial)"};

// Also of certificates that a process without this table issued.
constexpr Statement kKeep = {
    "keep_statuses",
    "INSERT INTO signed_statuses (bucket, certificate_serial, renew_at, "
    "cert_id_der, response_der, next_update, revoked_at) "
    "SELECT * FROM unnest($1::smallint[], $2::bytea[], $3::timestamptz[], "
    "$4::bytea[], $5::bytea[], $6::timestamptz[], $7::timestamptz[]) "
    "ON CONFLICT (bucket, certificate_serial) DO UPDATE SET "
    "renew_at = excluded.renew_at, cert_id_der = excluded.cert_id_der, "
    "response_der = excluded.response_der, "
    "next_update = excluded.next_update, revoked_at = excluded.revoked_at"};

std::string Text(absl::Time time) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%E6SZ", time, absl::UTCTimeZone());
}

CertificateStatus ReadStatus(const pqxx::row& row) {
  CertificateStatus status{ReadCertificate(row)};
  constexpr int kFirst = kCertificateColumns;
  if (!row[kFirst].is_null()) {
    status.signed_ahead =
        SignedStatus{status.certificate.serial,
                     ReadBytes(row[kFirst]),
                     ReadBytes(row[kFirst + 1]),
                     absl::FromUnixMicros(row[kFirst + 2].as<int64_t>()),
                     status.certificate.revoked_at,
                     absl::FromUnixMicros(row[kFirst + 3].as<int64_t>())};
  }
  return status;
}

std::optional<std::string> NullIfEmpty(const std::string& octets) {
  return octets.empty() ? std::nullopt : std::optional<std::string>(octets);
}

void Keep(pqxx::transaction_base& transaction,
          absl::Span<const SignedStatus> statuses) {
  SmallintArray buckets;
  BytesArray serials, questions, responses;
  TimeArray turns, ends, revocations;
  for (const SignedStatus& one : statuses) {
    buckets.Add(BucketOfSerial(one.serial));
    serials.Add(one.serial);
    turns.Add(one.renew_at);
    questions.Add(NullIfEmpty(one.cert_id_der));
    responses.Add(NullIfEmpty(one.response_der));
    ends.Add(one.next_update);
    revocations.Add(one.revoked_at);
  }
  Execute(transaction, kKeep, buckets.Finish(), serials.Finish(),
          turns.Finish(), questions.Finish(), responses.Finish(), ends.Finish(),
          revocations.Finish());
}

}  // namespace

std::unique_ptr<PostgresStatusStore> PostgresStatusStore::New(
    ConnectionPool* pool) {
  return std::unique_ptr<PostgresStatusStore>(new PostgresStatusStore(pool));
}

absl::StatusOr<CertificateStatus> PostgresStatusStore::FindStatus(
    const RequestContext& context, const std::string& serial) {
  absl::StatusOr<CertificateStatus> found = CertificateIsUnknown();
  if (BucketOfSerial(serial) < 0) {
    return found;
  }
  MASA_RETURN_IF_ERROR(
      RunTransaction(*pool_, context, TransactionKind::kOneStatement,
                     [&](pqxx::transaction_base& transaction) {
                       for (const pqxx::row& row :
                            Execute(transaction, kFind, BucketOfSerial(serial),
                                    BytesParameter(serial))) {
                         found = ReadStatus(row);
                       }
                       return absl::OkStatus();
                     }));
  return found;
}

absl::StatusOr<std::vector<IssuedCertificate>> PostgresStatusStore::TakeTurns(
    const RequestContext& context, const TurnOrder& order) {
  std::vector<IssuedCertificate> taken;
  MASA_RETURN_IF_ERROR(RunTransaction(
      *pool_, context, TransactionKind::kManyStatements,
      [&](pqxx::transaction_base& transaction) {
        taken.clear();
        for (const pqxx::row& row : Execute(transaction, kTake, Text(order.now),
                                            Text(order.until), order.limit)) {
          taken.push_back(ReadCertificate(row));
        }
        return absl::OkStatus();
      }));
  return taken;
}

absl::Status PostgresStatusStore::KeepStatuses(
    const RequestContext& context, absl::Span<const SignedStatus> statuses) {
  MASA_RETURN_IF_ERROR(CheckStatuses(statuses));
  if (statuses.empty()) {
    return absl::OkStatus();
  }
  return RunTransaction(*pool_, context, TransactionKind::kOneStatement,
                        [&](pqxx::transaction_base& transaction) {
                          Keep(transaction, statuses);
                          return absl::OkStatus();
                        });
}

}  // namespace masa::storage
