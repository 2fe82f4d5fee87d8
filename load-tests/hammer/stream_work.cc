#include "load-tests/hammer/stream_work.h"

#include <utility>

#include "grpcpp/impl/codegen/proto_utils.h"
#include "load-tests/hammer/calls.h"
#include "load-tests/minted_requests.h"
#include "load-tests/stream_load.h"

namespace masa::hammer {
namespace {

using grpc::ByteBuffer;
using masa::v1::ResolveOwnershipRequest;
using masa::v1::StreamIssueVouchersRequest;
using masa::v1::StreamIssueVouchersResponse;
using masa::v1::StreamResolveOwnershipRequest;
using masa::v1::StreamResolveOwnershipResponse;

// What the service takes of a stream at once: voucher.proto, device.proto.
constexpr size_t kOrdersOnTheirWay = 256;
constexpr size_t kQuestionsOnTheirWay = 64;
constexpr int kRounds = 8;  // streams of questions before they come again

ByteBuffer OctetsOf(const std::string& message) {
  const grpc::Slice slice(message);
  return ByteBuffer(&slice, 1);
}

template <typename Response>
bool Parse(ByteBuffer& octets, Response* response) {
  return grpc::SerializationTraits<Response>::Deserialize(&octets, response)
      .ok();
}

// Streams that were made ahead.
struct Streams {
  std::string method;
  std::vector<std::vector<ByteBuffer>> items;
  size_t on_their_way = 0;
  bool again = false;  // round and round
  CheckAnswer check;
};

class StreamWork final : public Operation {
 public:
  StreamWork(Streams streams, std::shared_ptr<grpc::Channel> channel)
      : streams_(std::move(streams)), channels_({std::move(channel)}) {}

  absl::StatusOr<int> Run() override {
    if (next_ == streams_.items.size()) {
      if (!streams_.again || next_ == 0) {
        return absl::OutOfRangeError("all devices have a voucher");
      }
      next_ = 0;
    }
    const auto& items = streams_.items[next_++];
    const StreamResult result =
        RunStreams(channels_, streams_.method, items, streams_.on_their_way,
                   streams_.check);
    return result.fault.empty()
               ? absl::StatusOr<int>(static_cast<int>(items.size()))
               : absl::UnknownError(result.fault);
  }

 private:
  const Streams streams_;
  const std::vector<std::shared_ptr<grpc::Channel>> channels_;
  size_t next_ = 0;
};

std::string CheckDecision(ByteBuffer& octets) {
  StreamResolveOwnershipResponse answer;
  if (!Parse(octets, &answer)) {
    return "an answer is no message";
  }
  return std::string(CheckOwner(answer.value()).message());
}

// The serial number comes back as the item's correlation_id.
std::string TakeVoucher(ByteBuffer& octets, Journal& journal) {
  StreamIssueVouchersResponse answer;
  if (!Parse(octets, &answer)) {
    return "an answer is no message";
  }
  if (!answer.has_value()) {
    return "no voucher: " + answer.status().message();
  }
  journal.Given(answer.correlation_id(), answer.value().voucher());
  return "";
}

}  // namespace

std::unique_ptr<Operation> MakeStreamResolveWork(
    const Work& work, int client, std::shared_ptr<grpc::Channel> channel,
    const std::vector<ResolveOwnershipRequest>& questions) {
  Streams streams;
  streams.method = "/masa.v1.OwnershipService/StreamResolveOwnership";
  streams.on_their_way = kQuestionsOnTheirWay;
  streams.again = true;
  streams.check = CheckDecision;
  size_t next = static_cast<size_t>(client) * 7919;
  for (int round = 0; round < kRounds; ++round) {
    auto& items = streams.items.emplace_back();
    for (int i = 0; i < BatchOf(work); ++i) {
      StreamResolveOwnershipRequest item;
      item.set_correlation_id(std::to_string(i));
      *item.mutable_request() = questions[next++ % questions.size()];
      items.push_back(OctetsOf(item.SerializeAsString()));
    }
  }
  return std::make_unique<StreamWork>(std::move(streams), std::move(channel));
}

std::unique_ptr<Operation> MakeStreamIssueWork(
    const Work& work, int first, int end, const std::string& pin_der,
    std::shared_ptr<grpc::Channel> channel, Journal& journal) {
  Streams streams;
  streams.method = "/masa.v1.VoucherService/StreamIssueVouchers";
  streams.on_their_way = kOrdersOnTheirWay;
  streams.check = [&journal](ByteBuffer& octets) {
    return TakeVoucher(octets, journal);
  };
  const int batch = BatchOf(work);
  for (int from = first; from + batch <= end; from += batch) {
    auto& items = streams.items.emplace_back();
    for (int i = from; i < from + batch; ++i) {
      StreamIssueVouchersRequest item;
      item.set_correlation_id(SerialOf(i));
      *item.mutable_request() = OrderFor(i, pin_der);
      items.push_back(OctetsOf(item.SerializeAsString()));
    }
  }
  return std::make_unique<StreamWork>(std::move(streams), std::move(channel));
}

}  // namespace masa::hammer
