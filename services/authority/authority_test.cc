#include <memory>
#include <string>
#include <vector>

#include "absl/time/clock.h"
#include "grpcpp/client_context.h"
#include "grpcpp/generic/generic_stub.h"
#include "gtest/gtest.h"
#include "services/authority/convert.h"
#include "services/authority/registrar_face.h"
#include "services/authority/voucher_calls.h"
#include "services/edge/remote/remote_registrar_desk.h"
#include "services/identity/callers.h"
#include "services/rpc/channel.h"
#include "services/rpc/server.h"
#include "services/rpc/status_codec.h"
#include "services/status/reason.h"
#include "services/testing/test_pki.h"
#include "services/wire/uuid_text.h"

namespace masa::authority {
namespace {

class EchoDesk final : public issuance::RegistrarDesk {
 public:
  void RequestVouchers(std::vector<issuance::PendingCall> calls) override {
    for (issuance::PendingCall& one : calls) {
      last = one.call;
      one.respond(Echo(one.call));
    }
  }
  absl::StatusOr<issuance::RegistrarAnswer> RequestAuditLog(
      const issuance::RegistrarCall& call) override {
    return issuance::RegistrarAnswer{"application/json", "log"};
  }
  issuance::RegistrarCall last;

 private:
  static absl::StatusOr<issuance::RegistrarAnswer> Echo(
      const issuance::RegistrarCall& call) {
    if (call.body == "unknown") {
      return Refuse(Reason::kDeviceUnknown, "no such device");
    }
    return issuance::RegistrarAnswer{
        call.content_type, call.body + "|" + call.context.request_id + "|" +
                               call.host + "|" +
                               std::to_string(call.tls_peer_chain_der.size())};
  }
};

testing::Identity Named(const std::string& san, const testing::Identity* ca) {
  testing::CertificateSpec spec;
  spec.common_name = "x";
  spec.not_before = absl::Now() - absl::Hours(1);
  spec.not_after = absl::Now() + absl::Hours(1);
  spec.is_ca = ca == nullptr;
  if (ca != nullptr) {
    spec.subject_alternative_names = {san, "IP:127.0.0.1"};
  }
  return testing::MakeIdentity(spec, ca);
}

// Protobuf's own range, whatever a certificate says of its end.
TEST(TimestampOf, IsWithinTheYears1To9999) {
  EXPECT_EQ(TimestampOf(absl::InfiniteFuture()).seconds(), 253'402'300'799);
  EXPECT_EQ(TimestampOf(absl::InfiniteFuture()).nanos(), 0);
  EXPECT_EQ(TimestampOf(absl::InfinitePast()).seconds(), -62'135'596'800);
  const auto between = TimestampOf(absl::FromUnixMillis(1'500));
  EXPECT_EQ(between.seconds(), 1);
  EXPECT_EQ(between.nanos(), 500'000'000);
}

// A listener over a real socket with mutual TLS, and clients for it.
class Internal : public ::testing::Test {
 protected:
  Internal() {
    masa::v1::AuthorityConfig config;
    for (const char* name : {"urn:edge", "urn:other"}) {
      auto* caller = config.add_callers();
      caller->set_name(name);
      caller->set_role("EDGE");
    }
    callers_ = std::make_unique<identity::Callers>(
        *identity::Callers::Create(config.callers()));
    gate_ = std::make_unique<rpc::Gate>(*rpc::Gate::Create(
        {masa::v1::RegistrarService::service_full_name()},
        {{masa::v1::RegistrarService::service_full_name(), {"urn:edge"}}},
        [this](const auto& names) { return callers_->Identify(names); }));
    face_ =
        std::make_unique<RegistrarFace>(desk_, rpc::Serving{*gate_, executor_});
    const auto server = Named("DNS:localhost", &ca_);
    server_ = *rpc::Server::New({"127.0.0.1:0", server.CertificatePem(),
                                 server.KeyPem(), ca_.CertificatePem(), false},
                                {face_.get()});
  }

  std::unique_ptr<masa::v1::RegistrarService::Stub> Client(
      const std::string& san) {
    const auto identity = Named(san, &ca_);
    return masa::v1::RegistrarService::NewStub(rpc::MakeChannel(
        {"127.0.0.1:" + std::to_string(server_->port()), "",
         ca_.CertificatePem(), identity.CertificatePem(), identity.KeyPem()}));
  }

  absl::Status Ask(const std::string& san, const std::string& body,
                   masa::v1::RequestVoucherResponse* response) {
    grpc::ClientContext call;
    rpc::Carry({"id-7", "", absl::Now() + absl::Seconds(20)}, &call);
    masa::v1::RequestVoucherRequest request;
    request.mutable_call()->set_body(body);
    request.mutable_call()->set_host("masa.example");
    request.mutable_call()->set_content_type("a/b");
    request.mutable_call()->add_tls_peer_chain_der("der");
    return rpc::FromGrpc(Client(san)->RequestVoucher(&call, request, response),
                         absl::UnavailableError("unreachable"));
  }

  testing::Identity ca_ = Named("", nullptr);
  EchoDesk desk_;
  Executor executor_{{"test", 2, 16}};
  std::unique_ptr<identity::Callers> callers_;
  std::unique_ptr<rpc::Gate> gate_;
  std::unique_ptr<RegistrarFace> face_;
  std::unique_ptr<rpc::Server> server_;
};

TEST_F(Internal, CarriesTheCallAndItsRequestIdBothWays) {
  masa::v1::RequestVoucherResponse response;
  ASSERT_TRUE(Ask("URI:urn:edge", "body", &response).ok());
  EXPECT_EQ(response.content_type(), "a/b");
  EXPECT_EQ(response.voucher(), "body|id-7|masa.example|1");
}

// What an edge apart knows of a request, the authority knows: from the edge's
// own client, field by field.
TEST_F(Internal, TheEdgesClientLosesNothing) {
  const auto identity = Named("URI:urn:edge", &ca_);
  edge::RemoteRegistrarDesk desk(rpc::MakeChannel(
      {"127.0.0.1:" + std::to_string(server_->port()), "", ca_.CertificatePem(),
       identity.CertificatePem(), identity.KeyPem()}));
  issuance::RegistrarCall call;
  call.context = {"id-8", "trace", absl::Now() + absl::Seconds(20)};
  call.host = "masa.example";
  call.content_type = "a/b";
  call.accept = "c/d";
  call.body = std::string("body\0", 5);
  call.tls_peer_chain_der = {"leaf", "ca"};
  call.authorization = "Basic x";
  call.fossil_path = true;
  call.evidence = {{"crl-1", "crl-2"}, {"ocsp"}};
  ASSERT_TRUE(desk.RequestVoucher(call).ok());
  const issuance::RegistrarCall& came = desk_.last;
  EXPECT_EQ(came.context.request_id, call.context.request_id);
  EXPECT_EQ(came.context.traceparent, call.context.traceparent);
  EXPECT_EQ(came.host, call.host);
  EXPECT_EQ(came.content_type, call.content_type);
  EXPECT_EQ(came.accept, call.accept);
  EXPECT_EQ(came.body, call.body);
  EXPECT_EQ(came.tls_peer_chain_der, call.tls_peer_chain_der);
  EXPECT_EQ(came.authorization, call.authorization);
  EXPECT_EQ(came.fossil_path, call.fossil_path);
  EXPECT_EQ(came.evidence.crls_der, call.evidence.crls_der);
  EXPECT_EQ(came.evidence.ocsp_responses_der, call.evidence.ocsp_responses_der);
}

TEST_F(Internal, RefusalKeepsItsReasonAndSentence) {
  masa::v1::RequestVoucherResponse response;
  EXPECT_EQ(Ask("URI:urn:edge", "unknown", &response),
            Refuse(Reason::kDeviceUnknown, "no such device"));
}

// The health protocol of gRPC: an empty request, and 1 for SERVING.
TEST_F(Internal, AnswersTheHealthProtocol) {
  const auto identity = Named("URI:urn:edge", &ca_);
  grpc::GenericStub stub(rpc::MakeChannel(
      {"127.0.0.1:" + std::to_string(server_->port()), "", ca_.CertificatePem(),
       identity.CertificatePem(), identity.KeyPem()}));
  grpc::ClientContext call;
  rpc::Carry({}, &call);
  grpc::CompletionQueue queue;
  auto reader = stub.PrepareUnaryCall(&call, "/grpc.health.v1.Health/Check",
                                      grpc::ByteBuffer(nullptr, 0), &queue);
  grpc::ByteBuffer answer;
  grpc::Status status;
  reader->StartCall();
  reader->Finish(&answer, &status, nullptr);
  void* tag = nullptr;
  bool ok = false;
  ASSERT_TRUE(queue.Next(&tag, &ok));
  ASSERT_TRUE(status.ok()) << status.error_message();
  std::vector<grpc::Slice> slices;
  ASSERT_TRUE(answer.Dump(&slices).ok());
  ASSERT_EQ(slices.size(), 1u);
  EXPECT_EQ(std::string(slices[0].begin(), slices[0].end()), "\x08\x01");
}

TEST_F(Internal, CallersOffTheListAreRefused) {
  masa::v1::RequestVoucherResponse response;
  EXPECT_EQ(ReasonOf(Ask("URI:urn:other", "body", &response)),
            Reason::kPermissionDenied);
  EXPECT_EQ(ReasonOf(Ask("URI:urn:stranger", "body", &response)),
            Reason::kUnauthenticated);
}

TEST(Convert, DeviceGoesThereAndBack) {
  masa::v1::Device message;
  message.set_serial_number("S");
  message.set_product_id("P");
  message.set_idevid_issuer_ski("\x01\x02");
  message.set_state(masa::v1::DEVICE_STATE_BLOCKED);
  message.set_model("M");
  (*message.mutable_labels())["k"] = "v";
  const auto device = DeviceOf(message);
  ASSERT_TRUE(device.ok());
  message.set_version(1);
  message.set_etag("1");
  EXPECT_EQ(MessageOf(*device, {}).SerializeAsString(),
            message.SerializeAsString());
  EXPECT_EQ(ReasonOf(DeviceOf({}).status()), Reason::kInvalidArgument);
}

// So that no caller makes one that nothing gets out of it.
TEST(Convert, NoRecordIsInTransfer) {
  masa::v1::Device message;
  message.set_serial_number("S");
  message.set_product_id("P");
  message.set_state(masa::v1::DEVICE_STATE_IN_TRANSFER);
  EXPECT_EQ(FieldFaultsOf(DeviceOf(message).status()).at(0).field, "state");
  // An update may have been made of what was read; it changes no state.
  EXPECT_TRUE(FieldsOf(message).ok());
}

// Of an item that the caller hears no more of than that it failed.
TEST(Convert, AnOutcomeThatIsOurFaultIsToldInside) {
  std::vector<std::string> told;
  const rpc::Gate gate = *rpc::Gate::Create(
      {"s"}, {}, [](const auto&) { return identity::Principal(); }, {}, {},
      [&told](const FailedCall& call) {
        told.emplace_back(call.status.message());
      });
  rpc::ItemFaults faults(gate, "s", {});
  EXPECT_EQ(OutcomeOf(absl::OkStatus(), faults).reason(), "");
  EXPECT_EQ(OutcomeOf(Refuse(Reason::kDeviceUnknown, "none"), faults).reason(),
            "DEVICE_UNKNOWN");
  const auto outcome = OutcomeOf(absl::InternalError("the disk"), faults);
  EXPECT_EQ(outcome.reason(), "INTERNAL");
  EXPECT_EQ(outcome.message().find("disk"), std::string::npos);
  EXPECT_EQ(told, std::vector<std::string>{"the disk"});
}

TEST(Convert, OrderNeedsADeviceAndACertificate) {
  masa::v1::IssueVoucherRequest request;
  EXPECT_EQ(ReasonOf(OrderOf(request).status()), Reason::kInvalidArgument);
  request.mutable_device()->set_serial_number("S");
  EXPECT_EQ(ReasonOf(OrderOf(request).status()), Reason::kInvalidArgument);
  request.set_pinned_cert_der("der");
  request.mutable_expires_on()->set_seconds(7);
  const auto order = OrderOf(request);
  ASSERT_TRUE(order.ok());
  EXPECT_EQ(order->expires_on, absl::FromUnixSeconds(7));
  EXPECT_FALSE(order->nonce.has_value());
}

TEST(UuidText, HasItsDashes) {
  EXPECT_EQ(wire::UuidTextOf(std::string(16, '\x11')),
            "11111111-1111-1111-1111-111111111111");
}

}  // namespace
}  // namespace masa::authority
