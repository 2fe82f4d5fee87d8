// What the listener `authority.api` tells of its calls beyond what is told of
// every gRPC call (call_events.h). Implementations are thread-safe and do not
// block.
#ifndef SERVICES_OBSERVE_API_EVENTS_H_
#define SERVICES_OBSERVE_API_EVENTS_H_

#include "absl/strings/string_view.h"

namespace masa {

// Who calls, as a class: nobody is known by it.
enum class CallerClass { kOperator, kCustomer };

class ApiEvents {
 public:
  virtual ~ApiEvents() = default;

  // A call of ovgs.v1 was admitted; `method` as in its proto: CreateGroup.
  virtual void OvgsCalled(absl::string_view method, CallerClass caller) = 0;

  // A customer's call of ovgs.v1 was about what is another's.
  virtual void OvgsProbed(absl::string_view method) = 0;

  // A call showed its token in a cookie and nowhere else; it need not be a good
  // one.
  virtual void CameByCookie() = 0;
};

// Listens to nothing.
class NoApiEvents final : public ApiEvents {
 public:
  void OvgsCalled(absl::string_view method, CallerClass caller) override {}
  void OvgsProbed(absl::string_view method) override {}
  void CameByCookie() override {}
};

}  // namespace masa

#endif  // SERVICES_OBSERVE_API_EVENTS_H_
