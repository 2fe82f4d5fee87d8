// EST, CRL and OCSP between an edge that runs apart and its authority, over a
// socket: nothing is lost on the way, and reasons arrive unchanged.
#include "services/authority/enrollment_face.h"

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "services/authority/test_peer.h"
#include "services/edge/remote/remote_enrollment_desk.h"
#include "services/edge/remote/remote_status_desk.h"
#include "services/rpc/channel.h"
#include "services/rpc/server.h"
#include "services/status/reason.h"

namespace masa::authority {
namespace {

using issuance::EstOperation;

class FakeEnrollment final : public issuance::EnrollmentDesk {
 public:
  void Ask(std::vector<issuance::PendingEst> calls) override {
    for (issuance::PendingEst& one : calls) {
      last = one.call;
      one.respond(one.call.label == "none"
                      ? absl::StatusOr<issuance::EstAnswer>(
                            Refuse(Reason::kProfileUnknown, "no such label"))
                      : issuance::EstAnswer{{"one", "two"}, "attributes", key});
    }
  }
  issuance::EstCall last;
  std::shared_ptr<const wire::SecretOctets> key;
};

class FakeStatus final : public issuance::StatusDesk {
 public:
  absl::StatusOr<issuance::StatusAnswer> Crl(
      const RequestContext& context, const std::string& host,
      const std::string& profile) override {
    return issuance::StatusAnswer{
        absl::StrCat(host, "|", profile, "|", context.request_id),
        absl::FromUnixSeconds(1700000000)};
  }
  absl::StatusOr<issuance::StatusAnswer> Ocsp(
      const RequestContext&, const std::string& request_der) override {
    if (request_der == "down") {
      return Refuse(Reason::kSignerUnavailable, "no signer answers");
    }
    return issuance::StatusAnswer{"about " + request_der};
  }
};

class EnrollmentApart : public ::testing::Test {
 protected:
  EnrollmentApart() {
    const testing::Identity server = Peer("DNS:localhost", &ca_);
    server_ = *rpc::Server::New({"127.0.0.1:0", server.CertificatePem(),
                                 server.KeyPem(), ca_.CertificatePem(), false},
                                {&face_, &status_face_});
    const testing::Identity edge = Peer("URI:urn:edge", &ca_);
    channel_ = rpc::MakeChannel({absl::StrCat("127.0.0.1:", server_->port()),
                                 "", ca_.CertificatePem(),
                                 edge.CertificatePem(), edge.KeyPem()});
  }

  static rpc::Gate MakeGate() {
    const std::string enrollment =
        masa::v1::EnrollmentService::service_full_name();
    const std::string status =
        masa::v1::CertificateStatusService::service_full_name();
    return *rpc::Gate::Create(
        {enrollment, status}, {{enrollment, {"*"}}, {status, {"*"}}},
        [](const std::vector<std::string>& names)
            -> absl::StatusOr<identity::Principal> {
          return identity::Principal{identity::Role::kEdge, names.front(), "",
                                     ""};
        });
  }

  const testing::Identity ca_ = Peer("", nullptr);
  FakeEnrollment desk_;
  FakeStatus status_;
  Executor executor_{{"test", 2, 16}};
  const rpc::Gate gate_ = MakeGate();
  EnrollmentFace face_{desk_, {gate_, executor_}};
  CertificateStatusFace status_face_{status_, {gate_, executor_}};
  std::unique_ptr<rpc::Server> server_;
  std::shared_ptr<grpc::Channel> channel_;
};

TEST_F(EnrollmentApart, CarriesTheWholeCall) {
  edge::RemoteEnrollmentDesk remote(channel_);
  issuance::EstCall call;
  call.context.request_id = "id-7";
  call.operation = EstOperation::kSimpleReenroll;
  call.host = "est.masa.example";
  call.label = "factory";
  call.content_type = "application/pkcs10";
  call.body = "body";
  call.tls_peer_chain_der = {"leaf", "ca"};
  call.authorization = "Basic x";
  call.channel_binding = "binding";
  const auto answer = remote.AskOne(call);
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->certificates_der, (std::vector<std::string>{"one", "two"}));
  EXPECT_EQ(answer->csr_attributes_der, "attributes");
  EXPECT_EQ(desk_.last.operation, EstOperation::kSimpleReenroll);
  EXPECT_EQ(desk_.last.context.request_id, "id-7");
  EXPECT_EQ(desk_.last.host, call.host);
  EXPECT_EQ(desk_.last.label, call.label);
  EXPECT_EQ(desk_.last.content_type, call.content_type);
  EXPECT_EQ(desk_.last.body, call.body);
  EXPECT_EQ(desk_.last.tls_peer_chain_der, call.tls_peer_chain_der);
  EXPECT_EQ(desk_.last.authorization, call.authorization);
  EXPECT_EQ(desk_.last.channel_binding, call.channel_binding);
}

TEST_F(EnrollmentApart, CarriesAKeyWhereOneWasMade) {
  edge::RemoteEnrollmentDesk remote(channel_);
  issuance::EstCall call;
  call.operation = EstOperation::kServerKeygen;
  auto answer = remote.AskOne(call);
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->private_key_der, nullptr);
  desk_.key = std::make_shared<const wire::SecretOctets>("a key");
  answer = remote.AskOne(call);
  ASSERT_TRUE(answer.ok()) << answer.status();
  ASSERT_NE(answer->private_key_der, nullptr);
  EXPECT_EQ(answer->private_key_der->Reveal(), "a key");
  EXPECT_EQ(desk_.last.operation, EstOperation::kServerKeygen);
}

TEST_F(EnrollmentApart, ReasonsArriveUnchanged) {
  edge::RemoteEnrollmentDesk remote(channel_);
  issuance::EstCall call;
  call.label = "none";
  EXPECT_EQ(ReasonOf(remote.AskOne(call).status()), Reason::kProfileUnknown);
  edge::RemoteStatusDesk status(channel_);
  EXPECT_EQ(ReasonOf(status.Ocsp({}, "down").status()),
            Reason::kSignerUnavailable);
}

TEST_F(EnrollmentApart, CarriesWhatIsSaidOfCertificates) {
  edge::RemoteStatusDesk remote(channel_);
  RequestContext context;
  context.request_id = "id-8";
  const auto crl = remote.Crl(context, "masa.example", "factory");
  ASSERT_TRUE(crl.ok()) << crl.status();
  EXPECT_EQ(crl->der, "masa.example|factory|id-8");
  EXPECT_EQ(crl->next_update, absl::FromUnixSeconds(1700000000));
  const auto ocsp = remote.Ocsp({}, "x");
  ASSERT_TRUE(ocsp.ok()) << ocsp.status();
  EXPECT_EQ(ocsp->der, "about x");
  EXPECT_EQ(ocsp->next_update, absl::InfinitePast());
}

TEST_F(EnrollmentApart, SaysWhenNobodyAnswers) {
  server_->Drain(absl::ZeroDuration());
  edge::RemoteEnrollmentDesk remote(channel_);
  EXPECT_EQ(ReasonOf(remote.AskOne({}).status()), Reason::kOverloaded);
}

}  // namespace
}  // namespace masa::authority
