#include "services/rpc/call_end.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "grpcpp/generic/generic_stub.h"
#include "grpcpp/impl/codegen/server_callback_handlers.h"
#include "grpcpp/impl/rpc_service_method.h"
#include "gtest/gtest.h"
#include "services/executor/executor.h"
#include "services/rpc/channel.h"
#include "services/rpc/serve_unary.h"
#include "services/rpc/server.h"
#include "services/rpc/status_codec.h"
#include "services/rpc/test_peer.h"
#include "services/status/reason.h"

namespace masa::rpc {
namespace {

constexpr char kService[] = "test.Service";
constexpr char kPath[] = "/test.Service/Call";

// A service of one method, as protoc makes them, that ends with `outcome`.
class OneMethod final : public grpc::Service {
 public:
  OneMethod(const Serving& serving, absl::Status outcome) {
    using Bytes = grpc::ByteBuffer;
    AddMethod(new grpc::internal::RpcServiceMethod(
        kPath, grpc::internal::RpcMethod::NORMAL_RPC, nullptr));
    MarkMethodCallback(
        0, new grpc::internal::CallbackUnaryHandler<Bytes, Bytes>(
               [serving, outcome](grpc::CallbackServerContext* context,
                                  const Bytes* request, Bytes* response) {
                 *response = *request;
                 return ServeUnary(
                     context, serving, kService,
                     [outcome](const RequestContext&,
                               const identity::Principal&) { return outcome; });
               }));
  }
};

struct Answer {
  grpc::Status status;
  std::string request_id;  // in the trailing metadata
  std::vector<FailedCall> told;
};

// What a call that brings `request_id`, where there is one, gets from a service
// that ends with `outcome`.
Answer Call(const absl::Status& outcome, const std::string& request_id) {
  const testing::Identity peer = OwnPeer();
  Answer answer;
  absl::Mutex mutex;
  const auto gate = Gate::Create(
      {kService}, {{kService, {"*"}}},
      [](const std::vector<std::string>&) { return identity::Principal(); }, {},
      {},
      [&](const FailedCall& call) {
        absl::MutexLock lock(&mutex);
        answer.told.push_back(call);
      });
  EXPECT_TRUE(gate.ok()) << gate.status();
  Executor executor({"test", 1, 4});
  OneMethod service(Serving{*gate, executor}, outcome);
  auto server = Server::New({"127.0.0.1:0", peer.CertificatePem(),
                             peer.KeyPem(), peer.CertificatePem(), false},
                            {&service});
  EXPECT_TRUE(server.ok()) << server.status();
  grpc::GenericStub stub(MakeChannel(
      {absl::StrCat("127.0.0.1:", (*server)->port()), "", peer.CertificatePem(),
       peer.CertificatePem(), peer.KeyPem()}));
  grpc::ClientContext call;
  call.set_deadline(absl::ToChronoTime(absl::Now() + absl::Minutes(1)));
  if (!request_id.empty()) {
    call.AddMetadata(kRequestIdKey, request_id);
  }
  const grpc::Slice nothing("");
  grpc::ByteBuffer request(&nothing, 1), response;
  absl::Notification done;
  stub.UnaryCall(&call, kPath, {}, &request, &response,
                 [&](const grpc::Status& ended) {
                   answer.status = ended;
                   done.Notify();
                 });
  done.WaitForNotification();
  const auto& trailing = call.GetServerTrailingMetadata();
  const auto found = trailing.find(kRequestIdKey);
  if (found != trailing.end()) {
    answer.request_id.assign(found->second.data(), found->second.size());
  }
  return answer;
}

// The caller learns the id alone, and the log has the rest under it.
TEST(CallEnd, AFaultOfOursIsToldInsideUnderTheIdThatTheCallerGets) {
  for (const char* id : {"my-own", ""}) {
    const Answer answer = Call(absl::InternalError("the disk is full"), id);
    EXPECT_EQ(answer.status.error_code(), grpc::StatusCode::INTERNAL);
    EXPECT_EQ(answer.status.error_message().find("disk"), std::string::npos);
    EXPECT_EQ(answer.request_id.size(), *id == '\0' ? 32u : 6u);
    ASSERT_EQ(answer.told.size(), 1u);
    EXPECT_EQ(answer.told[0].service, kService);
    EXPECT_EQ(answer.told[0].request_id, answer.request_id);
    EXPECT_EQ(answer.told[0].status.message(), "the disk is full");
  }
}

// Two calls with one id are one order, however long the id.
TEST(CallEnd, ALongIdIsKnownByItsDigest) {
  const absl::Status refusal = Refuse(Reason::kDeviceUnknown, "none");
  const std::string id(300, 'i');
  const std::string known = Call(refusal, id).request_id;
  EXPECT_EQ(known.size(), 64u);
  EXPECT_EQ(Call(refusal, id).request_id, known);
  EXPECT_NE(Call(refusal, id + "i").request_id, known);
}

TEST(CallEnd, ARefusalHasItsIdAndIsNoFaultOfOurs) {
  const Answer answer = Call(Refuse(Reason::kDeviceUnknown, "none"), "my-own");
  EXPECT_EQ(ReasonNameIn(answer.status), "DEVICE_UNKNOWN");
  EXPECT_EQ(answer.request_id, "my-own");
  EXPECT_TRUE(answer.told.empty());
}

TEST(CallEnd, WhatWentWellOrWasLeftIsNotToldOf) {
  const Answer answer = Call(absl::OkStatus(), "my-own");
  EXPECT_TRUE(answer.status.ok()) << answer.status.error_message();
  EXPECT_EQ(answer.request_id, "");
  EXPECT_TRUE(Call(absl::CancelledError("the client left"), "").told.empty());
}

}  // namespace
}  // namespace masa::rpc
