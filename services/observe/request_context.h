// What every call carries through all floors: who traces it and until when an
// answer is of use. A value; copied freely.
#ifndef SERVICES_OBSERVE_REQUEST_CONTEXT_H_
#define SERVICES_OBSERVE_REQUEST_CONTEXT_H_

#include <string>

#include "absl/time/time.h"

namespace masa {

struct RequestContext {
  std::string request_id;   // appears in every log line of this call
  std::string traceparent;  // W3C trace context, empty when none came
  absl::Time deadline = absl::InfiniteFuture();
  // The id is this service's: the caller named none.
  bool is_id_made = false;
};

}  // namespace masa

#endif  // SERVICES_OBSERVE_REQUEST_CONTEXT_H_
