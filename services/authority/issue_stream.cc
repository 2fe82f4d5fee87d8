#include "services/authority/issue_stream.h"

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "grpcpp/impl/codegen/proto_utils.h"
#include "proto/masa/v1/voucher.grpc.pb.h"
#include "services/authority/convert.h"
#include "services/authority/ownership_calls.h"
#include "services/authority/voucher_calls.h"
#include "services/rpc/answer_stream.h"
#include "services/status/field_faults.h"
#include "services/status/macros.h"
#include "services/status/reason.h"

namespace masa::authority {
namespace {

using grpc::ByteBuffer;
using Request = masa::v1::StreamIssueVouchersRequest;
using Response = masa::v1::StreamIssueVouchersResponse;

// Enough for batches that fill while others are signed and committed.
constexpr size_t kMostOnTheirWay = 256;
constexpr size_t kLongestCorrelationId = 128;

// An order that translates, or not, under its client's id.
struct Item {
  std::string correlation_id;
  absl::StatusOr<issuance::IssueOrder> order;
};

Item Read(ByteBuffer& octets) {
  Request request;
  if (!grpc::SerializationTraits<Request>::Deserialize(&octets, &request)
           .ok()) {
    return {"", Refuse(Reason::kMalformed,
                       "this is no StreamIssueVouchersRequest")};
  }
  if (request.correlation_id().size() > kLongestCorrelationId) {
    return {"",
            AtField(Refuse(Reason::kInvalidArgument, "has at most 128 octets"),
                    "correlation_id")};
  }
  auto order = OrderOf(request.request());
  if (!order.ok()) {
    order = UnderField(order.status(), "request");
  }
  return {std::move(*request.mutable_correlation_id()), std::move(order)};
}

ByteBuffer AnswerOf(const std::string& correlation_id,
                    absl::StatusOr<storage::Committed> outcome,
                    rpc::ItemFaults& faults) {
  Response response;
  response.set_correlation_id(correlation_id);
  SetStatus(outcome.status(), faults, response.mutable_status());
  if (outcome.ok()) {
    Fill(*std::move(outcome), response.mutable_value());
  }
  ByteBuffer octets;
  bool own = false;
  grpc::SerializationTraits<Response>::Serialize(response, &octets, &own);
  return octets;
}

}  // namespace

grpc::ServerBidiReactor<ByteBuffer, ByteBuffer>* ServeIssueStream(
    grpc::CallbackServerContext* context, const rpc::Serving& serving,
    issuance::VoucherDesk& desk) {
  return new rpc::AnswerStream<ByteBuffer, ByteBuffer>(
      context, serving, masa::v1::VoucherService::service_full_name(),
      kMostOnTheirWay,
      [&desk](const RequestContext& ours, const identity::Principal& caller,
              ByteBuffer& octets, rpc::ItemFaults& faults,
              std::function<void(ByteBuffer)> answer) {
        Item item = Read(octets);
        if (!item.order.ok()) {
          answer(AnswerOf(item.correlation_id, item.order.status(), faults));
          return;
        }
        std::vector<issuance::PendingOrder> calls;
        calls.push_back({ours, caller, *std::move(item.order),
                         [id = std::move(item.correlation_id), &faults,
                          answer = std::move(answer)](
                             absl::StatusOr<storage::Committed> outcome) {
                           if (!outcome.ok()) {
                             outcome = FieldsUnder(outcome.status(), "request");
                           }
                           answer(AnswerOf(id, std::move(outcome), faults));
                         }});
        desk.Issue(std::move(calls));
      });
}

}  // namespace masa::authority
