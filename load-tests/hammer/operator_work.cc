#include "load-tests/hammer/operator_work.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "absl/strings/str_cat.h"
#include "grpcpp/client_context.h"
#include "load-tests/minted_requests.h"
#include "proto/masa/v1/device.grpc.pb.h"
#include "proto/masa/v1/voucher.grpc.pb.h"

namespace masa::hammer {
namespace {

using masa::v1::OwnershipService;
using masa::v1::ResolveOwnershipRequest;
using masa::v1::ResolveOwnershipResponse;
using masa::v1::VoucherService;

constexpr auto kPatience = std::chrono::seconds(30);

absl::Status StatusOf(const grpc::Status& status) {
  return absl::Status(static_cast<absl::StatusCode>(status.error_code()),
                      status.error_message());
}

absl::Status CheckOwner(const ResolveOwnershipResponse& response) {
  return response.decision() == ResolveOwnershipResponse::DECISION_ALLOW
             ? absl::OkStatus()
             : absl::UnknownError(response.ShortDebugString());
}

class ResolveWork final : public Operation {
 public:
  ResolveWork(const Work& work, int client,
              std::shared_ptr<grpc::Channel> channel,
              const std::vector<ResolveOwnershipRequest>& questions)
      : batch_(work.kind() == Work::KIND_RESOLVE_MANY
                   ? std::max(1, work.batch())
                   : 0),
        stub_(OwnershipService::NewStub(std::move(channel))),
        questions_(questions),
        next_(static_cast<size_t>(client) * 7919) {}

  absl::StatusOr<int> Run() override { return batch_ == 0 ? One() : Many(); }

 private:
  const ResolveOwnershipRequest& Next() {
    return questions_[next_++ % questions_.size()];
  }

  absl::StatusOr<int> One() {
    grpc::ClientContext call;
    call.set_deadline(std::chrono::system_clock::now() + kPatience);
    ResolveOwnershipResponse response;
    absl::Status status =
        StatusOf(stub_->ResolveOwnership(&call, Next(), &response));
    status.Update(status.ok() ? CheckOwner(response) : absl::OkStatus());
    return status.ok() ? absl::StatusOr<int>(1) : status;
  }

  absl::StatusOr<int> Many() {
    grpc::ClientContext call;
    call.set_deadline(std::chrono::system_clock::now() + kPatience);
    masa::v1::ResolveOwnershipsRequest request;
    for (int i = 0; i < batch_; ++i) {
      *request.add_requests() = Next();
    }
    masa::v1::ResolveOwnershipsResponse response;
    absl::Status status =
        StatusOf(stub_->ResolveOwnerships(&call, request, &response));
    for (const auto& result : response.results()) {
      status.Update(CheckOwner(result.value()));
    }
    return status.ok() ? absl::StatusOr<int>(batch_) : status;
  }

  const int batch_;  // 0: one, in a call of its own
  const std::unique_ptr<OwnershipService::Stub> stub_;
  const std::vector<ResolveOwnershipRequest>& questions_;
  size_t next_;
};

class IssueWork final : public Operation {
 public:
  IssueWork(const Work& work, int first, int end, std::string pin_der,
            std::shared_ptr<grpc::Channel> channel, Journal& journal)
      : batch_(std::max(1, work.batch())),
        end_(end),
        pin_der_(std::move(pin_der)),
        stub_(VoucherService::NewStub(std::move(channel))),
        journal_(journal),
        next_(first) {}

  absl::StatusOr<int> Run() override {
    const int count = std::min(batch_, end_ - next_);
    if (count <= 0) {
      return absl::OutOfRangeError("all devices have a voucher");
    }
    grpc::ClientContext call;
    call.set_deadline(std::chrono::system_clock::now() + kPatience);
    masa::v1::IssueVouchersRequest request;
    for (int i = 0; i < count; ++i) {
      Add(next_ + i, request);
    }
    masa::v1::IssueVouchersResponse response;
    absl::Status status =
        StatusOf(stub_->IssueVouchers(&call, request, &response));
    for (int i = 0; status.ok() && i < response.results_size(); ++i) {
      const auto& result = response.results(i);
      if (!result.has_value()) {
        status = absl::UnknownError(result.status().message());
      } else {
        journal_.Given(SerialOf(next_ + i), result.value().voucher());
      }
    }
    next_ += count;
    return status.ok() ? absl::StatusOr<int>(count) : status;
  }

 private:
  void Add(int device, masa::v1::IssueVouchersRequest& request) const {
    auto& order = *request.add_requests();
    order.mutable_device()->set_serial_number(SerialOf(device));
    order.set_pinned_cert_der(pin_der_);
    order.set_nonce("MDEyMzQ1Njc4OWFiY2RlZg==");
    order.set_request_id(absl::StrCat("hammer-", device));
  }

  const int batch_;
  const int end_;
  const std::string pin_der_;
  const std::unique_ptr<VoucherService::Stub> stub_;
  Journal& journal_;
  int next_;
};

}  // namespace

std::unique_ptr<Operation> MakeResolveWork(
    const Work& work, int client, std::shared_ptr<grpc::Channel> channel,
    const std::vector<ResolveOwnershipRequest>& questions) {
  return std::make_unique<ResolveWork>(work, client, std::move(channel),
                                       questions);
}

std::unique_ptr<Operation> MakeIssueWork(const Work& work, int first, int end,
                                         std::string pin_der,
                                         std::shared_ptr<grpc::Channel> channel,
                                         Journal& journal) {
  return std::make_unique<IssueWork>(work, first, end, std::move(pin_der),
                                     std::move(channel), journal);
}

}  // namespace masa::hammer
