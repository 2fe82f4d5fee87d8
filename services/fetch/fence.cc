#include "services/fetch/fence.h"

#include <exception>

#include "absl/strings/str_cat.h"
#include "services/status/reason.h"

namespace masa::fetch {

absl::StatusOr<std::string> Fenced(
    absl::FunctionRef<absl::StatusOr<std::string>()> body) {
  try {
    return body();
  } catch (const std::exception& fault) {
    return Refuse(Reason::kOverloaded,
                  absl::StrCat("the fetch cannot be made: ", fault.what()));
  }
}

}  // namespace masa::fetch
