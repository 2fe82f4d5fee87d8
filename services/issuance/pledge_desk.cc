#include "services/issuance/pledge_desk.h"

#include <future>
#include <memory>
#include <utility>

namespace masa::issuance {

absl::StatusOr<PledgeAnswer> PledgeDesk::AskOne(const PledgeCall& call) {
  // Shared: whoever responds may still hold it when this has returned.
  auto answer = std::make_shared<std::promise<absl::StatusOr<PledgeAnswer>>>();
  std::future<absl::StatusOr<PledgeAnswer>> answered = answer->get_future();
  std::vector<PendingPledge> calls;
  calls.push_back({call, [answer](absl::StatusOr<PledgeAnswer> result) {
                     answer->set_value(std::move(result));
                   }});
  Ask(std::move(calls));
  return answered.get();
}

}  // namespace masa::issuance
