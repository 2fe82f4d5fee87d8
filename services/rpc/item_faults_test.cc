#include "services/rpc/item_faults.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "services/status/reason.h"

namespace masa::rpc {
namespace {

Gate GateThatTells(std::vector<FailedCall>& told) {
  return *Gate::Create(
      {"s"}, {},
      [](const std::vector<std::string>&) { return identity::Principal(); }, {},
      {}, [&told](const FailedCall& call) { told.push_back(call); });
}

TEST(ItemFaults, AFaultOfOursIsToldUnderTheIdsOfItsCall) {
  std::vector<FailedCall> told;
  const Gate gate = GateThatTells(told);
  for (const absl::Status& ours :
       {absl::InternalError("the disk is full"), absl::DataLossError("torn")}) {
    told.clear();
    ItemFaults(gate, "s", {"my-own", "trace"}).See(ours);
    ASSERT_EQ(told.size(), 1u);
    EXPECT_EQ(told[0].service, "s");
    EXPECT_EQ(told[0].request_id, "my-own");
    EXPECT_EQ(told[0].traceparent, "trace");
    EXPECT_EQ(told[0].status, ours);
    EXPECT_EQ(told[0].items, 1u);
  }
}

TEST(ItemFaults, OfManyOneIsToldForEachDoubling) {
  std::vector<FailedCall> told;
  const Gate gate = GateThatTells(told);
  ItemFaults faults(gate, "s", {});
  std::string which;
  for (int i = 1; i <= 1000; ++i) {
    told.clear();
    faults.See(absl::InternalError("again"));
    if (!told.empty()) {
      EXPECT_EQ(told[0].items, static_cast<uint64_t>(i));
      absl::StrAppend(&which, i, " ");
    }
  }
  EXPECT_EQ(which, "1 2 4 8 16 32 64 128 256 512 ");
}

TEST(ItemFaults, WhatIsNotOursIsNotTold) {
  std::vector<FailedCall> told;
  const Gate gate = GateThatTells(told);
  ItemFaults faults(gate, "s", {});
  faults.See(absl::OkStatus());
  faults.See(Refuse(Reason::kDeviceUnknown, "none"));
  faults.See(absl::CancelledError("the client left"));
  EXPECT_TRUE(told.empty());
}

}  // namespace
}  // namespace masa::rpc
