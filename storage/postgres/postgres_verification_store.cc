#include "storage/postgres/postgres_verification_store.h"

#include <algorithm>
#include <functional>

#include "absl/strings/escaping.h"
#include "services/status/macros.h"
#include "services/status/reason.h"
#include "storage/ownership_history.h"
#include "storage/postgres/array_parameter.h"
#include "storage/postgres/request_results.h"
#include "storage/postgres/rows.h"
#include "storage/postgres/run_transaction.h"
#include "storage/record_checks.h"

namespace masa::storage {
namespace {

constexpr size_t kIdOctets = 16;

constexpr Statement kInsert = {
    "insert_audit_verification",
    "INSERT INTO audit_verifications (bucket, verification_id, tenant_id, "
    "ready_at, record) VALUES ($1, $2::bytea, $3, nullif($4, "
    "'')::timestamptz, $5::bytea)"};

constexpr Statement kUpdate = {
    "update_audit_verification",
    "UPDATE audit_verifications SET ready_at = nullif($3, '')::timestamptz, "
    "ended_at = nullif($4, '')::timestamptz, record = $5::bytea "
    "WHERE bucket = $1 AND verification_id = $2::bytea"};

#define MASA_READ_VERIFICATION                                \
  "SELECT record FROM audit_verifications WHERE bucket = $1 " \
  "AND verification_id = $2::bytea AND tenant_id = $3"
constexpr Statement kRead = {"read_audit_verification", MASA_READ_VERIFICATION};
constexpr Statement kHold = {"hold_audit_verification",
                             MASA_READ_VERIFICATION " FOR UPDATE"};

constexpr Statement kList = {
    "list_audit_verifications",
    "SELECT record FROM audit_verifications WHERE tenant_id = $1 "
    "AND ($2::bytea = '' OR verification_id < $2::bytea) "
    "ORDER BY verification_id DESC LIMIT $3"};

constexpr Statement kListReady = {
    "list_ready_audit_verifications",
    "SELECT record FROM audit_verifications WHERE ready_at <= $1::timestamptz "
    "ORDER BY ready_at LIMIT $2"};

// Empty for none.
std::string TimeText(const std::optional<absl::Time>& time) {
  return time ? absl::FormatTime("%Y-%m-%dT%H:%M:%E6SZ", *time,
                                 absl::UTCTimeZone())
              : "";
}

std::string EndText(const AuditVerification& verification) {
  return HasEnded(verification)
             ? TimeText(absl::FromUnixMicros(verification.ended_at()))
             : "";
}

absl::StatusOr<AuditVerification> ReadOne(const pqxx::row& row) {
  AuditVerification verification;
  return verification.ParseFromString(ReadBytes(row[0]))
             ? absl::StatusOr<AuditVerification>(std::move(verification))
             : Refuse(Reason::kStoreUnavailable,
                      "a verification's record cannot be read");
}

absl::StatusOr<AuditVerification> Select(pqxx::transaction_base& transaction,
                                         const Statement& statement,
                                         const VerificationKey& key) {
  if (key.verification_id.size() != kIdOctets ||
      !IsStorableText(key.tenant_id)) {
    return VerificationUnknown();
  }
  const pqxx::result rows =
      Execute(transaction, statement, BatchBucketOf(key.verification_id),
              BytesParameter(key.verification_id), key.tenant_id);
  return rows.empty() ? absl::StatusOr<AuditVerification>(VerificationUnknown())
                      : ReadOne(rows[0]);
}

absl::StatusOr<std::vector<AuditVerification>> ReadAll(
    ConnectionPool& pool, const RequestContext& context,
    const std::function<pqxx::result(pqxx::transaction_base&)>& select) {
  std::vector<AuditVerification> all;
  MASA_RETURN_IF_ERROR(
      RunTransaction(pool, context, TransactionKind::kOneStatement,
                     [&](pqxx::transaction_base& transaction) -> absl::Status {
                       all.clear();
                       for (const pqxx::row& row : select(transaction)) {
                         MASA_ASSIGN_OR_RETURN(auto one, ReadOne(row));
                         all.push_back(std::move(one));
                       }
                       return absl::OkStatus();
                     }));
  return all;
}

// The one that the id stands for already, if any; kRequestIdReused when it
// stands for another order.
absl::StatusOr<std::optional<AuditVerification>> Repeated(
    pqxx::transaction_base& transaction, const std::string& tenant_id,
    const std::optional<OnceOrder>& once) {
  std::optional<OnceResult> known;
  if (once) {
    known = RecallResult(transaction, once->key);
  }
  if (!known) {
    return std::optional<AuditVerification>();
  }
  if (known->digest != once->digest) {
    return Refuse(Reason::kRequestIdReused,
                  "request_id was used for another call");
  }
  MASA_ASSIGN_OR_RETURN(
      AuditVerification one,
      Select(transaction, kRead,
             {tenant_id, absl::HexStringToBytes(known->result)}));
  return std::optional<AuditVerification>(std::move(one));
}

}  // namespace

std::unique_ptr<PostgresVerificationStore> PostgresVerificationStore::New(
    ConnectionPool* pool) {
  return std::unique_ptr<PostgresVerificationStore>(
      new PostgresVerificationStore(pool));
}

absl::StatusOr<AuditVerification> PostgresVerificationStore::StartVerification(
    const RequestContext& context, absl::Time at,
    const AuditVerification& verification,
    const std::optional<OnceOrder>& once) {
  MASA_RETURN_IF_ERROR(CheckVerification(verification));
  const AuditEvent event =
      VerificationEvent(kAuditVerificationStarted, verification,
                        {verification.actor(), at, context.request_id});
  const std::string& id = verification.verification_id();
  AuditVerification started;
  MASA_RETURN_IF_ERROR(RunTransaction(
      *pool_, context, TransactionKind::kManyStatements,
      [&](pqxx::transaction_base& transaction) -> absl::Status {
        MASA_ASSIGN_OR_RETURN(
            auto known, Repeated(transaction, verification.tenant_id(), once));
        if (known) {
          started = *std::move(known);
          return absl::OkStatus();
        }
        if (once &&
            !RememberResult(transaction, once->key,
                            {once->digest, absl::BytesToHexString(id)}, at)) {
          return RequestIsKnown();
        }
        Execute(transaction, kInsert, BatchBucketOf(id), BytesParameter(id),
                verification.tenant_id(), TimeText(ReadyAt(verification)),
                BytesParameter(verification.SerializeAsString()));
        InsertEvents(transaction, {event});
        started = verification;
        return absl::OkStatus();
      }));
  return started;
}

absl::StatusOr<AuditVerification> PostgresVerificationStore::GetVerification(
    const RequestContext& context, const VerificationKey& key) {
  AuditVerification found;
  MASA_RETURN_IF_ERROR(RunTransaction(
      *pool_, context, TransactionKind::kOneStatement,
      [&](pqxx::transaction_base& transaction) -> absl::Status {
        MASA_ASSIGN_OR_RETURN(found, Select(transaction, kRead, key));
        return absl::OkStatus();
      }));
  return found;
}

absl::StatusOr<std::vector<AuditVerification>>
PostgresVerificationStore::ListVerifications(const RequestContext& context,
                                             const std::string& tenant_id,
                                             const std::string& before,
                                             int limit) {
  if (!IsStorableText(tenant_id)) {
    return std::vector<AuditVerification>();
  }
  return ReadAll(*pool_, context, [&](pqxx::transaction_base& transaction) {
    return Execute(transaction, kList, tenant_id, BytesParameter(before),
                   std::max(limit, 0));
  });
}

absl::StatusOr<AuditVerification> PostgresVerificationStore::ChangeVerification(
    const RequestContext& context, const std::string& actor, absl::Time at,
    const VerificationKey& key, const VerificationPlan& plan) {
  AuditVerification changed;
  MASA_RETURN_IF_ERROR(RunTransaction(
      *pool_, context, TransactionKind::kManyStatements,
      [&](pqxx::transaction_base& transaction) -> absl::Status {
        MASA_ASSIGN_OR_RETURN(changed, Select(transaction, kHold, key));
        MASA_ASSIGN_OR_RETURN(const VerificationChange change, plan(changed));
        changed = change.verification;
        const std::string& id = changed.verification_id();
        Execute(transaction, kUpdate, BatchBucketOf(id), BytesParameter(id),
                TimeText(ReadyAt(changed)), EndText(changed),
                BytesParameter(changed.SerializeAsString()));
        if (change.event_kind != nullptr) {
          InsertEvents(transaction,
                       {VerificationEvent(change.event_kind, changed,
                                          {actor, at, context.request_id})});
        }
        return absl::OkStatus();
      }));
  return changed;
}

absl::StatusOr<std::vector<AuditVerification>>
PostgresVerificationStore::ListReadyVerifications(const RequestContext& context,
                                                  absl::Time now, int limit) {
  return ReadAll(*pool_, context, [&](pqxx::transaction_base& transaction) {
    return Execute(transaction, kListReady, TimeText(now), std::max(limit, 0));
  });
}

}  // namespace masa::storage
