// What becomes of enrolments, given what is stored: one place, so that all
// stores decide alike. Pure.
#ifndef STORAGE_ENROLLMENT_PLAN_H_
#define STORAGE_ENROLLMENT_PLAN_H_

#include <cstddef>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "storage/audit_event.h"
#include "storage/certificate_store.h"
#include "storage/device_changes.h"

namespace masa::storage {

// Whose permit it is: subject and token.
using PermitKey = std::pair<std::string, std::string>;

// What is stored of the subjects of one tenant.
struct EnrolledFacts {
  StoredFacts devices;
  std::vector<IssuedCertificate> certificates;
  std::map<PermitKey, Permit> permits;
};

struct EnrollmentPlan {
  std::vector<absl::StatusOr<CommittedEnrollment>> outcomes;
  std::vector<size_t> written;         // whose certificates are to be written
  std::vector<SignedStatus> statuses;  // of those, in their order
  std::vector<Device> devices;         // as they shall stand
  std::vector<PermitKey> used;
  std::vector<AuditEvent> events;
};

// Of items of one tenant. Each is decided after those before it.
EnrollmentPlan PlanEnrollments(absl::Span<const Enrollment* const> items,
                               EnrolledFacts facts,
                               const std::string& request_id);

// The certificates to be written, of the plan's own outcomes.
std::vector<const IssuedCertificate*> WrittenBy(const EnrollmentPlan& plan);

// What is stored of subjects that nobody has heard of: their products alone.
EnrolledFacts FactsOfStrangers(absl::Span<const Enrollment* const> items);

// Whether the item can be written as a stranger's: a first certificate, without
// a token, of a device of which no more is said than the certificate does, and
// its product.
bool IsOfStranger(const Enrollment& item);

}  // namespace masa::storage

#endif  // STORAGE_ENROLLMENT_PLAN_H_
