// What enrolments are decided by, as it stands. Called within the body of a
// transaction; throws as libpqxx does.
#ifndef STORAGE_POSTGRES_ENROLLMENT_FACTS_H_
#define STORAGE_POSTGRES_ENROLLMENT_FACTS_H_

#include <map>
#include <pqxx/transaction_base>
#include <string>
#include <vector>

#include "absl/types/span.h"
#include "storage/certificate_store.h"
#include "storage/enrollment_plan.h"

namespace masa::storage {

// The facts of one tenant's subjects.
struct TenantFacts {
  std::map<std::string, EnrollmentFacts> by_subject;
  std::map<PermitKey, Permit> permits;
};

TenantFacts ReadFacts(pqxx::transaction_base& transaction,
                      const std::string& tenant_id,
                      const std::vector<const EnrollmentQuestion*>& questions);

// What the facts say to one question.
EnrollmentFacts FactsOf(const TenantFacts& facts,
                        const EnrollmentQuestion& question);

// Of items of one tenant, of which there is one. Holds the subjects against
// others until the transaction ends.
EnrolledFacts LockFacts(pqxx::transaction_base& transaction,
                        absl::Span<const Enrollment* const> items);

}  // namespace masa::storage

#endif  // STORAGE_POSTGRES_ENROLLMENT_FACTS_H_
