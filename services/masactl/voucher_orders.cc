#include "services/masactl/voucher_orders.h"

#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "google/rpc/status.pb.h"
#include "openssl/rand.h"
#include "services/masactl/service.h"
#include "services/status/macros.h"

namespace masa::masactl {
namespace {

using masa::v1::StreamIssueVouchersRequest;
using masa::v1::StreamIssueVouchersResponse;

// Less than the service lets be on its way, so that it always reads and neither
// side waits for the other.
constexpr size_t kMostUnanswered = 128;
constexpr absl::Duration kStreamTakes = absl::Minutes(10);
constexpr int kMostTries = 5;

std::string NewRunId() {
  std::string octets(16, '\0');
  RAND_bytes(reinterpret_cast<uint8_t*>(octets.data()), octets.size());
  return absl::BytesToHexString(octets);
}

// As the status of a call is read.
absl::Status StatusOf(const google::rpc::Status& status) {
  return masactl::StatusOf(
      grpc::Status(static_cast<grpc::StatusCode>(status.code()),
                   status.message(), status.SerializeAsString()));
}

bool Passes(const absl::Status& status) {
  return absl::IsUnavailable(status) || absl::IsAborted(status) ||
         absl::IsResourceExhausted(status) ||
         absl::IsDeadlineExceeded(status) || absl::IsCancelled(status);
}

}  // namespace

VoucherOrders::VoucherOrders(const masa::v1::IssueVoucherRequest& order,
                             std::shared_ptr<grpc::Channel> channel)
    : order_(order),
      stub_(masa::v1::VoucherService::NewStub(std::move(channel))),
      run_id_(NewRunId()) {}

absl::Status VoucherOrders::Run(const NextDevice& next, const Take& take) {
  for (int tries = 0; !ended_ || !unanswered_.empty();) {
    heard_ = false;
    const absl::Status status = RunStream(next, take);
    if (status.ok() && unanswered_.empty()) {
      continue;
    }
    tries = heard_ ? 1 : tries + 1;
    if (!Passes(status) || tries >= kMostTries) {
      return status;
    }
    absl::SleepFor(absl::Seconds(1 << tries));
  }
  return absl::OkStatus();
}

absl::Status VoucherOrders::RunStream(const NextDevice& next,
                                      const Take& take) {
  on_their_way_ = 0;
  grpc::ClientContext call;
  Prepare(&call, kStreamTakes);
  const auto stream = stub_->StreamIssueVouchers(&call);
  const absl::Status conversed = Converse(*stream, next, take);
  if (!conversed.ok()) {
    call.TryCancel();
    (void)stream->Finish();
    return conversed;
  }
  const absl::Status status = masactl::StatusOf(stream->Finish());
  return status.ok() && !unanswered_.empty()
             ? absl::UnavailableError("the service takes no more orders now")
             : status;
}

absl::Status VoucherOrders::Converse(Stream& stream, const NextDevice& next,
                                     const Take& take) {
  bool open = true;
  for (auto at = unanswered_.begin(); open && at != unanswered_.end(); ++at) {
    open = Send(stream, at->first);
  }
  masa::v1::StreamIssueVouchersResponse answer;
  while (open) {
    MASA_ASSIGN_OR_RETURN(open, SendMore(stream, next));
    open = open && on_their_way_ != 0 && stream.Read(&answer);
    if (open) {
      MASA_RETURN_IF_ERROR(TakeAnswer(answer, take));
    }
  }
  stream.WritesDone();
  while (stream.Read(&answer)) {
    MASA_RETURN_IF_ERROR(TakeAnswer(answer, take));
  }
  return absl::OkStatus();
}

bool VoucherOrders::Send(Stream& stream, const std::string& correlation_id) {
  StreamIssueVouchersRequest message;
  message.set_correlation_id(correlation_id);
  *message.mutable_request() = order_;
  *message.mutable_request()->mutable_device() = unanswered_.at(correlation_id);
  message.mutable_request()->set_request_id(
      absl::StrCat(run_id_, "-", correlation_id));
  ++on_their_way_;
  return stream.Write(message);
}

absl::StatusOr<bool> VoucherOrders::SendMore(Stream& stream,
                                             const NextDevice& next) {
  while (!ended_ && unanswered_.size() < kMostUnanswered) {
    MASA_ASSIGN_OR_RETURN(auto device, next());
    if (!device) {
      ended_ = true;
      break;
    }
    const std::string id = absl::StrCat(sent_++);
    unanswered_[id] = *std::move(device);
    if (!Send(stream, id)) {
      return false;
    }
  }
  return true;
}

absl::Status VoucherOrders::TakeAnswer(
    const StreamIssueVouchersResponse& answer, const Take& take) {
  const auto of = unanswered_.find(answer.correlation_id());
  if (of == unanswered_.end()) {
    return absl::InternalError("the service answered what was not asked");
  }
  --on_their_way_;
  const absl::Status status = StatusOf(answer.status());
  if (Passes(status)) {
    return absl::OkStatus();
  }
  heard_ = true;
  const masa::v1::DeviceKey device = std::move(of->second);
  unanswered_.erase(of);
  return status.ok() ? take(device, answer.value()) : take(device, status);
}

}  // namespace masa::masactl
