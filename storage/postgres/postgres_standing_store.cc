#include "storage/postgres/postgres_standing_store.h"

#include <utility>

#include "services/status/macros.h"
#include "storage/postgres/array_parameter.h"
#include "storage/postgres/rows.h"
#include "storage/postgres/standing_rows.h"
#include "storage/record_checks.h"

namespace masa::storage {
namespace {

// For each question the newest claim of another domain, and the first of all.
constexpr Statement kReadClaims = {
    "read_claims",
    "SELECT q.ord, v.voucher_id, "
    "(extract(epoch FROM v.created_on) * 1000000)::bigint, v.domain_id, "
    "v.pinned_spki_sha256, v.issuer_spki_sha256 "
    "FROM (SELECT generate_subscripts($1::smallint[], 1) AS ord, "
    "unnest($1::smallint[]) AS bucket, unnest($2::bytea[]) AS device_id, "
    "unnest($3::bytea[]) AS spki_sha256) AS q CROSS JOIN LATERAL ("
    "(SELECT 1 AS part, n.* FROM vouchers n WHERE n.bucket = q.bucket "
    "AND n.device_id = q.device_id AND n.pinned_spki_sha256 <> q.spki_sha256 "
    "AND n.issuer_spki_sha256 <> q.spki_sha256 "
    "ORDER BY n.created_on DESC, n.voucher_id DESC LIMIT 1) "
    "UNION ALL (SELECT 2, f.* FROM vouchers f WHERE f.bucket = q.bucket "
    "AND f.device_id = q.device_id "
    "ORDER BY f.created_on, f.voucher_id LIMIT 1)) AS v "
    "ORDER BY q.ord, v.part"};

IssuedVoucher ReadClaim(const pqxx::row& row, const ClaimsQuestion& question) {
  IssuedVoucher claim;
  claim.bucket = question.bucket;
  claim.device_id = question.device_id;
  claim.voucher_id = ReadBytes(row[1]);
  claim.created_on = absl::FromUnixMicros(row[2].as<int64_t>());
  claim.domain_id = ReadBytes(row[3]);
  claim.pinned_spki_sha256 = ReadBytes(row[4]);
  claim.issuer_spki_sha256 = ReadBytes(row[5]);
  return claim;
}

bool CanBeAsked(const DeviceKey& key) {
  return IsStorableText(key.tenant_id) && IsStorableText(key.serial_number);
}

std::vector<pqxx::binarystring> ParametersOf(
    absl::Span<const StandingQuestion> questions,
    const DomainNumbers& numbers) {
  SmallintArray buckets;
  TextArray tenants, serials, domain_tenants;
  BytesArray issuers, hashes;
  IntegerArray domains;
  for (size_t i = 0; i < questions.size(); ++i) {
    const DeviceKey& key = questions[i].key;
    // What no text column can hold is no device: asked as an empty name.
    const bool can = CanBeAsked(key);
    buckets.Add(BucketOf(key.tenant_id, key.serial_number));
    tenants.Add(can ? key.tenant_id : "");
    serials.Add(can ? key.serial_number : "");
    issuers.Add(key.idevid_issuer);
    domains.Add(numbers.Of(i));
  }
  for (const auto& [tenant_id, spki_sha256] : numbers.domains()) {
    domain_tenants.Add(IsStorableText(tenant_id) ? tenant_id : "");
    hashes.Add(spki_sha256);
  }
  return {buckets.Finish(), tenants.Finish(), serials.Finish(),
          issuers.Finish(), domains.Finish(), domain_tenants.Finish(),
          hashes.Finish()};
}

}  // namespace

// Three kinds of rows (standing_rows.cc): a path is read by device, since few
// are in groups; certificates once for each owner and domain; and of a domain
// what those do not say: that it is blocked, or some other customer's.
const Statement kReadStandings = {
    "read_standings",
    "WITH found AS (SELECT q.ord, q.domain, d.* "
    "FROM (SELECT generate_subscripts($1::smallint[], 1) AS ord, "
    "unnest($1::smallint[]) AS bucket, unnest($2::text[]) AS tenant_id, "
    "unnest($3::text[]) AS serial_number, unnest($4::bytea[]) AS issuer, "
    "unnest($5::integer[]) AS domain) AS q "
    "CROSS JOIN LATERAL (SELECT e.device_id, e.idevid_issuer, e.product_id, "
    "e.organization_id, e.state, e.version, e.group_id, "
    "CASE WHEN e.group_id <> '' THEN (SELECT g.path FROM groups g "
    "WHERE g.tenant_id = e.tenant_id AND g.group_id = e.group_id) END AS path "
    "FROM devices e WHERE e.bucket = q.bucket AND e.tenant_id = q.tenant_id "
    "AND e.serial_number = q.serial_number AND e.deleted_at IS NULL "
    "AND (q.issuer IS NULL OR e.idevid_issuer IS NULL "
    "OR e.idevid_issuer = q.issuer) LIMIT 2) AS d), "
    "asked AS (SELECT generate_subscripts($6::text[], 1) AS domain, "
    "unnest($6::text[]) AS tenant_id, unnest($7::bytea[]) AS spki_sha256), "
    "certs AS (SELECT o.domain, c.* FROM (SELECT DISTINCT f.domain, "
    "f.organization_id FROM found f WHERE f.domain > 0 "
    "AND f.organization_id <> '') AS o JOIN asked a USING (domain) "
    "CROSS JOIN LATERAL (SELECT e.certificate_der, e.cert_id, "
    "e.organization_id, e.revocation_checks::integer, "
    "(extract(epoch FROM e.expires_at) * 1000000)::bigint, e.group_id "
    "FROM domain_certs e WHERE e.tenant_id = a.tenant_id "
    "AND e.spki_sha256 = a.spki_sha256 "
    "AND e.organization_id = o.organization_id LIMIT 1000) "
    "AS c (der, id, organization_id, checks, ends, group_id)) "
    "SELECT 0, f.ord, f.device_id, f.idevid_issuer, f.product_id, "
    "f.organization_id, f.state::integer, f.version, f.group_id, f.path "
    "FROM found f "
    "UNION ALL SELECT 1, c.domain, c.der, NULL, c.id, c.organization_id, "
    "c.checks, c.ends, c.group_id, NULL FROM certs c "
    "UNION ALL SELECT 2, a.domain, NULL, NULL, NULL, (SELECT "
    "c.organization_id FROM domain_certs c WHERE c.tenant_id = a.tenant_id "
    "AND c.spki_sha256 = a.spki_sha256 LIMIT 1), 0, NULL, NULL, NULL "
    "FROM asked a WHERE a.domain NOT IN (SELECT c.domain FROM certs c) "
    "UNION ALL SELECT 2, a.domain, NULL, NULL, NULL, NULL, 1, NULL, NULL, NULL "
    "FROM asked a JOIN blocked_domains b USING (tenant_id, spki_sha256) "
    "WHERE NOT b.lifted"};

std::vector<pqxx::binarystring> StandingParameters(
    absl::Span<const StandingQuestion> questions) {
  return ParametersOf(questions, DomainNumbers(questions));
}

std::unique_ptr<PostgresStandingStore> PostgresStandingStore::New(
    ConnectionPool* pool) {
  return std::unique_ptr<PostgresStandingStore>(
      new PostgresStandingStore(pool));
}

std::vector<absl::StatusOr<StandingFacts>> PostgresStandingStore::ReadStandings(
    const RequestContext& context,
    absl::Span<const StandingQuestion> questions) {
  const DomainNumbers numbers(questions);
  const auto q = ParametersOf(questions, numbers);
  std::vector<absl::StatusOr<StandingFacts>> answers;
  const absl::Status status = RunTransaction(
      *pool_, context, TransactionKind::kOneStatement,
      [&](pqxx::transaction_base& transaction) {
        answers.clear();
        answers.reserve(questions.size());
        StandingRows rows(questions, numbers,
                          Execute(transaction, kReadStandings, q[0], q[1], q[2],
                                  q[3], q[4], q[5], q[6]));
        for (size_t i = 0; i < questions.size(); ++i) {
          answers.push_back(rows.AnswerTo(i));
        }
        return absl::OkStatus();
      });
  if (!status.ok()) {
    answers.assign(questions.size(), status);
  }
  return answers;
}

std::vector<absl::StatusOr<std::vector<IssuedVoucher>>>
PostgresStandingStore::ReadClaims(const RequestContext& context,
                                  absl::Span<const ClaimsQuestion> questions) {
  using Answers = std::vector<absl::StatusOr<std::vector<IssuedVoucher>>>;
  SmallintArray buckets;
  BytesArray devices, hashes;
  for (const ClaimsQuestion& question : questions) {
    buckets.Add(question.bucket);
    devices.Add(question.device_id);
    hashes.Add(question.spki_sha256);
  }
  Answers answers;
  const absl::Status status = RunTransaction(
      *pool_, context, TransactionKind::kOneStatement,
      [&](pqxx::transaction_base& transaction) {
        answers.assign(questions.size(), std::vector<IssuedVoucher>());
        for (const pqxx::row& row :
             Execute(transaction, kReadClaims, buckets.Finish(),
                     devices.Finish(), hashes.Finish())) {
          const size_t i = row[0].as<size_t>() - 1;
          answers[i]->push_back(ReadClaim(row, questions[i]));
        }
        return absl::OkStatus();
      });
  return status.ok() ? answers : Answers(questions.size(), status);
}

}  // namespace masa::storage
