// GroupService.PlaceDevices over a socket.
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "proto/masa/v1/organization.grpc.pb.h"
#include "services/authority/test_api.h"
#include "services/authority/test_fields.h"
#include "services/rpc/channel.h"
#include "services/rpc/status_codec.h"
#include "storage/audit_kinds.h"

namespace masa::authority {
namespace {

using masa::v1::GroupService;
using Names = std::vector<std::string>;

constexpr char kOwned[] = "OWNED-1";

class PlacesApi : public Api {
 protected:
  PlacesApi() { north_ = NewGroup("acme", "org-acme"); }

  template <typename Request, typename Response>
  grpc::Status Ask(const std::string& who,
                   grpc::Status (GroupService::Stub::*method)(
                       grpc::ClientContext*, const Request&, Response*),
                   const Request& request, Response* response) {
    grpc::ClientContext context;
    rpc::Carry({}, &context);
    const auto stub = GroupService::NewStub(ChannelOf(who));
    return (stub.get()->*method)(&context, request, response);
  }

  std::string NewGroup(const std::string& who, const std::string& parent) {
    masa::v1::CreateGroupRequest request;
    request.set_parent_id(parent);
    request.set_description("North");
    masa::v1::CreateGroupResponse response;
    EXPECT_TRUE(
        Ask(who, &GroupService::Stub::CreateGroup, request, &response).ok());
    return response.group().group_id();
  }

  static masa::v1::PlaceDevicesRequest Order(const Names& serials,
                                             const std::string& group) {
    masa::v1::PlaceDevicesRequest request;
    for (const std::string& serial : serials) {
      request.add_devices()->set_serial_number(serial);
    }
    request.set_group_id(group);
    return request;
  }

  // The reason of each outcome, empty for OK; or that of the whole call, with
  // the fields that it names.
  Names Place(const std::string& who,
              const masa::v1::PlaceDevicesRequest& request) {
    const grpc::Status status =
        Ask(who, &GroupService::Stub::PlaceDevices, request, &response_);
    if (!status.ok()) {
      const absl::Status ours =
          rpc::FromGrpc(status, absl::UnavailableError("unreachable"));
      return {std::string(InfoOf(ReasonOf(ours)).name), FieldsIn(status)};
    }
    Names reasons;
    for (const masa::v1::ItemOutcome& outcome : response_.outcomes()) {
      reasons.push_back(outcome.reason());
    }
    return reasons;
  }

  std::string GroupOf(const std::string& serial) {
    return store_.Find({}, {{{"acme", serial, {}}, ""}})[0]->device.group_id;
  }

  int Placed() const {
    int placed = 0;
    for (const storage::AuditEvent& event : store_.Events()) {
      placed += event.kind == storage::kDevicePlaced ? 1 : 0;
    }
    return placed;
  }

  std::string north_;
  masa::v1::PlaceDevicesResponse response_;
};

TEST_F(PlacesApi, ADeviceGoesIntoAGroupAndOutOfIt) {
  ASSERT_EQ(Place("acme", Order({kOwned}, north_)), Names{""});
  EXPECT_EQ(GroupOf(kOwned), north_);
  EXPECT_EQ(Place("acme", Order({kOwned}, north_)), Names{""});
  EXPECT_EQ(Placed(), 1) << "it was there already";
  ASSERT_EQ(Place("operator", Order({kOwned}, "org-acme")), Names{""});
  EXPECT_EQ(GroupOf(kOwned), "");
  EXPECT_EQ(Place("acme", Order({kOwned}, "org-acme")), Names{""});
  EXPECT_EQ(Placed(), 2);
}

TEST_F(PlacesApi, EachDeviceHasItsOutcome) {
  // kSerial is nobody's.
  ASSERT_EQ(
      Place("acme", Order({kOwned, "none", issuance::kSerial, kOwned}, north_)),
      (Names{"", "DEVICE_UNKNOWN", "DEVICE_UNKNOWN", ""}));
  EXPECT_EQ(response_.outcomes(1).message(), response_.outcomes(2).message());
  EXPECT_EQ(Placed(), 1) << "one device, named twice";
  EXPECT_EQ(Place("operator", Order({issuance::kSerial, "none"}, north_)),
            (Names{"PERMISSION_DENIED", "DEVICE_UNKNOWN"}));
}

TEST_F(PlacesApi, WhatIsForeignIsUnknown) {
  const std::string others = NewGroup("other", "org-other");
  const Names not_found = {"GROUP_NOT_FOUND", ""};
  for (const std::string& group :
       {others, std::string("org-other"), std::string("group-none")}) {
    EXPECT_EQ(Place("acme", Order({kOwned}, group)), not_found) << group;
  }
  for (const char* who : {"other", "nobody", "foreign"}) {
    for (const std::string& group : {north_, std::string("org-acme")}) {
      EXPECT_EQ(Place(who, Order({kOwned}, group)), not_found) << who;
    }
  }
  // In a group of one's own, too.
  EXPECT_EQ(Place("other", Order({kOwned, "none"}, others)),
            (Names{"DEVICE_UNKNOWN", "DEVICE_UNKNOWN"}));
  EXPECT_EQ(response_.outcomes(0).message(), response_.outcomes(1).message());
  EXPECT_EQ(Place("other", Order({kOwned}, "org-other")),
            Names{"DEVICE_UNKNOWN"});
  EXPECT_EQ(GroupOf(kOwned), "");
  EXPECT_EQ(Placed(), 0);
}

TEST_F(PlacesApi, WhatIsOnlyCheckedIsNotDone) {
  masa::v1::PlaceDevicesRequest order = Order({kOwned, "none"}, north_);
  order.set_validate_only(true);
  EXPECT_EQ(Place("acme", order), (Names{"", "DEVICE_UNKNOWN"}));
  EXPECT_EQ(GroupOf(kOwned), "");
  EXPECT_EQ(Placed(), 0);
}

TEST_F(PlacesApi, ARepeatChangesNothingAndAnotherCallIsRefused) {
  masa::v1::PlaceDevicesRequest order = Order({kOwned, "none"}, north_);
  order.set_request_id("once");
  const Names first = Place("acme", order);
  EXPECT_EQ(first, (Names{"", "DEVICE_UNKNOWN"}));
  ASSERT_EQ(Place("acme", Order({kOwned}, "org-acme")), Names{""});
  EXPECT_EQ(Place("acme", order), first);
  EXPECT_EQ(GroupOf(kOwned), "");
  order.set_group_id("org-acme");
  EXPECT_EQ(Place("acme", order), (Names{"REQUEST_ID_REUSED", ""}));
}

TEST_F(PlacesApi, RefusedFieldsAreNamed) {
  EXPECT_EQ(Place("acme", Order({kOwned}, "")),
            (Names{"INVALID_ARGUMENT", "group_id"}));
  EXPECT_EQ(Place("acme", Order({}, north_)),
            (Names{"TOO_MANY_ITEMS", "devices"}));
  EXPECT_EQ(Place("acme", Order(Names(1001, kOwned), north_)),
            (Names{"TOO_MANY_ITEMS", "devices"}));
  EXPECT_EQ(Place("acme", Order({kOwned, ""}, north_)),
            (Names{"INVALID_ARGUMENT", "devices[1].serial_number"}));
  masa::v1::PlaceDevicesRequest order = Order({kOwned}, north_);
  order.set_request_id("a b");
  EXPECT_EQ(Place("acme", order), (Names{"INVALID_ARGUMENT", "request_id"}));
  EXPECT_EQ(Place("acme", Order(Names(1000, kOwned), north_)), Names(1000, ""));
  EXPECT_EQ(Placed(), 1);
}

}  // namespace
}  // namespace masa::authority
