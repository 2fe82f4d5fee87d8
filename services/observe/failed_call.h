// A gRPC call that ended with a fault of this service's own, or items of one,
// told to whoever writes the log: its caller hears no more than the id to find
// it by.
#ifndef SERVICES_OBSERVE_FAILED_CALL_H_
#define SERVICES_OBSERVE_FAILED_CALL_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"

namespace masa {

struct FailedCall {
  std::string service;  // whole, as masa.v1.DeviceService
  std::string request_id;
  std::string traceparent;  // empty when none came
  absl::Status status;      // whole, for the log: never shown outside
  // So many of its items ended so by now, this one among them; 0: the call did.
  uint64_t items = 0;
};

}  // namespace masa

#endif  // SERVICES_OBSERVE_FAILED_CALL_H_
