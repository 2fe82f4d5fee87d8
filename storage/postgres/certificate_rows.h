// Certificates that we issued, as rows. Called within the body of a
// transaction; throws as libpqxx does.
#ifndef STORAGE_POSTGRES_CERTIFICATE_ROWS_H_
#define STORAGE_POSTGRES_CERTIFICATE_ROWS_H_

#include <map>
#include <pqxx/result>
#include <pqxx/row>
#include <pqxx/transaction_base>
#include <string>
#include <utility>
#include <vector>

#include "absl/types/span.h"
#include "storage/certificate_rules.h"
#include "storage/enrollment_plan.h"
#include "storage/postgres/array_parameter.h"

namespace masa::storage {

// Select list; `t` is the alias of the table.
#define MASA_CERTIFICATE_COLUMNS(t)                                           \
  t ".bucket, " t ".certificate_serial, " t ".tenant_id, " t ".subject, " t   \
    ".device_id, " t ".profile, " t ".signing_key, " t ".ca_key_id, " t       \
    ".certificate_der, " t ".request_digest, (extract(epoch FROM " t          \
    ".issued_at) * 1000000)::bigint, (extract(epoch FROM " t                  \
    ".not_after) * 1000000)::bigint, " t ".requester, (extract(epoch FROM " t \
    ".revoked_at) * 1000000)::bigint, " t ".revocation_reason"

IssuedCertificate ReadCertificate(const pqxx::row& row);

// Subjects of one tenant.
struct SubjectsOf {
  std::string tenant_id;
  std::vector<std::string> subjects;
};

// The newest eight of each subject, the newest first.
std::vector<IssuedCertificate> ReadCertificatesOf(
    pqxx::transaction_base& transaction, const SubjectsOf& of);

// Those of the permits that are there.
std::map<PermitKey, Permit> ReadPermits(pqxx::transaction_base& transaction,
                                        const std::string& tenant_id,
                                        absl::Span<const PermitKey> keys);

// Which of the subjects are serial numbers of devices.
std::vector<std::string> ReadRegistered(pqxx::transaction_base& transaction,
                                        const SubjectsOf& of);

// Each with what was signed about it, in the same order.
void InsertCertificates(pqxx::transaction_base& transaction,
                        absl::Span<const IssuedCertificate* const> certificates,
                        absl::Span<const SignedStatus> statuses);

// The same as the columns of a statement's arrays, for one that writes more
// beside them.
struct CertificateColumns {
  explicit CertificateColumns(
      absl::Span<const IssuedCertificate* const> certificates);

  SmallintArray buckets;
  BytesArray serials, devices, cas, ders, digests;
  TextArray tenants, subjects, profiles, keys, requesters;
  TimeArray issued, ends;
};
struct StatusColumns {
  explicit StatusColumns(absl::Span<const SignedStatus> statuses);

  TimeArray turns, ends;
  BytesArray questions, responses;
};

void DeletePermits(pqxx::transaction_base& transaction,
                   const std::string& tenant_id,
                   absl::Span<const PermitKey> keys);

// Those that are there already stay.
void InsertPermits(pqxx::transaction_base& transaction,
                   const PermitBatch& batch);

// Of the tenant, those that were over at `at`.
void ForgetPermits(pqxx::transaction_base& transaction,
                   const std::string& tenant_id, absl::Time at);

}  // namespace masa::storage

#endif  // STORAGE_POSTGRES_CERTIFICATE_ROWS_H_
