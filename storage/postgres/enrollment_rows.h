// Enrolments of subjects that nobody has heard of, in two statements. Called
// within the body of a transaction; throws as libpqxx does.
#ifndef STORAGE_POSTGRES_ENROLLMENT_ROWS_H_
#define STORAGE_POSTGRES_ENROLLMENT_ROWS_H_

#include <pqxx/transaction_base>
#include <string>

#include "absl/types/span.h"
#include "storage/enrollment_plan.h"

namespace masa::storage {

// Whether nobody has heard of the subjects of these items, which are of one
// tenant, and there is one at least; and their products are there. Then the
// subjects are held against others until the transaction ends.
bool AddStrangers(pqxx::transaction_base& transaction,
                  absl::Span<const Enrollment* const> items);

// Writes all that the plan says, which was made from FactsOfStrangers, for
// items that AddStrangers has added.
void InsertStrangers(pqxx::transaction_base& transaction,
                     const std::string& tenant_id, const EnrollmentPlan& plan);

}  // namespace masa::storage

#endif  // STORAGE_POSTGRES_ENROLLMENT_ROWS_H_
