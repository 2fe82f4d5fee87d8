// Orders of many vouchers, towards a service that breaks streams off.
#include "services/masactl/voucher_orders.h"

#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "gmock/gmock.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/server.h"
#include "grpcpp/server_builder.h"
#include "gtest/gtest.h"

namespace masa::masactl {
namespace {

using masa::v1::StreamIssueVouchersRequest;
using masa::v1::StreamIssueVouchersResponse;
using ::testing::SizeIs;

// Refuses serial numbers that begin with "bad", and the first that begins with
// "later" once. Takes `takes` items of each of
// its first `cuts` streams, answers one less, and breaks off.
class Cutting final : public masa::v1::VoucherService::Service {
 public:
  Cutting(int cuts, int takes) : cuts_(cuts), takes_(takes) {}

  grpc::Status StreamIssueVouchers(
      grpc::ServerContext*,
      grpc::ServerReaderWriter<StreamIssueVouchersResponse,
                               StreamIssueVouchersRequest>* stream) override {
    absl::MutexLock lock(&mutex_);
    const bool cuts = cuts_-- > 0;
    StreamIssueVouchersRequest item;
    for (int taken = 1; stream->Read(&item); ++taken) {
      const auto& order = item.request();
      const std::string& serial = order.device().serial_number();
      request_ids_[serial].insert(order.request_id());
      if (cuts && taken >= takes_) {
        return {grpc::StatusCode::UNAVAILABLE, "cut"};
      }
      StreamIssueVouchersResponse answer;
      answer.set_correlation_id(item.correlation_id());
      if (serial.substr(0, 3) == "bad") {
        answer.mutable_status()->set_code(grpc::StatusCode::NOT_FOUND);
        answer.mutable_status()->set_message("there is no such device");
      } else if (serial.substr(0, 5) == "later" && !put_off_) {
        put_off_ = true;
        answer.mutable_status()->set_code(grpc::StatusCode::RESOURCE_EXHAUSTED);
        answer.mutable_status()->set_message("too many orders wait");
      } else {
        answer.mutable_value()->set_voucher("for " + serial);
      }
      stream->Write(answer);
    }
    return grpc::Status::OK;
  }

  // What each device's orders were called.
  std::map<std::string, std::set<std::string>> request_ids() {
    absl::MutexLock lock(&mutex_);
    return request_ids_;
  }

 private:
  absl::Mutex mutex_;
  int cuts_;
  const int takes_;
  bool put_off_ = false;
  std::map<std::string, std::set<std::string>> request_ids_;
};

// What each device got, in the order of the answers.
struct Said {
  absl::Status status;
  std::vector<std::string> vouchers, refusals;
};

Said Order(Cutting& service, const std::vector<std::string>& serials) {
  grpc::ServerBuilder builder;
  int port = 0;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(),
                           &port);
  builder.RegisterService(&service);
  const auto server = builder.BuildAndStart();
  masa::v1::IssueVoucherRequest order;
  order.set_est_onboarding(true);
  VoucherOrders orders(order,
                       grpc::CreateChannel(absl::StrCat("127.0.0.1:", port),
                                           grpc::InsecureChannelCredentials()));
  Said run;
  auto at = serials.begin();
  run.status = orders.Run(
      [&]() -> absl::StatusOr<std::optional<masa::v1::DeviceKey>> {
        if (at == serials.end()) {
          return std::optional<masa::v1::DeviceKey>();
        }
        masa::v1::DeviceKey key;
        key.set_serial_number(*at++);
        return std::optional<masa::v1::DeviceKey>(key);
      },
      [&](const auto& device, const auto& voucher) {
        if (voucher.ok()) {
          EXPECT_EQ(voucher->voucher(), "for " + device.serial_number());
          run.vouchers.push_back(device.serial_number());
        } else {
          run.refusals.push_back(absl::StrCat(device.serial_number(), ": ",
                                              voucher.status().message()));
        }
        return absl::OkStatus();
      });
  return run;
}

std::vector<std::string> Serials(int count) {
  std::vector<std::string> serials;
  for (int i = 0; i < count; ++i) {
    serials.push_back(absl::StrCat("S-", i));
  }
  return serials;
}

TEST(VoucherOrders, MoreThanMayBeUnansweredAreAllAnswered) {
  Cutting service(0, 0);
  const Said run = Order(service, Serials(1000));
  EXPECT_TRUE(run.status.ok()) << run.status;
  EXPECT_EQ(
      std::set<std::string>(run.vouchers.begin(), run.vouchers.end()).size(),
      1000u);
  EXPECT_THAT(run.vouchers, SizeIs(1000));
}

TEST(VoucherOrders, NothingIsAskedForWithoutDevices) {
  Cutting service(0, 0);
  EXPECT_TRUE(Order(service, {}).status.ok());
  EXPECT_TRUE(service.request_ids().empty());
}

TEST(VoucherOrders, ADeviceThatIsRefusedLeavesTheOthersAlone) {
  Cutting service(0, 0);
  const Said run = Order(service, {"S-1", "bad-1", "S-2"});
  EXPECT_TRUE(run.status.ok()) << run.status;
  EXPECT_THAT(run.vouchers, SizeIs(2));
  ASSERT_THAT(run.refusals, SizeIs(1));
  EXPECT_EQ(run.refusals[0].substr(0, 7), "bad-1: ");
}

// An order that the service has no place for is sent again, too.
TEST(VoucherOrders, WhatIsPutOffIsAskedForAgain) {
  Cutting service(0, 0);
  const Said run = Order(service, {"S-1", "later-1", "S-2"});
  EXPECT_TRUE(run.status.ok()) << run.status;
  EXPECT_THAT(run.vouchers, SizeIs(3));
  EXPECT_THAT(run.refusals, SizeIs(0));
}

// What was sent and not answered is sent again under the id of then.
TEST(VoucherOrders, AStreamThatBreaksOffCostsNoVoucherAndDoublesNone) {
  Cutting service(1, 3);
  const Said run = Order(service, Serials(10));
  EXPECT_TRUE(run.status.ok()) << run.status;
  EXPECT_THAT(run.vouchers, SizeIs(10));
  const auto ids = service.request_ids();
  EXPECT_THAT(ids, SizeIs(10));
  std::set<std::string> all;
  for (const auto& [serial, of] : ids) {
    EXPECT_THAT(of, SizeIs(1)) << serial;
    all.insert(of.begin(), of.end());
  }
  EXPECT_THAT(all, SizeIs(10));
}

}  // namespace
}  // namespace masa::masactl
