#include "storage/postgres/certificate_rows.h"

#include "storage/postgres/array_parameter.h"
#include "storage/postgres/rows.h"
#include "storage/postgres/run_transaction.h"

namespace masa::storage {
namespace {

constexpr Statement kReadOf = {
    "certificates_of_subjects",
    "SELECT " MASA_CERTIFICATE_COLUMNS("c") " FROM unnest($1::smallint[], "
    "$2::text[], $3::text[]) AS q(bucket, tenant_id, subject) "
    "CROSS JOIN LATERAL (SELECT * FROM issued_certificates e "
    "WHERE e.bucket = q.bucket AND e.tenant_id = q.tenant_id "
    "AND e.subject = q.subject ORDER BY e.issued_at DESC LIMIT 8) c "
    "ORDER BY c.issued_at DESC"};

constexpr Statement kReadPermits = {
    "read_permits",
    "SELECT p.subject, p.token_digest, p.profile, "
    "(extract(epoch FROM p.expires_at) * 1000000)::bigint "
    "FROM unnest($1::smallint[], $2::text[], $3::text[], $4::bytea[]) "
    "AS q(bucket, tenant_id, subject, token_digest) "
    "JOIN enrollment_permits p USING (bucket, tenant_id, subject, "
    "token_digest)"};

constexpr Statement kReadRegistered = {
    "registered_subjects",
    "SELECT q.subject FROM unnest($1::smallint[], $2::text[], $3::text[]) "
    "AS q(bucket, tenant_id, subject) CROSS JOIN LATERAL "
    "(SELECT 1 FROM devices e WHERE e.bucket = q.bucket "
    "AND e.tenant_id = q.tenant_id AND e.serial_number = q.subject "
    "AND e.deleted_at IS NULL LIMIT 1) d"};

constexpr Statement kInsert = {
    "insert_certificates",
    "WITH stated AS (INSERT INTO signed_statuses (bucket, certificate_serial, "
    "renew_at, cert_id_der, response_der, next_update) "
    "SELECT * FROM unnest($1::smallint[], $2::bytea[], $14::timestamptz[], "
    "$15::bytea[], $16::bytea[], $17::timestamptz[])) "
    "INSERT INTO issued_certificates "
    "(bucket, certificate_serial, tenant_id, "
    "subject, "
    "device_id, profile, signing_key, ca_key_id, certificate_der, "
    "request_digest, issued_at, not_after, requester, revocation_reason) "
    "SELECT q.*, 0 FROM unnest($1::smallint[], $2::bytea[], $3::text[], "
    "$4::text[], $5::bytea[], $6::text[], $7::text[], $8::bytea[], "
    "$9::bytea[], $10::bytea[], $11::timestamptz[], $12::timestamptz[], "
    "$13::text[]) AS q"};

constexpr Statement kDeletePermits = {
    "delete_permits",
    "DELETE FROM enrollment_permits p USING unnest($1::smallint[], "
    "$2::text[], $3::text[], $4::bytea[]) "
    "AS q(bucket, tenant_id, subject, token_digest) "
    "WHERE p.bucket = q.bucket AND p.tenant_id = q.tenant_id "
    "AND p.subject = q.subject AND p.token_digest = q.token_digest"};

constexpr Statement kInsertPermits = {
    "insert_permits",
    "INSERT INTO enrollment_permits (bucket, tenant_id, subject, "
    "token_digest, profile, expires_at) SELECT q.*, $5, $6::timestamptz "
    "FROM unnest($1::smallint[], $2::text[], $3::text[], $4::bytea[]) AS q "
    "ON CONFLICT (bucket, tenant_id, subject, token_digest) DO NOTHING"};

constexpr Statement kForgetPermits = {
    "forget_permits",
    "DELETE FROM enrollment_permits WHERE tenant_id = $1 "
    "AND expires_at <= $2::timestamptz"};

std::string Text(absl::Time time) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%E6SZ", time, absl::UTCTimeZone());
}

// What names permits, and subjects.
struct Columns {
  SmallintArray buckets;
  TextArray tenants, subjects;
  BytesArray tokens;

  void Add(const std::string& tenant_id, const std::string& subject) {
    buckets.Add(BucketOf(tenant_id, subject));
    tenants.Add(tenant_id);
    subjects.Add(subject);
  }
};

Columns ColumnsOf(const SubjectsOf& of) {
  Columns columns;
  for (const std::string& subject : of.subjects) {
    columns.Add(of.tenant_id, subject);
  }
  return columns;
}

Columns ColumnsOf(const std::string& tenant_id,
                  absl::Span<const PermitKey> keys) {
  Columns columns;
  for (const auto& [subject, token] : keys) {
    columns.Add(tenant_id, subject);
    columns.tokens.Add(token);
  }
  return columns;
}

std::optional<std::string> NullIfEmpty(const std::string& octets) {
  return octets.empty() ? std::nullopt : std::optional<std::string>(octets);
}

}  // namespace

CertificateColumns::CertificateColumns(
    absl::Span<const IssuedCertificate* const> certificates) {
  for (const IssuedCertificate* one : certificates) {
    buckets.Add(one->bucket);
    serials.Add(one->serial);
    tenants.Add(one->tenant_id);
    subjects.Add(one->subject);
    devices.Add(one->device_id);
    profiles.Add(one->profile);
    keys.Add(one->signing_key);
    cas.Add(one->ca_key_id);
    ders.Add(one->certificate_der);
    digests.Add(one->request_digest);
    issued.Add(one->issued_at);
    ends.Add(one->not_after);
    requesters.Add(one->requester);
  }
}

StatusColumns::StatusColumns(absl::Span<const SignedStatus> statuses) {
  for (const SignedStatus& one : statuses) {
    turns.Add(one.renew_at);
    questions.Add(NullIfEmpty(one.cert_id_der));
    responses.Add(NullIfEmpty(one.response_der));
    one.response_der.empty() ? ends.AddNull() : ends.Add(one.next_update);
  }
}

IssuedCertificate ReadCertificate(const pqxx::row& row) {
  IssuedCertificate certificate;
  certificate.bucket = row[0].as<int16_t>();
  certificate.serial = ReadBytes(row[1]);
  certificate.tenant_id = row[2].as<std::string>();
  certificate.subject = row[3].as<std::string>();
  certificate.device_id = ReadBytes(row[4]);
  certificate.profile = row[5].as<std::string>();
  certificate.signing_key = row[6].as<std::string>();
  certificate.ca_key_id = ReadBytes(row[7]);
  certificate.certificate_der = ReadBytes(row[8]);
  certificate.request_digest = ReadBytes(row[9]);
  certificate.issued_at = absl::FromUnixMicros(row[10].as<int64_t>());
  certificate.not_after = absl::FromUnixMicros(row[11].as<int64_t>());
  certificate.requester = row[12].as<std::string>();
  if (!row[13].is_null()) {
    certificate.revoked_at = absl::FromUnixMicros(row[13].as<int64_t>());
  }
  certificate.revocation_reason = row[14].as<int32_t>();
  return certificate;
}

std::vector<IssuedCertificate> ReadCertificatesOf(
    pqxx::transaction_base& transaction, const SubjectsOf& of) {
  const Columns asked = ColumnsOf(of);
  std::vector<IssuedCertificate> certificates;
  for (const pqxx::row& row :
       Execute(transaction, kReadOf, asked.buckets.Finish(),
               asked.tenants.Finish(), asked.subjects.Finish())) {
    certificates.push_back(ReadCertificate(row));
  }
  return certificates;
}

std::map<PermitKey, Permit> ReadPermits(pqxx::transaction_base& transaction,
                                        const std::string& tenant_id,
                                        absl::Span<const PermitKey> keys) {
  std::map<PermitKey, Permit> permits;
  if (keys.empty()) {
    return permits;
  }
  const Columns asked = ColumnsOf(tenant_id, keys);
  for (const pqxx::row& row :
       Execute(transaction, kReadPermits, asked.buckets.Finish(),
               asked.tenants.Finish(), asked.subjects.Finish(),
               asked.tokens.Finish())) {
    permits[{row[0].as<std::string>(), ReadBytes(row[1])}] = {
        row[2].as<std::string>(), absl::FromUnixMicros(row[3].as<int64_t>())};
  }
  return permits;
}

std::vector<std::string> ReadRegistered(pqxx::transaction_base& transaction,
                                        const SubjectsOf& of) {
  const Columns asked = ColumnsOf(of);
  std::vector<std::string> registered;
  for (const pqxx::row& row :
       Execute(transaction, kReadRegistered, asked.buckets.Finish(),
               asked.tenants.Finish(), asked.subjects.Finish())) {
    registered.push_back(row[0].as<std::string>());
  }
  return registered;
}

void InsertCertificates(pqxx::transaction_base& transaction,
                        absl::Span<const IssuedCertificate* const> certificates,
                        absl::Span<const SignedStatus> statuses) {
  if (certificates.empty()) {
    return;
  }
  const CertificateColumns c(certificates);
  const StatusColumns s(statuses);
  Execute(transaction, kInsert, c.buckets.Finish(), c.serials.Finish(),
          c.tenants.Finish(), c.subjects.Finish(), c.devices.Finish(),
          c.profiles.Finish(), c.keys.Finish(), c.cas.Finish(), c.ders.Finish(),
          c.digests.Finish(), c.issued.Finish(), c.ends.Finish(),
          c.requesters.Finish(), s.turns.Finish(), s.questions.Finish(),
          s.responses.Finish(), s.ends.Finish());
}

void DeletePermits(pqxx::transaction_base& transaction,
                   const std::string& tenant_id,
                   absl::Span<const PermitKey> keys) {
  if (keys.empty()) {
    return;
  }
  const Columns used = ColumnsOf(tenant_id, keys);
  Execute(transaction, kDeletePermits, used.buckets.Finish(),
          used.tenants.Finish(), used.subjects.Finish(), used.tokens.Finish());
}

void InsertPermits(pqxx::transaction_base& transaction,
                   const PermitBatch& batch) {
  std::vector<PermitKey> keys;
  for (const std::string& subject : batch.subjects) {
    keys.emplace_back(subject, batch.token_digest);
  }
  const Columns made = ColumnsOf(batch.tenant_id, keys);
  Execute(transaction, kInsertPermits, made.buckets.Finish(),
          made.tenants.Finish(), made.subjects.Finish(), made.tokens.Finish(),
          batch.profile, Text(batch.expires_at));
}

void ForgetPermits(pqxx::transaction_base& transaction,
                   const std::string& tenant_id, absl::Time at) {
  Execute(transaction, kForgetPermits, tenant_id, Text(at));
}

}  // namespace masa::storage
