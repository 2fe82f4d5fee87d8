#include "storage/postgres/postgres_claim_store.h"

#include <algorithm>
#include <utility>

#include "services/status/macros.h"
#include "services/status/reason.h"
#include "storage/audit_event.h"
#include "storage/claim_rules.h"
#include "storage/postgres/array_parameter.h"
#include "storage/postgres/request_results.h"
#include "storage/postgres/rows.h"
#include "storage/postgres/run_transaction.h"
#include "storage/record_checks.h"

namespace masa::storage {
namespace {

#define MASA_CLAIM_COLUMNS                                                 \
  "claim_id, tenant_id, bucket, device_id, serial_number, domain_id, "     \
  "pinned_spki_sha256, (extract(epoch FROM asked_at) * 1000000)::bigint, " \
  "state, reason"

constexpr Statement kAsk = {
    "ask_claim",
    "INSERT INTO claims (claim_id, tenant_id, bucket, device_id, "
    "serial_number, domain_id, pinned_spki_sha256, asked_at, state, reason) "
    "SELECT $1::bytea, $2::text, $3::smallint, $4::bytea, $5::text, "
    "$6::bytea, $7::bytea, $8::timestamptz, 1, '' "
    "WHERE (SELECT count(*) FROM claims WHERE bucket = $3 "
    "AND device_id = $4 AND state = 1 "
    "AND asked_at > $8::timestamptz - interval '1 day') < $9 "
    "ON CONFLICT (bucket, device_id, claim_id) DO NOTHING"};

constexpr Statement kRead = {
    "read_claim", "SELECT " MASA_CLAIM_COLUMNS
                  " FROM claims WHERE bucket = $1 AND device_id = $2::bytea "
                  "AND claim_id = $3::bytea"};

constexpr Statement kListWaiting = {
    "list_waiting_claims", "SELECT " MASA_CLAIM_COLUMNS
                           " FROM claims WHERE tenant_id = $1 AND state = 1 "
                           "ORDER BY asked_at, claim_id LIMIT $2"};

constexpr Statement kFind = {
    "find_claim",
    "SELECT bucket, device_id FROM claims WHERE tenant_id = $1 "
    "AND claim_id = $2::bytea"};

constexpr Statement kLock = {
    "lock_claim", "SELECT " MASA_CLAIM_COLUMNS
                  " FROM claims WHERE bucket = $1 AND device_id = $2::bytea "
                  "AND claim_id = $3::bytea FOR UPDATE"};

constexpr Statement kDecide = {
    "decide_claim",
    "UPDATE claims SET state = $4, reason = $5 WHERE bucket = $1 "
    "AND device_id = $2::bytea AND claim_id = $3::bytea"};

Claim ReadClaim(const pqxx::row& row) {
  Claim claim;
  claim.claim_id = ReadBytes(row[0]);
  claim.tenant_id = row[1].as<std::string>();
  claim.bucket = row[2].as<int16_t>();
  claim.device_id = ReadBytes(row[3]);
  claim.serial_number = row[4].as<std::string>();
  claim.domain_id = ReadBytes(row[5]);
  claim.pinned_spki_sha256 = ReadBytes(row[6]);
  claim.asked_at = absl::FromUnixMicros(row[7].as<int64_t>());
  claim.state = static_cast<ClaimState>(row[8].as<int>());
  claim.reason = row[9].as<std::string>();
  return claim;
}

// Held until the transaction ends. Looked for first, since rows are locked in
// one bucket.
absl::StatusOr<Claim> FindAndLock(pqxx::transaction_base& transaction,
                                  const ClaimWord& word) {
  const pqxx::result places = Execute(transaction, kFind, word.tenant_id,
                                      BytesParameter(word.claim_id));
  if (places.empty()) {
    return ClaimUnknown();
  }
  const pqxx::result rows = Execute(
      transaction, kLock, places[0][0].as<int16_t>(),
      BytesParameter(ReadBytes(places[0][1])), BytesParameter(word.claim_id));
  return rows.empty() ? ClaimUnknown()
                      : absl::StatusOr<Claim>(ReadClaim(rows[0]));
}

void Insert(pqxx::transaction_base& transaction, const Claim& claim) {
  Execute(transaction, kAsk, BytesParameter(claim.claim_id), claim.tenant_id,
          claim.bucket, BytesParameter(claim.device_id), claim.serial_number,
          BytesParameter(claim.domain_id),
          BytesParameter(claim.pinned_spki_sha256),
          absl::FormatTime("%Y-%m-%dT%H:%M:%E6SZ", claim.asked_at,
                           absl::UTCTimeZone()),
          kMostWaitingClaims);
}

}  // namespace

std::unique_ptr<PostgresClaimStore> PostgresClaimStore::New(
    ConnectionPool* pool) {
  return std::unique_ptr<PostgresClaimStore>(new PostgresClaimStore(pool));
}

absl::StatusOr<Claim> PostgresClaimStore::Ask(const RequestContext& context,
                                              const Claim& claim) {
  MASA_RETURN_IF_ERROR(CheckClaim(claim));
  absl::StatusOr<Claim> answer;
  MASA_RETURN_IF_ERROR(RunTransaction(
      *pool_, context, TransactionKind::kManyStatements,
      [&](pqxx::transaction_base& transaction) {
        Insert(transaction, claim);
        // Sees also what another replica has just written.
        const pqxx::result rows = Execute(transaction, kRead, claim.bucket,
                                          BytesParameter(claim.device_id),
                                          BytesParameter(claim.claim_id));
        answer = rows.empty() ? TooManyClaimsWait()
                              : absl::StatusOr<Claim>(ReadClaim(rows[0]));
        return absl::OkStatus();
      }));
  return answer;
}

absl::StatusOr<std::vector<Claim>> PostgresClaimStore::ListWaiting(
    const RequestContext& context, const std::string& tenant_id, int limit) {
  std::vector<Claim> claims;
  MASA_RETURN_IF_ERROR(RunTransaction(
      *pool_, context, TransactionKind::kOneStatement,
      [&](pqxx::transaction_base& transaction) {
        claims.clear();
        for (const pqxx::row& row : Execute(transaction, kListWaiting,
                                            tenant_id, std::max(limit, 0))) {
          claims.push_back(ReadClaim(row));
        }
        return absl::OkStatus();
      }));
  return claims;
}

absl::StatusOr<Claim> PostgresClaimStore::Decide(const RequestContext& context,
                                                 const std::string& actor,
                                                 absl::Time at,
                                                 const ClaimWord& word) {
  MASA_RETURN_IF_ERROR(CheckClaimWord(word));
  absl::StatusOr<ClaimDecision> decision;
  MASA_RETURN_IF_ERROR(RunTransaction(
      *pool_, context, TransactionKind::kManyStatements,
      [&](pqxx::transaction_base& transaction) -> absl::Status {
        MASA_ASSIGN_OR_RETURN(const Claim claim,
                              FindAndLock(transaction, word));
        decision = PlanDecision(claim, word, {actor, at, context.request_id});
        MASA_RETURN_IF_ERROR(decision.status());
        if (!RememberOrder(transaction, word.once, at)) {
          return RequestIsKnown();
        }
        if (decision->event) {
          Execute(
              transaction, kDecide, claim.bucket,
              BytesParameter(claim.device_id), BytesParameter(claim.claim_id),
              static_cast<int>(decision->claim.state), decision->claim.reason);
          InsertEvents(transaction, {*decision->event});
        }
        return absl::OkStatus();
      }));
  return std::move(decision->claim);
}

}  // namespace masa::storage
