// What happens to gRPC calls, told to whoever counts them, so that metrics are
// made beside faces and clients and not inside them. Implementations are
// thread-safe and do not block: gRPC's own threads call them.
#ifndef SERVICES_OBSERVE_CALL_EVENTS_H_
#define SERVICES_OBSERVE_CALL_EVENTS_H_

#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace masa {

// Those of one method.
class MethodEvents {
 public:
  virtual ~MethodEvents() = default;

  virtual void Started() = 0;
  // One message: a unary call has one of each.
  virtual void Received() = 0;
  virtual void Sent() = 0;
  // `code` is gRPC's, from 0 to 16. `reason` is that of a refusal of ours, by
  // its name in the one list; else empty.
  virtual void Handled(int code, absl::string_view reason,
                       absl::Duration took) = 0;
};

class CallEvents {
 public:
  virtual ~CallEvents() = default;

  // `path` as it is on the wire: /masa.v1.DeviceService/GetDevice. A method
  // that nobody has named before shares its events with all such. They live as
  // long as this.
  virtual MethodEvents& Of(absl::string_view path) = 0;

  // A call was served although it lacked what its protocol asks for: `what`
  // names it, out of few.
  virtual void Forgave(absl::string_view what) = 0;
};

}  // namespace masa

#endif  // SERVICES_OBSERVE_CALL_EVENTS_H_
