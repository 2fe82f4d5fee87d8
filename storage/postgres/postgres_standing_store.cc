#include "storage/postgres/postgres_standing_store.h"

#include <utility>

#include "services/status/macros.h"
#include "storage/postgres/array_parameter.h"
#include "storage/postgres/in_halves.h"
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

}  // namespace

// A row for each domain certificate of a device's owner that has the domain's
// key, one without where there is none (standing_rows.cc). Who else has the
// domain for a customer is looked for only then, a path only for the few
// devices that are in groups.
const Statement kReadStandings = {
    "read_standings",
    "SELECT q.ord, d.device_id, d.idevid_issuer, d.product_id, "
    "d.organization_id, d.state, d.version, d.group_id, d.path, "
    "EXISTS (SELECT 1 FROM blocked_domains b WHERE b.tenant_id = q.tenant_id "
    "AND b.spki_sha256 = q.spki_sha256 AND NOT b.lifted), "
    "CASE WHEN c.cert_id IS NULL THEN (SELECT e.organization_id "
    "FROM domain_certs e WHERE e.tenant_id = q.tenant_id "
    "AND e.spki_sha256 = q.spki_sha256 LIMIT 1) ELSE d.organization_id END, "
    "c.cert_id, c.group_id, c.revocation_checks, c.ends, c.certificate_der "
    "FROM (SELECT generate_subscripts($1::smallint[], 1) AS ord, "
    "unnest($1::smallint[]) AS bucket, unnest($2::text[]) AS tenant_id, "
    "unnest($3::text[]) AS serial_number, unnest($4::bytea[]) AS issuer, "
    "unnest($5::bytea[]) AS spki_sha256) AS q "
    "CROSS JOIN LATERAL (SELECT e.device_id, e.idevid_issuer, e.product_id, "
    "e.organization_id, e.state, e.version, e.group_id, "
    "CASE WHEN e.group_id <> '' THEN (SELECT g.path FROM groups g "
    "WHERE g.tenant_id = e.tenant_id AND g.group_id = e.group_id) END AS path "
    "FROM devices e WHERE e.bucket = q.bucket AND e.tenant_id = q.tenant_id "
    "AND e.serial_number = q.serial_number AND e.deleted_at IS NULL "
    "AND (q.issuer IS NULL OR e.idevid_issuer IS NULL "
    "OR e.idevid_issuer = q.issuer) LIMIT 2) AS d "
    "LEFT JOIN LATERAL (SELECT e.cert_id, e.group_id, e.revocation_checks, "
    "(extract(epoch FROM e.expires_at) * 1000000)::bigint AS ends, "
    "e.certificate_der FROM domain_certs e WHERE e.tenant_id = q.tenant_id "
    "AND e.spki_sha256 = q.spki_sha256 "
    "AND e.organization_id = d.organization_id AND d.organization_id <> '' "
    "LIMIT 1000) AS c ON true"};

std::vector<pqxx::binarystring> StandingParameters(
    absl::Span<const StandingQuestion> questions) {
  SmallintArray buckets;
  TextArray tenants, serials;
  BytesArray issuers, hashes;
  for (const auto& [key, spki_sha256] : questions) {
    // What no text column can hold is no device: asked as an empty name.
    const bool can = CanBeAsked(key);
    buckets.Add(BucketOf(key.tenant_id, key.serial_number));
    tenants.Add(can ? key.tenant_id : "");
    serials.Add(can ? key.serial_number : "");
    issuers.Add(key.idevid_issuer);
    hashes.Add(spki_sha256.empty() ? std::optional<std::string>()
                                   : spki_sha256);
  }
  return {buckets.Finish(), tenants.Finish(), serials.Finish(),
          issuers.Finish(), hashes.Finish()};
}

std::unique_ptr<PostgresStandingStore> PostgresStandingStore::New(
    ConnectionPool* pool) {
  return std::unique_ptr<PostgresStandingStore>(
      new PostgresStandingStore(pool));
}

std::vector<absl::StatusOr<StandingFacts>> PostgresStandingStore::ReadStandings(
    const RequestContext& context,
    absl::Span<const StandingQuestion> questions) {
  using Answers = std::vector<absl::StatusOr<StandingFacts>>;
  return InHalves<StandingFacts>(
      questions,
      [&](absl::Span<const StandingQuestion> piece) -> absl::StatusOr<Answers> {
        const auto q = StandingParameters(piece);
        Answers answers;
        MASA_RETURN_IF_ERROR(RunTransaction(
            *pool_, context, TransactionKind::kOneStatement,
            [&](pqxx::transaction_base& transaction) {
              answers.clear();
              answers.reserve(piece.size());
              StandingRows rows(piece, Execute(transaction, kReadStandings,
                                               q[0], q[1], q[2], q[3], q[4]));
              for (size_t i = 0; i < piece.size(); ++i) {
                answers.push_back(rows.AnswerTo(i));
              }
              return absl::OkStatus();
            }));
        return answers;
      });
}

std::vector<absl::StatusOr<std::vector<IssuedVoucher>>>
PostgresStandingStore::ReadClaims(const RequestContext& context,
                                  absl::Span<const ClaimsQuestion> questions) {
  using Claims = std::vector<IssuedVoucher>;
  using Answers = std::vector<absl::StatusOr<Claims>>;
  return InHalves<Claims>(
      questions,
      [&](absl::Span<const ClaimsQuestion> piece) -> absl::StatusOr<Answers> {
        SmallintArray buckets;
        BytesArray devices, hashes;
        for (const ClaimsQuestion& question : piece) {
          buckets.Add(question.bucket);
          devices.Add(question.device_id);
          hashes.Add(question.spki_sha256);
        }
        Answers answers;
        MASA_RETURN_IF_ERROR(RunTransaction(
            *pool_, context, TransactionKind::kOneStatement,
            [&](pqxx::transaction_base& transaction) {
              answers.assign(piece.size(), Claims());
              for (const pqxx::row& row :
                   Execute(transaction, kReadClaims, buckets.Finish(),
                           devices.Finish(), hashes.Finish())) {
                const size_t i = row[0].as<size_t>() - 1;
                answers[i]->push_back(ReadClaim(row, piece[i]));
              }
              return absl::OkStatus();
            }));
        return answers;
      });
}

}  // namespace masa::storage
