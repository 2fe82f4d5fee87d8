#include "storage/postgres/enrollment_facts.h"

#include <set>
#include <utility>

#include "storage/postgres/certificate_rows.h"
#include "storage/postgres/device_writes.h"

namespace masa::storage {

TenantFacts ReadFacts(pqxx::transaction_base& transaction,
                      const std::string& tenant_id,
                      const std::vector<const EnrollmentQuestion*>& questions) {
  std::set<std::string> subjects;
  std::set<PermitKey> keys;
  for (const EnrollmentQuestion* question : questions) {
    subjects.insert(question->subject);
    if (!question->token_digest.empty()) {
      keys.emplace(question->subject, question->token_digest);
    }
  }
  const SubjectsOf of = {tenant_id, {subjects.begin(), subjects.end()}};
  TenantFacts facts;
  for (IssuedCertificate& one : ReadCertificatesOf(transaction, of)) {
    facts.by_subject[one.subject].certificates.push_back(std::move(one));
  }
  for (const std::string& subject : ReadRegistered(transaction, of)) {
    facts.by_subject[subject].is_registered = true;
  }
  facts.permits = ReadPermits(transaction, tenant_id,
                              std::vector<PermitKey>(keys.begin(), keys.end()));
  return facts;
}

EnrollmentFacts FactsOf(const TenantFacts& facts,
                        const EnrollmentQuestion& question) {
  const auto found = facts.by_subject.find(question.subject);
  EnrollmentFacts answer =
      found == facts.by_subject.end() ? EnrollmentFacts() : found->second;
  const auto permit =
      facts.permits.find({question.subject, question.token_digest});
  if (permit != facts.permits.end()) {
    answer.permit = permit->second;
  }
  return answer;
}

EnrolledFacts LockFacts(pqxx::transaction_base& transaction,
                        absl::Span<const Enrollment* const> items) {
  const std::string& tenant_id = items.front()->certificate.tenant_id;
  ScopedNames serials, products;
  std::set<std::string> subjects;
  std::set<PermitKey> keys;
  for (const Enrollment* item : items) {
    AddName(serials, tenant_id, item->certificate.subject);
    subjects.insert(item->certificate.subject);
    if (item->device) {
      AddName(products, tenant_id, item->device->product_id);
    }
    if (!item->token_digest.empty()) {
      keys.emplace(item->certificate.subject, item->token_digest);
    }
  }
  EnrolledFacts facts;
  facts.devices = LockAndRead(transaction, serials, products, {});
  facts.certificates = ReadCertificatesOf(
      transaction, {tenant_id, {subjects.begin(), subjects.end()}});
  facts.permits = ReadPermits(transaction, tenant_id,
                              std::vector<PermitKey>(keys.begin(), keys.end()));
  return facts;
}

}  // namespace masa::storage
