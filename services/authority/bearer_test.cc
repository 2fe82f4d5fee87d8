// Bearer tokens over a real gRPC socket: where clients put them, and that they
// say who calls.
#include <atomic>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gtest/gtest.h"
#include "proto/ovgs/v1/ovgs.grpc.pb.h"
#include "services/authority/device_face.h"
#include "services/authority/group_face.h"
#include "services/authority/ovgs/ovgs_face.h"
#include "services/authority/test_peer.h"
#include "services/identity/token_issuers.h"
#include "services/issuance/serve_groups.h"
#include "services/issuance/test_desk.h"
#include "services/rpc/channel.h"
#include "services/rpc/server.h"
#include "services/rpc/status_codec.h"
#include "services/testing/tokens.h"

namespace masa::authority {
namespace {

using issuance::Noon;
using testing::Identity;

using Metadata = std::vector<std::pair<std::string, std::string>>;

class Bearer : public issuance::Desk {
 protected:
  Bearer() {
    masa::v1::Catalog catalog;
    auto* binding = catalog.add_access_bindings();
    binding->set_tenant_id("acme");
    binding->set_organization_id("org-acme");
    binding->set_username("ada");
    binding->set_account_type(masa::v1::ACCOUNT_TYPE_USER);
    binding->set_role(masa::v1::GROUP_ROLE_REQUESTOR);
    EXPECT_TRUE(store_.Apply({}, "test", Noon(), catalog).ok());
    const Identity server = Peer("DNS:localhost", &ca_);
    server_ =
        *rpc::Server::New({"127.0.0.1:0", server.CertificatePem(),
                           server.KeyPem(), ca_.CertificatePem(), false, true},
                          {&groups_, &ovgs_, &devices_});
  }

  std::unique_ptr<identity::TokenIssuers> Issuers() {
    google::protobuf::RepeatedPtrField<masa::v1::OidcIssuer> issuers;
    masa::v1::OidcIssuer& issuer = *issuers.Add();
    issuer.set_issuer("https://idp.example");
    issuer.set_audience("masa");
    issuer.set_tenant_id("acme");
    issuer.set_organization_claim("org");
    return *identity::TokenIssuers::Create(
        issuers,
        [this](const masa::v1::OidcIssuer&) {
          return [this] {
            return absl::StatusOr<std::string>(
                testing::JwksOf({testing::JwkOf(provider_, "k")}));
          };
        },
        verifier_, clock_);
  }

  std::string Token(const std::string& user, int64_t exp = 600) {
    return testing::SignToken(
        R"({"alg":"ES256","kid":"k"})",
        absl::StrCat(R"({"iss":"https://idp.example","aud":"masa","exp":)",
                     absl::ToUnixSeconds(Noon()) + exp, R"(,"sub":")", user,
                     R"(","org":"org-acme"})"),
        provider_);
  }

  std::shared_ptr<grpc::Channel> Channel(const std::string& san) {
    const Identity peer = Peer(san, &ca_);
    const bool anonymous = san.empty();
    return rpc::MakeChannel({absl::StrCat("127.0.0.1:", server_->port()), "",
                             ca_.CertificatePem(),
                             anonymous ? "" : peer.CertificatePem(),
                             anonymous ? "" : peer.KeyPem()});
  }

  absl::Status Ask(const Metadata& metadata, const std::string& san = "") {
    grpc::ClientContext call;
    for (const auto& [key, value] : metadata) {
      call.AddMetadata(key, value);
    }
    masa::v1::GetGroupRequest request;
    request.set_group_id("org-acme");
    masa::v1::GetGroupResponse response;
    return rpc::FromGrpc(masa::v1::GroupService::NewStub(Channel(san))
                             ->GetGroup(&call, request, &response),
                         absl::UnavailableError("unreachable"));
  }
  Reason Refused(const Metadata& metadata, const std::string& san = "") {
    const absl::Status status = Ask(metadata, san);
    EXPECT_FALSE(status.ok());
    return ReasonOf(status);
  }

  bool used_up() { return uses_left_-- == 0; }

  const Identity ca_ = Peer("", nullptr);
  const Identity provider_ = testing::MakeIdentity(issuance::Spec("idp", true));
  const std::unique_ptr<identity::TokenIssuers> issuers_ = Issuers();
  std::atomic<int> cookies_ = 0;  // calls with no token elsewhere
  // Of whoever asks; a negative number never ends.
  std::atomic<int> uses_left_ = -1;
  Executor executor_{{"test", 2, 16}};
  const rpc::Gate gate_ = *rpc::Gate::Create(
      {masa::v1::GroupService::service_full_name(),
       masa::v1::DeviceService::service_full_name(),
       ::ovgs::v1::OwnershipVoucherService::service_full_name()},
      {{masa::v1::GroupService::service_full_name(), {"*"}},
       {masa::v1::DeviceService::service_full_name(), {"*"}},
       {::ovgs::v1::OwnershipVoucherService::service_full_name(), {"*"}}},
      [this](const std::vector<std::string>& names)
          -> absl::StatusOr<identity::Principal> {
        if (used_up()) {
          return Refuse(Reason::kUnauthenticated, "no more");
        }
        if (!names.empty() && names.front() == "urn:operator") {
          return identity::Principal{identity::Role::kOperator, "urn:operator",
                                     "acme", ""};
        }
        if (names.empty() || names.front() != "urn:robot") {
          return Refuse(Reason::kUnauthenticated, "who?");
        }
        return identity::Principal{identity::Role::kCustomer, "urn:robot",
                                   "acme", "org-acme", issuance::kAccount};
      },
      [this](const std::string& token) {
        return used_up() ? Refuse(Reason::kUnauthenticated, "no more")
                         : issuers_->Identify(token);
      },
      [this] { ++cookies_; });
  const rpc::Serving serving_{gate_, executor_};
  issuance::ServeGroups desk_{*tools_};
  GroupFace groups_{desk_, *transfer_desk_, serving_};
  NoApiEvents no_events_;
  ovgs::OvgsFace ovgs_{desk_, {}, serving_, [] {}, no_events_};
  DeviceFace devices_{*operator_desk_, *registry_desk_, *transfer_desk_,
                      serving_};
  std::unique_ptr<rpc::Server> server_;
};

TEST_F(Bearer, IsTakenFromEachPlaceThatClientsPutIt) {
  const std::string token = Token("ada");
  const Metadata places[] = {
      {{"authorization", "Bearer " + token}},
      {{"authorization", "bearer  " + token}},
      {{"authorization", token}},
      {{"cookie", "access_token=" + token}},
      {{"cookie", "a=b; access_token=" + token + "; c=d"}},
      // The same one twice is one.
      {{"authorization", "Bearer " + token},
       {"cookie", "access_token=" + token}},
  };
  for (const Metadata& metadata : places) {
    const absl::Status status = Ask(metadata);
    EXPECT_TRUE(status.ok()) << metadata.front().first << ": " << status;
  }
  EXPECT_EQ(cookies_, 2) << "the last one is not there by its cookie";
}

TEST_F(Bearer, WithoutAGoodOneNobodyIsLetIn) {
  std::string changed = Token("ada");
  changed[changed.size() / 2] ^= 1;
  const Metadata bad[] = {
      {},
      {{"authorization", "Bearer " + changed}},
      {{"authorization", "Bearer " + Token("ada", -61)}},
      {{"authorization", "Bearer"}},
      {{"authorization", "Basic YTpi"}},
      {{"cookie", "token=" + Token("ada")}},
      {{"token", Token("ada")}},
      {{"authorization", Token("ada")}, {"cookie", "access_token=" + changed}},
  };
  for (const Metadata& metadata : bad) {
    EXPECT_EQ(Refused(metadata), Reason::kUnauthenticated);
  }
}

// Whom a token names has the roles of that person, and no other's.
TEST_F(Bearer, SaysWhoCallsWhateverTheCertificateSays) {
  EXPECT_TRUE(Ask({}, "URI:urn:robot").ok());
  EXPECT_EQ(Refused({{"authorization", Token("eve")}}, "URI:urn:robot"),
            Reason::kGroupNotFound);
  EXPECT_EQ(Refused({{"authorization", "Bearer x"}}, "URI:urn:robot"),
            Reason::kUnauthenticated);
  EXPECT_TRUE(Ask({{"authorization", Token("ada")}}, "URI:urn:stranger").ok());
  // Another scheme than Bearer is not for us.
  EXPECT_TRUE(Ask({{"authorization", "Basic YTpi"}}, "URI:urn:robot").ok());
}

TEST_F(Bearer, HoldsForStreamsAsWell) {
  for (const bool good : {true, false}) {
    grpc::ClientContext call;
    call.AddMetadata("authorization", Token("ada", good ? 600 : -600));
    ::ovgs::v1::GetComponentsRequest request;
    request.set_group_id("org-acme");
    const auto stub = ::ovgs::v1::OwnershipVoucherService::NewStub(Channel(""));
    const auto reader = stub->GetComponents(&call, request);
    int items = 0;
    for (::ovgs::v1::GetComponentsResponse item; reader->Read(&item);) {
      ++items;
    }
    const grpc::Status status = reader->Finish();
    EXPECT_EQ(status.ok(), good) << status.error_message();
    EXPECT_EQ(items, good ? 1 : 0);
  }
}

// A token that ends within a stream ends the stream.
TEST_F(Bearer, IsShownForEachPageOfAStream) {
  uses_left_ = 1;
  grpc::ClientContext call;
  call.AddMetadata("authorization", Token("ada"));
  ::ovgs::v1::GetComponentsRequest request;
  request.set_group_id("org-acme");
  const auto stub = ::ovgs::v1::OwnershipVoucherService::NewStub(Channel(""));
  const auto reader = stub->GetComponents(&call, request);
  ::ovgs::v1::GetComponentsResponse item;
  EXPECT_TRUE(reader->Read(&item));
  EXPECT_FALSE(reader->Read(&item));
  EXPECT_EQ(reader->Finish().error_code(), grpc::StatusCode::UNAUTHENTICATED);
}

// The same of an import's messages: one use is for the stream, one for its
// header.
TEST_F(Bearer, IsShownForEachMessageOfAnImport) {
  uses_left_ = 2;
  grpc::ClientContext call;
  masa::v1::ImportDevicesResponse response;
  const auto writer =
      masa::v1::DeviceService::NewStub(Channel("URI:urn:operator"))
          ->ImportDevices(&call, &response);
  masa::v1::ImportDevicesRequest message;
  message.mutable_header()->set_import_id("i");
  writer->Write(message);
  message.mutable_chunk()->set_sequence(1);
  writer->Write(message);
  writer->WritesDone();
  EXPECT_EQ(writer->Finish().error_code(), grpc::StatusCode::UNAUTHENTICATED);
}

// Whoever the certificate is of: a bad token is not passed over, and a good one
// says who imports.
TEST_F(Bearer, HoldsForImportsAsWell) {
  const auto import = [&](const Metadata& metadata, const std::string& san) {
    grpc::ClientContext call;
    for (const auto& [key, value] : metadata) {
      call.AddMetadata(key, value);
    }
    masa::v1::ImportDevicesResponse response;
    const auto writer = masa::v1::DeviceService::NewStub(Channel(san))
                            ->ImportDevices(&call, &response);
    masa::v1::ImportDevicesRequest header;
    header.mutable_header()->set_import_id("i");
    writer->Write(header);
    writer->WritesDone();
    const absl::Status status =
        rpc::FromGrpc(writer->Finish(), absl::UnavailableError("unreachable"));
    return status.ok() ? std::string("OK")
                       : std::string(InfoOf(ReasonOf(status)).name);
  };
  EXPECT_EQ(import({}, "URI:urn:operator"), "OK");
  EXPECT_EQ(import({}, ""), "UNAUTHENTICATED");
  EXPECT_EQ(import({{"authorization", "Bearer x"}}, "URI:urn:operator"),
            "UNAUTHENTICATED");
  EXPECT_EQ(import({{"authorization", Token("ada", -600)}}, "URI:urn:operator"),
            "UNAUTHENTICATED");
  EXPECT_EQ(import({{"authorization", Token("ada")}}, "URI:urn:operator"),
            "PERMISSION_DENIED");
}

TEST_F(Bearer, IsWhatAClientsChannelShows) {
  const auto ask = [&](const std::string& token) {
    grpc::ClientContext call;
    masa::v1::GetGroupRequest request;
    request.set_group_id("org-acme");
    masa::v1::GetGroupResponse response;
    const auto channel =
        rpc::MakeChannel({absl::StrCat("127.0.0.1:", server_->port()), "",
                          ca_.CertificatePem(), "", "", token});
    return masa::v1::GroupService::NewStub(channel)
        ->GetGroup(&call, request, &response)
        .error_code();
  };
  EXPECT_EQ(ask(Token("ada")), grpc::StatusCode::OK);
  EXPECT_EQ(ask(Token("ada", -600)), grpc::StatusCode::UNAUTHENTICATED);
  EXPECT_EQ(ask(""), grpc::StatusCode::UNAUTHENTICATED);
}

}  // namespace
}  // namespace masa::authority
