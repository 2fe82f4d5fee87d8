#include "load-tests/hammer/operator_work.h"

#include <algorithm>
#include <utility>

#include "load-tests/hammer/calls.h"
#include "load-tests/minted_requests.h"
#include "proto/masa/v1/device.grpc.pb.h"
#include "proto/masa/v1/voucher.grpc.pb.h"

namespace masa::hammer {
namespace {

using masa::v1::OwnershipService;
using masa::v1::ResolveOwnershipRequest;
using masa::v1::ResolveOwnershipResponse;
using masa::v1::VoucherService;

class ResolveWork final : public Operation {
 public:
  ResolveWork(const Work& work, int client, Connect connect,
              const std::vector<ResolveOwnershipRequest>& questions)
      : batch_(work.kind() == Work::KIND_RESOLVE_MANY ? BatchOf(work) : 0),
        one_shot_(work.one_shot()),
        connect_(std::move(connect)),
        stub_(OwnershipService::NewStub(connect_())),
        questions_(questions),
        next_(static_cast<size_t>(client) * 7919) {}

  absl::StatusOr<int> Run() override { return batch_ == 0 ? One() : Many(); }

 private:
  const ResolveOwnershipRequest& Next() {
    return questions_[next_++ % questions_.size()];
  }

  absl::StatusOr<int> One() {
    if (one_shot_) {
      stub_ = OwnershipService::NewStub(connect_());
    }
    grpc::ClientContext call;
    SetDeadline(call);
    ResolveOwnershipResponse response;
    absl::Status status =
        StatusOf(stub_->ResolveOwnership(&call, Next(), &response));
    status.Update(status.ok() ? CheckOwner(response) : absl::OkStatus());
    return status.ok() ? absl::StatusOr<int>(1) : status;
  }

  absl::StatusOr<int> Many() {
    grpc::ClientContext call;
    SetDeadline(call);
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
  const bool one_shot_;
  const Connect connect_;
  std::unique_ptr<OwnershipService::Stub> stub_;
  const std::vector<ResolveOwnershipRequest>& questions_;
  size_t next_;
};

class IssueWork final : public Operation {
 public:
  IssueWork(const Work& work, int first, int end, std::string pin_der,
            std::shared_ptr<grpc::Channel> channel, Journal& journal)
      : batch_(BatchOf(work)),
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
    SetDeadline(call);
    masa::v1::IssueVouchersRequest request;
    for (int i = 0; i < count; ++i) {
      *request.add_requests() = OrderFor(next_ + i, pin_der_);
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
  const int batch_;
  const int end_;
  const std::string pin_der_;
  const std::unique_ptr<VoucherService::Stub> stub_;
  Journal& journal_;
  int next_;
};

}  // namespace

std::unique_ptr<Operation> MakeResolveWork(
    const Work& work, int client, Connect connect,
    const std::vector<ResolveOwnershipRequest>& questions) {
  return std::make_unique<ResolveWork>(work, client, std::move(connect),
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
