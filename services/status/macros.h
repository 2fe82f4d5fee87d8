// Return early on error. Written once because the packaged abseil has none.
#ifndef SERVICES_STATUS_MACROS_H_
#define SERVICES_STATUS_MACROS_H_

#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#define MASA_CONCAT_INNER_(a, b) a##b
#define MASA_CONCAT_(a, b) MASA_CONCAT_INNER_(a, b)

// Returns the status of `expression` from the caller when it is not OK.
#define MASA_RETURN_IF_ERROR(expression)      \
  do {                                        \
    absl::Status masa_status_ = (expression); \
    if (!masa_status_.ok()) {                 \
      return masa_status_;                    \
    }                                         \
  } while (false)

// Declares or assigns `target` from a StatusOr, or returns its status.
#define MASA_ASSIGN_OR_RETURN(target, expression) \
  MASA_ASSIGN_OR_RETURN_(MASA_CONCAT_(masa_or_, __LINE__), target, expression)
#define MASA_ASSIGN_OR_RETURN_(holder, target, expression) \
  auto holder = (expression);                              \
  if (!holder.ok()) {                                      \
    return std::move(holder).status();                     \
  }                                                        \
  target = std::move(holder).value()

#endif  // SERVICES_STATUS_MACROS_H_
