// The one place of this room that meets Boost's exceptions.
#ifndef SERVICES_FETCH_FENCE_H_
#define SERVICES_FETCH_FENCE_H_

#include <string>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"

namespace masa::fetch {

// What `body` returns, or kOverloaded when the system refuses it a file
// descriptor or a thread.
absl::StatusOr<std::string> Fenced(
    absl::FunctionRef<absl::StatusOr<std::string>()> body);

}  // namespace masa::fetch

#endif  // SERVICES_FETCH_FENCE_H_
