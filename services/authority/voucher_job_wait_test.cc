#include "services/authority/voucher_job_wait.h"

#include <atomic>
#include <memory>
#include <optional>
#include <string>

#include "absl/synchronization/notification.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/security/credentials.h"
#include "grpcpp/security/server_credentials.h"
#include "grpcpp/server_builder.h"
#include "gtest/gtest.h"
#include "proto/masa/v1/voucher_job.grpc.pb.h"

namespace masa::authority {
namespace {

using masa::v1::VoucherJobService;
constexpr char kName[] = "a.Service";

// A job that has ended when it is looked at for the second time.
class OneJob final : public VoucherJobService::CallbackService {
 public:
  explicit OneJob(const rpc::Serving& serving) : serving_(serving) {}

  grpc::ServerUnaryReactor* WaitVoucherJob(
      grpc::CallbackServerContext* call, const masa::v1::WaitVoucherJobRequest*,
      masa::v1::WaitVoucherJobResponse*) override {
    const std::shared_ptr<void> held(nullptr,
                                     [this](void*) { forgotten_.Notify(); });
    return ServeWait(
        {call, kName, std::nullopt,
         [this, held](const RequestContext&, const identity::Principal&)
             -> absl::StatusOr<bool> { return ++looks_ > 1; }},
        serving_, draining_);
  }

  bool Forgets() {
    return forgotten_.WaitForNotificationWithTimeout(absl::Seconds(10));
  }
  int looks() const { return looks_; }

 private:
  const rpc::Serving& serving_;
  const std::atomic<bool> draining_ = false;
  std::atomic<int> looks_ = 0;
  absl::Notification forgotten_;
};

TEST(ServeWait, KeepsNothingOfAWaitThatPaused) {
  const auto gate = rpc::Gate::Create(
      {kName}, {{kName, {"*"}}},
      [](const auto&) -> absl::StatusOr<identity::Principal> {
        return identity::Principal{identity::Role::kOperator, "o", "t", ""};
      });
  ASSERT_TRUE(gate.ok());
  Executor executor({});
  const rpc::Serving serving = {*gate, executor};
  OneJob job(serving);
  int port = 0;
  grpc::ServerBuilder builder;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(),
                           &port);
  builder.RegisterService(&job);
  const auto server = builder.BuildAndStart();
  const auto stub = VoucherJobService::NewStub(grpc::CreateChannel(
      "127.0.0.1:" + std::to_string(port), grpc::InsecureChannelCredentials()));
  grpc::ClientContext context;
  masa::v1::WaitVoucherJobResponse response;
  EXPECT_TRUE(stub->WaitVoucherJob(&context, {}, &response).ok());
  EXPECT_EQ(job.looks(), 2);
  EXPECT_TRUE(job.Forgets());
}

}  // namespace
}  // namespace masa::authority
