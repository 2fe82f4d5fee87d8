#include "services/issuance/registrar_desk.h"

#include <future>
#include <memory>
#include <utility>

namespace masa::issuance {

absl::StatusOr<RegistrarAnswer> RegistrarDesk::RequestVoucher(
    const RegistrarCall& call) {
  // Shared: whoever responds may still hold it when this has returned.
  auto answer =
      std::make_shared<std::promise<absl::StatusOr<RegistrarAnswer>>>();
  std::future<absl::StatusOr<RegistrarAnswer>> answered = answer->get_future();
  std::vector<PendingCall> calls;
  calls.push_back({call, [answer](absl::StatusOr<RegistrarAnswer> result) {
                     answer->set_value(std::move(result));
                   }});
  RequestVouchers(std::move(calls));
  return answered.get();
}

}  // namespace masa::issuance
