#include "services/edge/fence.h"

#include <exception>

#include "absl/strings/str_cat.h"
#include "services/status/reason.h"

namespace masa::edge {

absl::StatusOr<std::unique_ptr<EventLoop>> StartEventLoop(
    const std::string& name, int threads) {
  try {
    return std::make_unique<EventLoop>(name, threads);
  } catch (const std::exception& fault) {
    return Refuse(Reason::kMisconfigured,
                  absl::StrCat("threads of ", name, ": ", fault.what()));
  }
}

}  // namespace masa::edge
