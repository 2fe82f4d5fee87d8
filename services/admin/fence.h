// The one place of this room that meets Boost's exceptions.
#ifndef SERVICES_ADMIN_FENCE_H_
#define SERVICES_ADMIN_FENCE_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "services/executor/event_loop.h"

namespace masa::admin {

// A running event loop of one thread, or kMisconfigured when the system
// refuses a file descriptor or a thread.
absl::StatusOr<std::unique_ptr<EventLoop>> StartEventLoop(
    const std::string& name);

}  // namespace masa::admin

#endif  // SERVICES_ADMIN_FENCE_H_
