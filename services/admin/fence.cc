#include "services/admin/fence.h"

#include <exception>

#include "absl/strings/str_cat.h"
#include "services/status/reason.h"

namespace masa::admin {

absl::StatusOr<std::unique_ptr<EventLoop>> StartEventLoop(
    const std::string& name) {
  try {
    return std::make_unique<EventLoop>(name, 1);
  } catch (const std::exception& fault) {
    return Refuse(Reason::kMisconfigured,
                  absl::StrCat("the thread of ", name, ": ", fault.what()));
  }
}

}  // namespace masa::admin
