// Onboarding at an owner's EST server, from the record to the pledge: over a
// real gRPC socket with mutual TLS, then TLS as a pledge does it that trusts
// nothing but its voucher's pin.
#include <cstring>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gtest/gtest.h"
#include "openssl/ssl.h"
#include "services/authority/group_face.h"
#include "services/authority/test_peer.h"
#include "services/authority/voucher_face.h"
#include "services/issuance/serve_groups.h"
#include "services/issuance/serve_vouchers.h"
#include "services/issuance/test_desk.h"
#include "services/rpc/channel.h"
#include "services/rpc/server.h"
#include "services/rpc/status_codec.h"
#include "storage/memory/memory_issued_vouchers.h"

namespace masa::authority {
namespace {

using issuance::Noon;
using testing::Identity;

constexpr char kHost[] = "est.owner.example";
constexpr char kAddress[] = "2001:db8::1";

Identity TlsServer(const std::string& san, const Identity& ca) {
  testing::CertificateSpec spec = issuance::Spec("server", false);
  spec.subject_alternative_names = {san};
  spec.extended_key_usages = {testing::kServerAuth};
  return testing::MakeIdentity(spec, &ca);
}

bssl::UniquePtr<SSL> ServerSide(const Identity& identity) {
  const bssl::UniquePtr<SSL_CTX> context(SSL_CTX_new(TLS_method()));
  EXPECT_TRUE(
      SSL_CTX_use_certificate(context.get(), identity.certificate.get()) == 1 &&
      SSL_CTX_use_PrivateKey(context.get(), identity.key.get()) == 1);
  bssl::UniquePtr<SSL> ssl(SSL_new(context.get()));
  SSL_set_accept_state(ssl.get());
  return ssl;
}

// What the voucher tells the pledge is all that it knows of the server.
bssl::UniquePtr<SSL> PledgeSide(const wire::Voucher& voucher) {
  const bssl::UniquePtr<SSL_CTX> context(SSL_CTX_new(TLS_method()));
  const auto* der =
      reinterpret_cast<const uint8_t*>(voucher.pinned_domain_cert_der.data());
  const bssl::UniquePtr<X509> pin(
      d2i_X509(nullptr, &der, voucher.pinned_domain_cert_der.size()));
  X509_STORE_add_cert(SSL_CTX_get_cert_store(context.get()), pin.get());
  bssl::UniquePtr<SSL> ssl(SSL_new(context.get()));
  SSL_set_verify(ssl.get(), SSL_VERIFY_PEER, nullptr);
  X509_VERIFY_PARAM* param = SSL_get0_param(ssl.get());
  X509_VERIFY_PARAM_set_time(param, absl::ToTimeT(Noon()));
  X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_PARTIAL_CHAIN);
  const std::string host = voucher.est_domain.substr(strlen("https://"));
  EXPECT_EQ(host.front() == '['
                ? X509_VERIFY_PARAM_set1_ip_asc(
                      param, host.substr(1, host.find(']') - 1).c_str())
                : X509_VERIFY_PARAM_set1_host(param, host.data(), host.size()),
            1);
  SSL_set_connect_state(ssl.get());
  return ssl;
}

// Whether the pledge's handshake with a server of this identity holds.
bool Trusts(const wire::Voucher& voucher, const Identity& identity) {
  const bssl::UniquePtr<SSL> server = ServerSide(identity);
  const bssl::UniquePtr<SSL> pledge = PledgeSide(voucher);
  BIO *one = nullptr, *other = nullptr;
  EXPECT_EQ(BIO_new_bio_pair(&one, 0, &other, 0), 1);
  SSL_set_bio(server.get(), one, one);
  SSL_set_bio(pledge.get(), other, other);
  for (int turn = 0; turn < 8; ++turn) {
    const int done = SSL_do_handshake(pledge.get());
    if (done == 1) {
      return SSL_get_verify_result(pledge.get()) == X509_V_OK;
    }
    if (SSL_get_error(pledge.get(), done) != SSL_ERROR_WANT_READ) {
      return false;
    }
    SSL_do_handshake(server.get());
  }
  ADD_FAILURE() << "the handshake does not end";
  return false;
}

class EstOnboarding : public issuance::Desk {
 protected:
  EstOnboarding() {
    masa::v1::Catalog catalog;
    auto* binding = catalog.add_access_bindings();
    binding->set_tenant_id("acme");
    binding->set_organization_id("org-acme");
    binding->set_username("owner");
    binding->set_account_type(masa::v1::ACCOUNT_TYPE_SERVICE_ACCOUNT);
    binding->set_role(masa::v1::GROUP_ROLE_ASSIGNER);
    EXPECT_TRUE(store_.Apply({}, "test", Noon(), catalog).ok());
    const Identity server = Peer("DNS:localhost", &ca_);
    server_ = *rpc::Server::New({"127.0.0.1:0", server.CertificatePem(),
                                 server.KeyPem(), ca_.CertificatePem(), false},
                                {&groups_, &vouchers_});
    const Identity owner = Peer("URI:urn:owner", &ca_);
    channel_ = rpc::MakeChannel({absl::StrCat("127.0.0.1:", server_->port()),
                                 "", ca_.CertificatePem(),
                                 owner.CertificatePem(), owner.KeyPem()});
  }

  static absl::Status StatusOf(const grpc::Status& status) {
    return rpc::FromGrpc(status, absl::UnavailableError("unreachable"));
  }

  absl::Status Record(const masa::v1::EstServer& est,
                      const std::string& etag = "") {
    masa::v1::SetOnboardingRequest request;
    request.mutable_onboarding()->set_group_id("org-acme");
    *request.mutable_onboarding()->mutable_est() = est;
    request.set_etag(etag);
    grpc::ClientContext call;
    return StatusOf(masa::v1::GroupService::NewStub(channel_)->SetOnboarding(
        &call, request, &set_));
  }

  absl::StatusOr<wire::Voucher> Issue(masa::v1::IssueVoucherRequest request) {
    request.mutable_device()->set_serial_number("OWNED-1");
    request.mutable_expires_on()->set_seconds(
        absl::ToUnixSeconds(Noon() + absl::Hours(1)));
    masa::v1::IssueVoucherResponse response;
    grpc::ClientContext call;
    const absl::Status status =
        StatusOf(masa::v1::VoucherService::NewStub(channel_)->IssueVoucher(
            &call, request, &response));
    return status.ok() ? Opened(response.voucher()) : status;
  }

  absl::StatusOr<wire::Voucher> IssueForEst() {
    masa::v1::IssueVoucherRequest request;
    request.set_est_onboarding(true);
    return Issue(request);
  }

  Identity ca_ = Peer("", nullptr);
  Executor executor_{{"test", 2, 16}};
  const rpc::Gate gate_ = *rpc::Gate::Create(
      {masa::v1::GroupService::service_full_name(),
       masa::v1::VoucherService::service_full_name()},
      {{masa::v1::GroupService::service_full_name(), {"*"}},
       {masa::v1::VoucherService::service_full_name(), {"*"}}},
      [](const std::vector<std::string>&) {
        return identity::Principal{identity::Role::kCustomer, "urn:owner",
                                   "acme", "org-acme", "owner"};
      });
  const rpc::Serving serving_{gate_, executor_};
  issuance::ServeGroups desk_{*tools_};
  GroupFace groups_{desk_, *transfer_desk_, serving_};
  storage::MemoryIssuedVouchers issued_{store_};
  issuance::ServeVouchers voucher_desk_{*tools_, issued_};
  VoucherFace vouchers_{*operator_desk_, voucher_desk_, serving_};
  std::unique_ptr<rpc::Server> server_;
  std::shared_ptr<grpc::Channel> channel_;
  masa::v1::SetOnboardingResponse set_;

  const Identity est_ca_ =
      testing::MakeIdentity(issuance::Spec("owner's EST CA", true));
  const Identity cloud_ca_ =
      testing::MakeIdentity(issuance::Spec("cloud registrar CA", true));
};

// PN-10: TLS to the host of est-domain verifies under the pin, whatever the
// cloud registrar's certificates are.
TEST_F(EstOnboarding, ThePinVerifiesTheOwnersEstServerAndNoOther) {
  const Identity by_name = TlsServer(absl::StrCat("DNS:", kHost), est_ca_);
  const Identity by_address = TlsServer(absl::StrCat("IP:", kAddress), est_ca_);
  const struct {
    const char* what;
    std::string domain;
    std::string pin;
    Identity server;
    bool trusted;
  } cases[] = {
      {"under the owner's CA", absl::StrCat("https://", kHost),
       est_ca_.CertificateDer(), by_name, true},
      {"at an address", absl::StrCat("https://[", kAddress, "]:8443"),
       est_ca_.CertificateDer(), by_address, true},
      {"the certificate itself", absl::StrCat("https://", kHost),
       by_name.CertificateDer(), by_name, true},
      {"under the cloud registrar's CA", absl::StrCat("https://", kHost),
       est_ca_.CertificateDer(),
       TlsServer(absl::StrCat("DNS:", kHost), cloud_ca_), false},
      {"another host's", absl::StrCat("https://", kHost),
       est_ca_.CertificateDer(), TlsServer("DNS:other.example", est_ca_),
       false},
      {"another certificate", absl::StrCat("https://", kHost),
       by_name.CertificateDer(),
       TlsServer(absl::StrCat("DNS:", kHost), est_ca_), false},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.what);
    masa::v1::EstServer est;
    est.set_domain(c.domain);
    est.set_certificate_der(c.pin);
    const absl::Status recorded = Record(est);
    ASSERT_TRUE(recorded.ok()) << recorded;
    const auto voucher = IssueForEst();
    ASSERT_TRUE(voucher.ok()) << voucher.status();
    EXPECT_EQ(voucher->est_domain, c.domain);
    EXPECT_EQ(voucher->pinned_domain_cert_der, c.pin);
    EXPECT_EQ(Trusts(*voucher, c.server), c.trusted);
  }
}

TEST_F(EstOnboarding, RefusalsSayWhatIsWrong) {
  EXPECT_EQ(ReasonOf(IssueForEst().status()), Reason::kOnboardingUnknown);
  masa::v1::IssueVoucherRequest both;
  EXPECT_EQ(ReasonOf(Issue(both).status()), Reason::kInvalidArgument);
  both.set_est_onboarding(true);
  both.set_pinned_cert_der(est_ca_.CertificateDer());
  EXPECT_EQ(ReasonOf(Issue(both).status()), Reason::kInvalidArgument);
  masa::v1::EstServer est;
  est.set_domain(kHost);
  est.set_certificate_der(est_ca_.CertificateDer());
  const absl::Status bare = Record(est);
  EXPECT_EQ(ReasonOf(bare), Reason::kInvalidArgument);
  EXPECT_NE(bare.message().find("onboarding.est.domain"),
            absl::string_view::npos)
      << bare;
  est.set_domain(absl::StrCat("https://", kHost));
  est.set_certificate_der("der");
  EXPECT_EQ(ReasonOf(Record(est)), Reason::kCertMalformed);
}

TEST_F(EstOnboarding, IsReadReplacedByEtagAndCleared) {
  const auto stub = masa::v1::GroupService::NewStub(channel_);
  masa::v1::EstServer est;
  est.set_domain(absl::StrCat("https://", kHost));
  est.set_certificate_der(est_ca_.CertificateDer());
  est.set_additional_configuration_url("https://owner.example/more");
  ASSERT_TRUE(Record(est).ok());
  masa::v1::GetOnboardingRequest ask;
  ask.set_group_id("org-acme");
  masa::v1::GetOnboardingResponse got;
  grpc::ClientContext first;
  ASSERT_TRUE(stub->GetOnboarding(&first, ask, &got).ok());
  EXPECT_EQ(got.onboarding().SerializeAsString(),
            set_.onboarding().SerializeAsString());
  EXPECT_EQ(got.onboarding().group_id(), "org-acme");
  EXPECT_EQ(got.onboarding().est().SerializeAsString(),
            est.SerializeAsString());
  const std::string etag = got.onboarding().etag();
  ASSERT_TRUE(Record(est, etag).ok());
  EXPECT_EQ(ReasonOf(Record(est, etag)), Reason::kEtagMismatch);
  masa::v1::ClearOnboardingRequest clear;
  clear.set_group_id("org-acme");
  clear.set_etag(set_.onboarding().etag());
  masa::v1::ClearOnboardingResponse cleared;
  grpc::ClientContext second, third;
  ASSERT_TRUE(stub->ClearOnboarding(&second, clear, &cleared).ok());
  EXPECT_EQ(ReasonOf(StatusOf(stub->GetOnboarding(&third, ask, &got))),
            Reason::kOnboardingUnknown);
}

}  // namespace
}  // namespace masa::authority
