// Enrolments of subjects that nobody has heard of, in one statement. Called
// within the body of a transaction; throws as libpqxx does.
#ifndef STORAGE_POSTGRES_ENROLLMENT_ROWS_H_
#define STORAGE_POSTGRES_ENROLLMENT_ROWS_H_

#include <pqxx/transaction_base>
#include <string>

#include "storage/enrollment_plan.h"

namespace masa::storage {

// Whether the statement can write the plan, which was made from
// FactsOfStrangers: each certificate has one event, and its device is new.
bool IsOfStrangersAlone(const EnrollmentPlan& plan);

// Writes all that such a plan says, of one certificate at least, where nobody
// has heard of its subjects and their products are there; otherwise nothing
// but their serial numbers, and false. A statement that commits by itself may
// run twice: what the first one wrote is known to the second.
bool WriteStrangers(pqxx::transaction_base& transaction,
                    const std::string& tenant_id, const EnrollmentPlan& plan);

}  // namespace masa::storage

#endif  // STORAGE_POSTGRES_ENROLLMENT_ROWS_H_
