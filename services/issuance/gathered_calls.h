// What gathered calls have in common: a context each, and somebody who hears
// the outcome (PendingResolve, PendingOrder).
#ifndef SERVICES_ISSUANCE_GATHERED_CALLS_H_
#define SERVICES_ISSUANCE_GATHERED_CALLS_H_

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "services/observe/request_context.h"
#include "services/status/reason.h"

namespace masa::issuance {

// What a statement for all of them carries: it is worth its work while anybody
// waits for it. `calls` has one at least.
template <typename Call>
RequestContext SharedContext(const std::vector<Call>& calls) {
  RequestContext shared = calls.front().context;
  for (const Call& call : calls) {
    shared.deadline = std::max(shared.deadline, call.context.deadline);
  }
  return shared;
}

// What waited past its deadline is refused with kDeadlineExceeded; the others
// remain, in their order.
template <typename Call>
std::vector<Call> StillWaiting(std::vector<Call> calls, absl::Time now) {
  const auto waits = [now](const Call& call) {
    return call.context.deadline > now;
  };
  if (std::all_of(calls.begin(), calls.end(), waits)) {
    return calls;  // nearly always
  }
  std::vector<Call> open;
  for (Call& call : calls) {
    if (waits(call)) {
      open.push_back(std::move(call));
    } else {
      call.respond(Refuse(Reason::kDeadlineExceeded,
                          "the call's deadline passed before it was begun"));
    }
  }
  return open;
}

}  // namespace masa::issuance

#endif  // SERVICES_ISSUANCE_GATHERED_CALLS_H_
