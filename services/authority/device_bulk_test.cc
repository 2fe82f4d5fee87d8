// Changes of many devices in one call, over a socket.
#include <string>

#include "gtest/gtest.h"
#include "proto/masa/v1/device.grpc.pb.h"
#include "services/authority/test_api.h"
#include "services/rpc/channel.h"
#include "services/rpc/status_codec.h"

namespace masa::authority {
namespace {

using masa::v1::DeviceService;

class BulkApi : public Api {
 protected:
  template <typename Response, typename Request, typename Method>
  grpc::Status Ask(const Method& method, const Request& request,
                   Response* response) {
    grpc::ClientContext call;
    rpc::Carry({}, &call);
    const auto stub = DeviceService::NewStub(ChannelOf("operator"));
    return ((*stub).*method)(&call, request, response);
  }

  static std::string ReasonIn(const grpc::Status& status) {
    const absl::Status ours =
        rpc::FromGrpc(status, absl::UnavailableError("unreachable"));
    return ours.ok() ? "OK" : std::string(InfoOf(ReasonOf(ours)).name);
  }
};

TEST_F(BulkApi, AssignmentsAndBlocksAreSafeToSendAgain) {
  masa::v1::AssignDevicesRequest assign;
  assign.add_devices()->set_serial_number(issuance::kSerial);
  assign.add_devices()->set_serial_number("none");
  assign.set_organization_id("org-acme");
  assign.set_request_id("id-1");
  assign.set_validate_only(true);
  masa::v1::AssignDevicesResponse assigned;
  const auto owner = [this] {
    return store_.Find({}, {{{"acme", issuance::kSerial, {}}, ""}})[0]
        ->device.organization_id;
  };
  const auto ask = [&] {
    return ReasonIn(
        Ask(&DeviceService::Stub::AssignDevices, assign, &assigned));
  };
  ASSERT_EQ(ask(), "OK");
  EXPECT_EQ(assigned.outcomes(0).reason(), "");
  EXPECT_EQ(assigned.outcomes(1).reason(), "DEVICE_UNKNOWN");
  EXPECT_EQ(owner(), "");
  assign.set_validate_only(false);
  const size_t before = store_.Events().size();
  std::string first;
  for (int i = 0; i < 2; ++i) {
    ASSERT_EQ(ask(), "OK");
    EXPECT_EQ(owner(), "org-acme");
    EXPECT_EQ(store_.Events().size(), before + 1);
    first = i == 0 ? assigned.SerializeAsString() : first;
    EXPECT_EQ(assigned.SerializeAsString(), first);
  }
  assign.set_organization_id("org-other");
  EXPECT_EQ(ask(), "REQUEST_ID_REUSED");
  masa::v1::BlockDevicesRequest block;
  block.add_devices()->set_serial_number(issuance::kSerial);
  block.set_request_id("id-1");
  masa::v1::BlockDevicesResponse blocked;
  EXPECT_EQ(ReasonIn(Ask(&DeviceService::Stub::BlockDevices, block, &blocked)),
            "REQUEST_ID_REUSED");
  block.set_request_id("id-2");
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(
        ReasonIn(Ask(&DeviceService::Stub::BlockDevices, block, &blocked)),
        "OK");
    EXPECT_EQ(store_.Events().size(), before + 2);
  }
}

TEST_F(BulkApi, ABatchIsCreatedInItsOrder) {
  masa::v1::BatchCreateDevicesRequest request;
  for (const char* serial : {"B-2", "B-1"}) {
    auto* device = request.add_devices();
    device->set_serial_number(serial);
    device->set_product_id("default");
  }
  request.set_request_id("batch");
  masa::v1::BatchCreateDevicesResponse response;
  const size_t before = store_.Events().size();
  for (int i = 0; i < 2; ++i) {  // the second one is a repeat
    ASSERT_EQ(ReasonIn(Ask(&DeviceService::Stub::BatchCreateDevices, request,
                           &response)),
              "OK");
    ASSERT_EQ(response.devices_size(), 2);
    EXPECT_EQ(response.devices(0).serial_number(), "B-2");
    EXPECT_TRUE(response.devices(0).has_create_time());
    EXPECT_EQ(response.devices(0).create_time().seconds(),
              response.devices(0).update_time().seconds());
    EXPECT_EQ(store_.Events().size(), before + 2);
  }
  for (int i = 0; i < 1000; ++i) {
    request.add_devices();
  }
  request.clear_request_id();
  EXPECT_EQ(ReasonIn(Ask(&DeviceService::Stub::BatchCreateDevices, request,
                         &response)),
            "TOO_MANY_ITEMS");
}

}  // namespace
}  // namespace masa::authority
