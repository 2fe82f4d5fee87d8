// OwnershipService over a real socket, on the records of the test desk.
#include "services/authority/ownership_face.h"

#include <memory>
#include <string>

#include "absl/time/clock.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "grpcpp/client_context.h"
#include "gtest/gtest.h"
#include "services/authority/test_peer.h"
#include "services/issuance/test_desk.h"
#include "services/issuance/watch_ownership.h"
#include "services/rpc/channel.h"
#include "services/rpc/server.h"

namespace masa::authority {
namespace {

class Ownerships : public issuance::Desk {
 protected:
  Ownerships() {
    const auto server = Peer("DNS:localhost", &ca_);
    server_ = *rpc::Server::New({"127.0.0.1:0", server.CertificatePem(),
                                 server.KeyPem(), ca_.CertificatePem(), false},
                                {&face_});
    const auto client = Peer("URI:urn:op", &ca_);
    stub_ = masa::v1::OwnershipService::NewStub(rpc::MakeChannel(
        {"127.0.0.1:" + std::to_string(server_->port()), "",
         ca_.CertificatePem(), client.CertificatePem(), client.KeyPem()}));
  }

  grpc::Status Ask(const masa::v1::ResolveOwnershipsRequest& request,
                   masa::v1::ResolveOwnershipsResponse* response) {
    grpc::ClientContext call;
    call.set_wait_for_ready(true);
    return stub_->ResolveOwnerships(&call, request, response);
  }

  testing::Identity ca_ = Peer("", nullptr);
  Executor executor_{{"test", 2, 16}};
  const rpc::Gate gate_ = *rpc::Gate::Create(
      {masa::v1::OwnershipService::service_full_name()},
      {{masa::v1::OwnershipService::service_full_name(), {"*"}}},
      [](const std::vector<std::string>&)
          -> absl::StatusOr<identity::Principal> {
        return identity::Principal{identity::Role::kOperator, "op", "acme", ""};
      });
  issuance::WatchOwnership watches_{*tools_, store_, {}};
  OwnershipFace face_{*operator_desk_, watches_,
                      rpc::Serving{gate_, executor_}};
  std::unique_ptr<rpc::Server> server_;
  std::unique_ptr<masa::v1::OwnershipService::Stub> stub_;
};

std::string ReasonIn(const google::rpc::Status& status) {
  google::rpc::ErrorInfo info;
  for (const auto& any : status.details()) {
    if (any.UnpackTo(&info)) {
      return info.reason();
    }
  }
  return "";
}

TEST_F(Ownerships, EachItemHasItsOwnStatusInOrder) {
  const std::string spki =
      (*wire::Certificate::Parse(domain_ca_.CertificateDer()))->spki_sha256;
  const struct {
    const char* name;
    std::string serial;
    std::string spki;
    int code;
    const char* reason;  // of the status, or of the answer
  } cases[] = {
      {"owner", "OWNED-1", spki, 0, "OWNER"},
      {"unknown", "NONE", spki, 5, "DEVICE_UNKNOWN"},
      {"no serial", "", spki, 3, "INVALID_ARGUMENT"},
      {"zero octet", std::string("A\0B", 3), spki, 3, "INVALID_ARGUMENT"},
      {"long serial", std::string(256, 'A'), spki, 3, "INVALID_ARGUMENT"},
      {"half a hash", "OWNED-1", "abc", 3, "INVALID_ARGUMENT"},
      {"any domain", issuance::kSerial, spki, 0, "ANY_DOMAIN"},
  };
  masa::v1::ResolveOwnershipsRequest request;
  for (const auto& c : cases) {
    auto* one = request.add_requests();
    one->mutable_device()->set_serial_number(c.serial);
    one->mutable_registrar()->set_spki_sha256(c.spki);
    one->set_want_pinned_cert(true);
  }
  masa::v1::ResolveOwnershipsResponse response;
  const grpc::Status status = Ask(request, &response);
  ASSERT_TRUE(status.ok()) << status.error_message();
  ASSERT_EQ(response.results_size(), request.requests_size());
  for (int i = 0; i < response.results_size(); ++i) {
    SCOPED_TRACE(cases[i].name);
    const auto& result = response.results(i);
    EXPECT_EQ(result.status().code(), cases[i].code);
    EXPECT_EQ(cases[i].code == 0 ? result.value().reason()
                                 : ReasonIn(result.status()),
              cases[i].reason);
    EXPECT_EQ(result.has_value(), cases[i].code == 0);
  }
  EXPECT_EQ(response.results(0).value().pinned_cert_der(),
            domain_ca_.CertificateDer());
  EXPECT_EQ(response.results(0).value().organization_id(), "org-acme");
  EXPECT_TRUE(response.results(0).value().has_as_of());
  EXPECT_EQ(response.results(6).value().pinned_cert_der(), "");
}

TEST_F(Ownerships, ACallTakesOneToAThousandItems) {
  for (const int count : {0, 1001}) {
    masa::v1::ResolveOwnershipsRequest request;
    for (int i = 0; i < count; ++i) {
      request.add_requests()->mutable_device()->set_serial_number("OWNED-1");
    }
    masa::v1::ResolveOwnershipsResponse response;
    const grpc::Status status = Ask(request, &response);
    google::rpc::Status whole;
    ASSERT_TRUE(whole.ParseFromString(status.error_details()));
    EXPECT_EQ(ReasonIn(whole), "TOO_MANY_ITEMS") << count;
  }
}

}  // namespace
}  // namespace masa::authority
