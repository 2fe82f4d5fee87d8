// The one place of this room that meets Boost's exceptions.
#ifndef SERVICES_EDGE_FENCE_H_
#define SERVICES_EDGE_FENCE_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "services/executor/event_loop.h"

namespace masa::edge {

// A running event loop, or kMisconfigured when the system refuses a file
// descriptor or a thread.
absl::StatusOr<std::unique_ptr<EventLoop>> StartEventLoop(
    const std::string& name, int threads);

}  // namespace masa::edge

#endif  // SERVICES_EDGE_FENCE_H_
