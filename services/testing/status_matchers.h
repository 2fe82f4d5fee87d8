// Matchers for absl::Status and absl::StatusOr, named as upstream names them;
// the packaged abseil has none.
#ifndef SERVICES_TESTING_STATUS_MATCHERS_H_
#define SERVICES_TESTING_STATUS_MATCHERS_H_

#include <ostream>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "gmock/gmock.h"
#include "services/status/reason.h"

namespace masa::testing {

inline const absl::Status& StatusOf(const absl::Status& status) {
  return status;
}

template <typename T>
const absl::Status& StatusOf(const absl::StatusOr<T>& status_or) {
  return status_or.status();
}

// Holds for an OK status, and for a StatusOr with a value.
MATCHER(IsOk, negation ? "is not OK" : "is OK") {
  *result_listener << "which is " << StatusOf(arg).ToString();
  return StatusOf(arg).ok();
}

// Holds for a status of that code.
MATCHER_P(StatusIs, code,
          std::string(negation ? "has not" : "has") + " the code " +
              absl::StatusCodeToString(code)) {
  *result_listener << "which is " << StatusOf(arg).ToString();
  return StatusOf(arg).code() == code;
}

// Holds for a refusal with that reason.
MATCHER_P(HasReason, reason,
          std::string(negation ? "is not" : "is") + " refused with " +
              std::string(InfoOf(reason).name)) {
  *result_listener << "which is " << StatusOf(arg).ToString();
  return !StatusOf(arg).ok() && ReasonOf(StatusOf(arg)) == reason;
}

// Holds for a StatusOr whose value `inner` holds for.
MATCHER_P(IsOkAndHolds, inner,
          negation ? "is not OK, or holds something else"
                   : "is OK and holds what is expected") {
  if (!arg.ok()) {
    *result_listener << "which is " << arg.status().ToString();
    return false;
  }
  return ::testing::ExplainMatchResult(inner, *arg, result_listener);
}

}  // namespace masa::testing

#endif  // SERVICES_TESTING_STATUS_MATCHERS_H_
