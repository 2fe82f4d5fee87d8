// Refusals that say which fields of a request are wrong, and refusals whose
// code another protocol fixes. Pure.
#ifndef SERVICES_STATUS_FIELD_FAULTS_H_
#define SERVICES_STATUS_FIELD_FAULTS_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "services/status/reason.h"

namespace masa {

struct FieldFault {
  std::string field;  // as in the .proto file: components[3].serial_number
  std::string description;

  bool operator==(const FieldFault&) const = default;
};

// A refusal whose message names all of `faults`, of which there is one.
absl::Status RefuseFields(Reason reason, const std::vector<FieldFault>& faults);

// `status`, said to be about `field` of the request.
absl::Status AtField(const absl::Status& status, const std::string& field);

// What is attached to `status`, in order.
std::vector<FieldFault> FieldFaultsOf(const absl::Status& status);

// The same refusal under a code that is not the table's, for a protocol that
// says of one reason this here and that there.
absl::Status Recode(const absl::Status& status, absl::StatusCode code);

// Gathers what is wrong with a request, so that a caller hears all at once.
class FieldChecker {
 public:
  void Fault(const std::string& field, const std::string& description) {
    faults_.push_back({field, description});
  }
  void Need(const std::string& field, bool is_there) {
    if (!is_there) {
      Fault(field, "is needed");
    }
  }
  // kInvalidArgument when there was a fault.
  absl::Status Finish() const;

 private:
  std::vector<FieldFault> faults_;
};

}  // namespace masa

#endif  // SERVICES_STATUS_FIELD_FAULTS_H_
