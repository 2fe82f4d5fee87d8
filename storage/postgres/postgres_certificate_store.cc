#include "storage/postgres/postgres_certificate_store.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "services/status/macros.h"
#include "services/status/reason.h"
#include "storage/certificate_rules.h"
#include "storage/postgres/array_parameter.h"
#include "storage/postgres/certificate_rows.h"
#include "storage/postgres/device_writes.h"
#include "storage/postgres/enrollment_facts.h"
#include "storage/postgres/enrollment_rows.h"
#include "storage/postgres/request_results.h"
#include "storage/postgres/rows.h"
#include "storage/postgres/run_transaction.h"
#include "storage/record_checks.h"

namespace masa::storage {
namespace {

constexpr Statement kFind = {
    "find_certificates",
    "SELECT " MASA_CERTIFICATE_COLUMNS("c") " FROM unnest($1::smallint[], "
    "$2::bytea[]) AS q(bucket, certificate_serial) JOIN issued_certificates c "
    "USING (bucket, certificate_serial)"};

constexpr Statement kList = {
    "list_certificates",
    "SELECT " MASA_CERTIFICATE_COLUMNS("c") " FROM issued_certificates c "
    "WHERE c.tenant_id = $1 AND (c.bucket, c.certificate_serial) > ($2::smallint, "
    "$3::bytea) AND ($4 = '' OR c.profile = $4) "
    "AND ($5 = '' OR (c.subject = $5 AND c.bucket = $6::smallint)) "
    "AND ($7::smallint = 0 OR (c.revoked_at IS NOT NULL) = "
    "($7::smallint = 1)) ORDER BY c.bucket, c.certificate_serial LIMIT $8"};

constexpr Statement kListRevoked = {
    "list_revoked",
    "SELECT " MASA_CERTIFICATE_COLUMNS("c") " FROM issued_certificates c "
    "WHERE c.tenant_id = $1 AND c.ca_key_id = $2::bytea "
    "AND c.revoked_at IS NOT NULL AND c.not_after >= $3::timestamptz "
    "ORDER BY c.bucket, c.certificate_serial LIMIT $4"};

constexpr Statement kRevoke = {
    "revoke_certificate",
    "WITH turn AS (UPDATE signed_statuses SET renew_at = $3::timestamptz "
    "WHERE bucket = $1::smallint AND certificate_serial = $2::bytea) "
    "UPDATE issued_certificates SET revoked_at = $3::timestamptz, "
    "revocation_reason = $4 WHERE bucket = $1::smallint AND "
    "certificate_serial = $2::bytea AND revoked_at IS NULL"};

std::string Text(absl::Time time) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%E6SZ", time, absl::UTCTimeZone());
}

absl::Status IdReused() {
  return Refuse(Reason::kRequestIdReused,
                "this request id was used for another change");
}

std::map<std::string, IssuedCertificate> Find(
    pqxx::transaction_base& transaction,
    absl::Span<const std::string> serials) {
  SmallintArray buckets;
  BytesArray asked;
  std::map<std::string, IssuedCertificate> found;
  for (const std::string& serial : serials) {
    if (BucketOfSerial(serial) >= 0) {
      buckets.Add(BucketOfSerial(serial));
      asked.Add(serial);
    }
  }
  for (const pqxx::row& row :
       Execute(transaction, kFind, buckets.Finish(), asked.Finish())) {
    IssuedCertificate one = ReadCertificate(row);
    found[one.serial] = std::move(one);
  }
  return found;
}

// Whether no record can have these names.
bool CannotBe(const EnrollmentQuestion& question) {
  return !IsStorableText(question.tenant_id) ||
         !IsStorableText(question.subject);
}

// All that the plan says.
void Write(pqxx::transaction_base& transaction, const std::string& tenant_id,
           const EnrolledFacts& before, const EnrollmentPlan& plan) {
  const auto certificates = WrittenBy(plan);
  if (certificates.empty()) {
    return;
  }
  ChangeDevices(transaction, before.devices.devices, plan.devices,
                {OwnerChange::kImported, certificates.front()->issued_at});
  InsertCertificates(transaction, certificates, plan.statuses);
  DeletePermits(transaction, tenant_id, plan.used);
  InsertEvents(transaction, plan.events);
}

// Revokes what is stored, and blocks the device that it was the proof of: who
// writes either waits until this is over.
absl::StatusOr<IssuedCertificate> RevokeStored(
    pqxx::transaction_base& transaction, const IssuedCertificate& stored,
    const Revocation& revocation, const Change& change) {
  ScopedNames serials;
  if (!stored.device_id.empty()) {
    AddName(serials, stored.tenant_id, stored.subject);
  }
  const StoredFacts facts = LockAndRead(transaction, serials, {}, {});
  MASA_ASSIGN_OR_RETURN(
      RevocationPlan plan,
      PlanRevocation(stored, facts.devices, revocation, change));
  const pqxx::result done = Execute(
      transaction, kRevoke, stored.bucket, BytesParameter(stored.serial),
      Text(*plan.certificate.revoked_at), revocation.reason);
  if (done.affected_rows() != 1) {
    return PlanRevocation(plan.certificate, {}, revocation, change).status();
  }
  ChangeDevices(transaction, facts.devices, plan.devices,
                {OwnerChange::kAssigned, change.at});
  InsertEvents(transaction, plan.events);
  return std::move(plan.certificate);
}

}  // namespace

std::unique_ptr<PostgresCertificateStore> PostgresCertificateStore::New(
    ConnectionPool* pool) {
  return std::unique_ptr<PostgresCertificateStore>(
      new PostgresCertificateStore(pool));
}

std::vector<absl::StatusOr<EnrollmentFacts>> PostgresCertificateStore::Ask(
    const RequestContext& context,
    absl::Span<const EnrollmentQuestion> questions) {
  std::map<std::string, std::vector<const EnrollmentQuestion*>> by_tenant;
  for (const EnrollmentQuestion& question : questions) {
    if (!CannotBe(question)) {
      by_tenant[question.tenant_id].push_back(&question);
    }
  }
  std::map<std::string, TenantFacts> facts;
  const absl::Status status = RunTransaction(
      *pool_, context, TransactionKind::kManyStatements,
      [&](pqxx::transaction_base& transaction) {
        facts.clear();
        for (const auto& [tenant_id, asked] : by_tenant) {
          facts[tenant_id] = ReadFacts(transaction, tenant_id, asked);
        }
        return absl::OkStatus();
      });
  std::vector<absl::StatusOr<EnrollmentFacts>> answers;
  for (const EnrollmentQuestion& question : questions) {
    answers.push_back(status.ok() ? absl::StatusOr<EnrollmentFacts>(FactsOf(
                                        facts[question.tenant_id], question))
                                  : status);
  }
  return answers;
}

absl::StatusOr<PostgresCertificateStore::Outcomes>
PostgresCertificateStore::EnrollStrangers(const RequestContext& context,
                                          const Items& items) {
  if (!std::all_of(items.begin(), items.end(), [](const Enrollment* item) {
        return IsOfStranger(*item);
      })) {
    return Outcomes();
  }
  EnrollmentPlan plan =
      PlanEnrollments(items, FactsOfStrangers(items), context.request_id);
  if (plan.written.empty() || !IsOfStrangersAlone(plan)) {
    return Outcomes();
  }
  bool written = false;
  MASA_RETURN_IF_ERROR(RunTransaction(
      *pool_, context, TransactionKind::kOneStatement,
      [&](pqxx::transaction_base& transaction) {
        written = WriteStrangers(transaction,
                                 items.front()->certificate.tenant_id, plan);
        return absl::OkStatus();
      }));
  return written ? std::move(plan.outcomes) : Outcomes();
}

absl::StatusOr<PostgresCertificateStore::Outcomes>
PostgresCertificateStore::EnrollLocked(const RequestContext& context,
                                       const Items& items) {
  EnrollmentPlan plan;
  MASA_RETURN_IF_ERROR(RunTransaction(
      *pool_, context, TransactionKind::kManyStatements,
      [&](pqxx::transaction_base& transaction) {
        const EnrolledFacts facts = LockFacts(transaction, items);
        plan = PlanEnrollments(items, facts, context.request_id);
        Write(transaction, items.front()->certificate.tenant_id, facts, plan);
        return absl::OkStatus();
      }));
  return std::move(plan.outcomes);
}

PostgresCertificateStore::Outcomes PostgresCertificateStore::EnrollTogether(
    const RequestContext& context, const Items& items) {
  absl::StatusOr<Outcomes> together = EnrollStrangers(context, items);
  if (together.ok() && together->empty()) {
    together = EnrollLocked(context, items);
  }
  if (together.ok()) {
    return *std::move(together);
  }
  if (items.size() == 1 || !RefusesARow(together.status())) {
    return Outcomes(items.size(), together.status());
  }
  Outcomes outcomes;
  for (const Enrollment* item : items) {
    outcomes.push_back(std::move(EnrollTogether(context, {item}).front()));
  }
  return outcomes;
}

std::vector<absl::StatusOr<CommittedEnrollment>>
PostgresCertificateStore::Enroll(const RequestContext& context,
                                 absl::Span<const Enrollment> items) {
  Outcomes outcomes(items.size(), absl::UnknownError("not yet"));
  // Of one tenant and one way.
  std::map<std::pair<std::string, bool>, std::vector<size_t>> together;
  for (size_t i = 0; i < items.size(); ++i) {
    const absl::Status good = CheckEnrollment(items[i]);
    if (good.ok()) {
      together[{items[i].certificate.tenant_id, IsOfStranger(items[i])}]
          .push_back(i);
    } else {
      outcomes[i] = good;
    }
  }
  for (const auto& [key, places] : together) {
    Items some;
    for (const size_t i : places) {
      some.push_back(&items[i]);
    }
    Outcomes settled = EnrollTogether(context, some);
    for (size_t i = 0; i < places.size(); ++i) {
      outcomes[places[i]] = std::move(settled[i]);
    }
  }
  return outcomes;
}

std::vector<absl::StatusOr<IssuedCertificate>>
PostgresCertificateStore::FindCertificates(
    const RequestContext& context, absl::Span<const std::string> serials) {
  std::map<std::string, IssuedCertificate> found;
  const absl::Status status =
      RunTransaction(*pool_, context, TransactionKind::kOneStatement,
                     [&](pqxx::transaction_base& transaction) {
                       found = Find(transaction, serials);
                       return absl::OkStatus();
                     });
  std::vector<absl::StatusOr<IssuedCertificate>> answers;
  for (const std::string& serial : serials) {
    const auto one = found.find(serial);
    if (!status.ok()) {
      answers.push_back(status);
    } else if (one == found.end()) {
      answers.push_back(CertificateIsUnknown());
    } else {
      answers.push_back(one->second);
    }
  }
  return answers;
}

absl::StatusOr<std::vector<IssuedCertificate>>
PostgresCertificateStore::ListCertificates(const RequestContext& context,
                                           const CertificateFilter& filter,
                                           const std::string& after,
                                           int limit) {
  std::vector<IssuedCertificate> listed;
  if (!IsStorableText(filter.tenant_id) || !IsStorableText(filter.profile) ||
      !IsStorableText(filter.subject)) {
    return listed;  // names that no record can have
  }
  MASA_RETURN_IF_ERROR(RunTransaction(
      *pool_, context, TransactionKind::kOneStatement,
      [&](pqxx::transaction_base& transaction) {
        listed.clear();
        for (const pqxx::row& row : Execute(
                 transaction, kList, filter.tenant_id, BucketOfSerial(after),
                 BytesParameter(after), filter.profile, filter.subject,
                 BucketOf(filter.tenant_id, filter.subject),
                 !filter.revoked ? 0 : (*filter.revoked ? 1 : 2), limit)) {
          listed.push_back(ReadCertificate(row));
        }
        return absl::OkStatus();
      }));
  return listed;
}

absl::StatusOr<IssuedCertificate> PostgresCertificateStore::Revoke(
    const RequestContext& context, const std::string& actor, absl::Time at,
    const Revocation& revocation) {
  absl::StatusOr<IssuedCertificate> revoked = CertificateIsUnknown();
  const auto body = [&](pqxx::transaction_base& transaction) -> absl::Status {
    const auto found = Find(transaction, {revocation.serial});
    if (found.empty() ||
        found.begin()->second.tenant_id != revocation.tenant_id) {
      return CertificateIsUnknown();
    }
    const IssuedCertificate& stored = found.begin()->second;
    if (revocation.once) {
      const auto known = RecallResult(transaction, revocation.once->key);
      if (known) {
        revoked = stored;
        return known->digest == revocation.once->digest ? absl::OkStatus()
                                                        : IdReused();
      }
    }
    MASA_ASSIGN_OR_RETURN(revoked,
                          RevokeStored(transaction, stored, revocation,
                                       {actor, at, context.request_id}));
    return RememberOrder(transaction, revocation.once, at) ? absl::OkStatus()
                                                           : RequestIsKnown();
  };
  MASA_RETURN_IF_ERROR(
      RunTransaction(*pool_, context, TransactionKind::kManyStatements, body));
  return revoked;
}

absl::StatusOr<std::vector<IssuedCertificate>>
PostgresCertificateStore::ListRevoked(const RequestContext& context,
                                      const std::string& tenant_id,
                                      const std::string& ca_key_id,
                                      absl::Time now) {
  std::vector<IssuedCertificate> listed;
  MASA_RETURN_IF_ERROR(RunTransaction(
      *pool_, context, TransactionKind::kOneStatement,
      [&](pqxx::transaction_base& transaction) {
        listed.clear();
        for (const pqxx::row& row :
             Execute(transaction, kListRevoked, tenant_id,
                     BytesParameter(ca_key_id), Text(now), kMostRevoked + 1)) {
          listed.push_back(ReadCertificate(row));
        }
        return absl::OkStatus();
      }));
  if (listed.size() > static_cast<size_t>(kMostRevoked)) {
    return TooManyRevoked();
  }
  return listed;
}

absl::Status PostgresCertificateStore::AddPermits(const RequestContext& context,
                                                  const std::string& actor,
                                                  absl::Time at,
                                                  const PermitBatch& batch) {
  MASA_RETURN_IF_ERROR(CheckPermits(batch));
  return RunTransaction(
      *pool_, context, TransactionKind::kManyStatements,
      [&](pqxx::transaction_base& transaction) -> absl::Status {
        if (batch.once) {
          const auto known = RecallResult(transaction, batch.once->key);
          if (known) {
            return known->digest == batch.once->digest ? absl::OkStatus()
                                                       : IdReused();
          }
        }
        ForgetPermits(transaction, batch.tenant_id, at);
        InsertPermits(transaction, batch);
        InsertEvents(transaction,
                     {PermitEvent(batch, {actor, at, context.request_id})});
        return RememberOrder(transaction, batch.once, at) ? absl::OkStatus()
                                                          : RequestIsKnown();
      });
}

}  // namespace masa::storage
