#include "services/issuance/enrollment_desk.h"

#include <future>
#include <memory>
#include <utility>

namespace masa::issuance {

absl::StatusOr<EstAnswer> EnrollmentDesk::AskOne(const EstCall& call) {
  // Shared: whoever responds may still hold it when this has returned.
  auto answer = std::make_shared<std::promise<absl::StatusOr<EstAnswer>>>();
  std::future<absl::StatusOr<EstAnswer>> answered = answer->get_future();
  std::vector<PendingEst> calls;
  calls.push_back({call, [answer](absl::StatusOr<EstAnswer> result) {
                     answer->set_value(std::move(result));
                   }});
  Ask(std::move(calls));
  return answered.get();
}

}  // namespace masa::issuance
