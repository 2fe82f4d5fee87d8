#include <string>

#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "gtest/gtest.h"
#include "services/rpc/gate.h"
#include "services/rpc/status_codec.h"
#include "services/status/field_faults.h"
#include "services/status/reason.h"

namespace masa::rpc {
namespace {

const absl::Status kUnreachable =
    Refuse(Reason::kSignerUnavailable, "no signer answers");

TEST(StatusCodec, NamesTheReasonOfARefusalAndOfNothingElse) {
  EXPECT_EQ(ReasonNameIn(ToGrpc(Refuse(Reason::kDeviceUnknown, "x"))),
            "DEVICE_UNKNOWN");
  EXPECT_EQ(ReasonNameIn(grpc::Status::OK), "");
  EXPECT_EQ(ReasonNameIn(grpc::Status(grpc::StatusCode::NOT_FOUND, "x")), "");
}

TEST(StatusCodec, EveryReasonAndItsSentenceTravelUnchanged) {
  int count = 0;
  const ReasonInfo* rows = AllReasons(&count);
  for (int i = 1; i < count; ++i) {
    const absl::Status sent = Refuse(rows[i].reason, "a sentence");
    const grpc::Status wire = ToGrpc(sent);
    EXPECT_EQ(static_cast<int>(wire.error_code()),
              static_cast<int>(rows[i].code));
    EXPECT_EQ(FromGrpc(wire, kUnreachable), sent) << rows[i].name;
  }
}

TEST(StatusCodec, TheTimeToWaitTravels) {
  const absl::Status back = FromGrpc(
      ToGrpc(RefuseFor(absl::Seconds(7), Reason::kRateLimited, "later")),
      absl::OkStatus());
  EXPECT_EQ(ReasonOf(back), Reason::kRateLimited);
  EXPECT_EQ(WaitOf(back), absl::Seconds(7));
  EXPECT_FALSE(WaitOf(FromGrpc(ToGrpc(Refuse(Reason::kRateLimited, "later")),
                               absl::OkStatus()))
                   .has_value());
}

// AIP-193: which fields are wrong, as its own detail; and a code that another
// protocol fixes.
TEST(StatusCodec, FieldsAndFixedCodesTravel) {
  FieldChecker check;
  check.Need("parent", false);
  check.Need("description", false);
  google::rpc::Status whole;
  const grpc::Status wire = ToGrpc(check.Finish());
  ASSERT_TRUE(whole.ParseFromString(wire.error_details()));
  ASSERT_EQ(whole.details_size(), 2);
  google::rpc::BadRequest fields;
  ASSERT_TRUE(whole.details(1).UnpackTo(&fields));
  ASSERT_EQ(fields.field_violations_size(), 2);
  EXPECT_EQ(fields.field_violations(1).field(), "description");
  EXPECT_EQ(ToGrpc(Recode(Refuse(Reason::kDeviceUnknown, "none"),
                          absl::StatusCode::kFailedPrecondition))
                .error_code(),
            grpc::StatusCode::FAILED_PRECONDITION);
}

TEST(StatusCodec, WhatHasNoReasonKeepsItsMessageToItself) {
  const grpc::Status wire = ToGrpc(absl::UnknownError("hunter2"));
  EXPECT_EQ(wire.error_message().find("hunter2"), std::string::npos);
  EXPECT_EQ(ReasonOf(FromGrpc(wire, kUnreachable)), Reason::kInternal);
}

TEST(StatusCodec, StatusesOfGrpcItselfGetAReason) {
  const struct {
    grpc::StatusCode code;
    Reason reason;
  } cases[] = {
      {grpc::StatusCode::UNAVAILABLE, Reason::kSignerUnavailable},
      {grpc::StatusCode::CANCELLED, Reason::kSignerUnavailable},
      {grpc::StatusCode::DEADLINE_EXCEEDED, Reason::kDeadlineExceeded},
      {grpc::StatusCode::RESOURCE_EXHAUSTED, Reason::kOverloaded},
      {grpc::StatusCode::DATA_LOSS, Reason::kInternal},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(ReasonOf(FromGrpc(grpc::Status(c.code, "x"), kUnreachable)),
              c.reason);
  }
  EXPECT_TRUE(FromGrpc(grpc::Status::OK, kUnreachable).ok());
}

absl::StatusOr<identity::Principal> KnowsAlice(
    const std::vector<std::string>& names) {
  for (const std::string& name : names) {
    if (name == "alice" || name == "bob") {
      return identity::Principal{identity::Role::kOperator, name, "t", ""};
    }
  }
  return Refuse(Reason::kUnauthenticated, "who?");
}

TEST(Gate, AdmitsWhoIsKnownAndListedOnly) {
  const auto gate = Gate::Create(
      {"a.Service", "b.Service", "c.Service"},
      {{"a.Service", {"alice"}}, {"b.Service", {"*"}}}, KnowsAlice);
  ASSERT_TRUE(gate.ok());
  EXPECT_TRUE(gate->Admit("a.Service", {"x", "alice"}).ok());
  EXPECT_EQ(ReasonOf(gate->Admit("a.Service", {"bob"}).status()),
            Reason::kPermissionDenied);
  EXPECT_TRUE(gate->Admit("b.Service", {"bob"}).ok());
  EXPECT_EQ(ReasonOf(gate->Admit("b.Service", {"eve"}).status()),
            Reason::kUnauthenticated);
  EXPECT_EQ(ReasonOf(gate->Admit("c.Service", {"alice"}).status()),
            Reason::kPermissionDenied);
}

TEST(Gate, DoesNotStartWithAServiceThatIsNotServed) {
  EXPECT_EQ(ReasonOf(Gate::Create({"a.Service"}, {{"a.Servise", {"alice"}}},
                                  KnowsAlice)
                         .status()),
            Reason::kMisconfigured);
}

}  // namespace
}  // namespace masa::rpc
