#include "load-tests/hammer/calls.h"

#include <algorithm>
#include <chrono>

#include "absl/strings/str_cat.h"
#include "load-tests/minted_requests.h"

namespace masa::hammer {

void SetDeadline(grpc::ClientContext& call) {
  call.set_deadline(std::chrono::system_clock::now() +
                    std::chrono::seconds(30));
}

absl::Status StatusOf(const grpc::Status& status) {
  return absl::Status(static_cast<absl::StatusCode>(status.error_code()),
                      status.error_message());
}

int BatchOf(const Work& work) { return std::max(1, work.batch()); }

absl::Status CheckOwner(const masa::v1::ResolveOwnershipResponse& response) {
  return response.decision() ==
                 masa::v1::ResolveOwnershipResponse::DECISION_ALLOW
             ? absl::OkStatus()
             : absl::UnknownError(response.ShortDebugString());
}

masa::v1::IssueVoucherRequest OrderFor(int device, const std::string& pin_der) {
  masa::v1::IssueVoucherRequest order;
  order.mutable_device()->set_serial_number(SerialOf(device));
  order.set_pinned_cert_der(pin_der);
  order.set_nonce("MDEyMzQ1Njc4OWFiY2RlZg==");
  order.set_request_id(absl::StrCat("hammer-", device));
  return order;
}

}  // namespace masa::hammer
