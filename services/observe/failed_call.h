// A gRPC call that ended with a fault of this service's own, told to whoever
// writes the log: its caller hears no more than the id to find it by.
#ifndef SERVICES_OBSERVE_FAILED_CALL_H_
#define SERVICES_OBSERVE_FAILED_CALL_H_

#include <string>

#include "absl/status/status.h"

namespace masa {

struct FailedCall {
  std::string service;  // whole, as masa.v1.DeviceService
  std::string request_id;
  std::string traceparent;  // empty when none came
  absl::Status status;      // whole, for the log: never shown outside
};

}  // namespace masa

#endif  // SERVICES_OBSERVE_FAILED_CALL_H_
