// A device that finds no registrar on its link, on the real binary with a real
// PostgreSQL, the roles together and apart: it gets home by its owner's
// registrar, and by its owner's EST server.
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gtest/gtest.h"
#include "proto/masa/v1/device.grpc.pb.h"
#include "proto/masa/v1/organization.grpc.pb.h"
#include "proto/masa/v1/report.grpc.pb.h"
#include "services/config/yaml_reader.h"
#include "services/masad/test_masad.h"
#include "services/observe/clock.h"
#include "services/rpc/channel.h"
#include "services/testing/https_client.h"
#include "services/testing/pledge.h"
#include "services/testing/registrar.h"
#include "services/testing/sandbox_files.h"
#include "storage/contract/postgres_server.h"

namespace masa::masad {
namespace {

using storage::PostgresServer;
using testing::HttpAnswer;

constexpr char kCloud[] = "cloud.masa.example";
constexpr char kRegistrarUrl[] = "https://registrar.customer.example:8443";
constexpr char kEstDomain[] = "https://est.customer.example";
constexpr char kPath[] = "/.well-known/brski/";

std::string Read(const std::string& path) {
  std::string text;
  EXPECT_TRUE(config::ReadFile(path, &text)) << path;
  return text;
}

class Cloud : public ::testing::TestWithParam<bool> {
 protected:
  void SetUp() override {
    folder_ = absl::StrCat(::testing::TempDir(), "/cloud-",
                           GetParam() ? "apart" : "together");
    ASSERT_TRUE(testing::WriteSandboxFiles(folder_, SystemClock()).ok());
    auto database = PostgresServer::Start();
    ASSERT_TRUE(database.ok()) << database.status();
    database_ = *std::move(database);
    parts_.service_url = database_->Url(PostgresServer::kService);
    parts_.migration_url = database_->Url(PostgresServer::kMigrator);
    ASSERT_EQ(RunVerb("migrate", {"migrate"}), 0);
    ASSERT_EQ(RunVerb("apply", {"apply", folder_ + "/secrets/catalog.yaml"}),
              0);
    StartMasa();
    ASSERT_TRUE(authority_->WaitUntilReadyzIs(200)) << authority_->LogText();
    registrar_ = std::make_unique<testing::Registrar>(
        Identity("sandbox", "registrar"),
        std::vector<std::string>{
            Identity("sandbox", "domain-ca").CertificateDer()});
    pledge_ = std::make_unique<testing::Pledge>(Identity("sandbox", "pledge"));
    ImportDevice();
  }

  int RunVerb(const std::string& name,
              const std::vector<std::string>& arguments) {
    return MasadProcess(folder_, name, parts_, arguments).process().Wait();
  }

  std::unique_ptr<MasadProcess> Start(const std::string& role) {
    auto made = std::make_unique<MasadProcess>(
        folder_, role, parts_, std::vector<std::string>{"--role=" + role});
    EXPECT_TRUE(made->WaitUntilServing()) << role << ": " << made->LogText();
    return made;
  }

  void StartMasa() {
    if (!GetParam()) {
      authority_ = Start("all");
      return;
    }
    signer_ = Start("signer");
    parts_.signer_port = signer_->Port("signer_port");
    authority_ = Start("authority");
    parts_.internal_port = authority_->Port("internal_port");
    edge_ = Start("edge");
  }

  testing::Identity Identity(const std::string& where,
                             const std::string& name) {
    return testing::IdentityFromPem(
        Read(absl::StrCat(folder_, "/", where, "/", name, ".pem")),
        Read(absl::StrCat(folder_, "/", where, "/", name, ".key")));
  }

  std::string Root(const std::string& name) {
    return testing::IdentityFromPem(Read(folder_ + "/sandbox/" + name + ".pem"),
                                    Read(folder_ + "/secrets/" + name + ".key"))
        .CertificateDer();
  }

  // One call of the operator's.
  template <typename Service, typename Request, typename Response>
  Response Operate(grpc::Status (Service::Stub::*method)(grpc::ClientContext*,
                                                         const Request&,
                                                         Response*),
                   const Request& request) {
    const testing::Identity me = Identity("sandbox", "operator");
    const auto stub = Service::NewStub(rpc::MakeChannel(
        {absl::StrCat("127.0.0.1:", authority_->Port("api_port")), "",
         Read(folder_ + "/sandbox/tls-root.pem"), me.CertificatePem(),
         me.KeyPem()}));
    grpc::ClientContext call;
    rpc::Carry({}, &call);
    Response response;
    const auto status = (stub.get()->*method)(&call, request, &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return response;
  }

  void ImportDevice() {
    masa::v1::CreateDeviceRequest request;
    request.mutable_device()->set_serial_number(pledge_->serial_number());
    request.mutable_device()->set_product_id("owned");
    Operate<masa::v1::DeviceService>(
        &masa::v1::DeviceService::Stub::CreateDevice, request);
  }

  void AssignDevice() {
    masa::v1::AssignDevicesRequest request;
    request.add_devices()->set_serial_number(pledge_->serial_number());
    request.set_organization_id("org-acme");
    Operate<masa::v1::DeviceService>(
        &masa::v1::DeviceService::Stub::AssignDevices, request);
  }

  void Record(const masa::v1::Onboarding& onboarding) {
    masa::v1::SetOnboardingRequest request;
    *request.mutable_onboarding() = onboarding;
    request.mutable_onboarding()->set_group_id("org-acme");
    Operate<masa::v1::GroupService>(
        &masa::v1::GroupService::Stub::SetOnboarding, request);
  }

  testing::HttpsServer Masa(const std::string& name) {
    return {"127.0.0.1",
            (GetParam() ? *edge_ : *authority_).Port("https_port"),
            name,
            {Root("tls-root")}};
  }

  // As the device, over a connection of its own.
  HttpAnswer Post(const std::string& resource, const std::string& type,
                  const std::string& body) {
    testing::HttpsClientOptions options;
    options.identity = pledge_->idevid();
    auto client = testing::HttpsClient::Connect(Masa(kCloud), options);
    EXPECT_TRUE(client.ok()) << client.status();
    auto answer = (*client)->Send(
        {"POST", kPath + resource, body, {{"content-type", type}}});
    EXPECT_TRUE(answer.ok()) << answer.status();
    return answer.value_or(HttpAnswer());
  }

  // A fresh request to the cloud registrar.
  HttpAnswer Ask() {
    return Post(
        "requestvoucher", "application/voucher-cms+json",
        pledge_->MakeRequest(Identity("secrets", "server").CertificateDer(),
                             absl::Now()));
  }

  // The registrar, or EST server, that the device found then.
  testing::VoucherExpectation Found() {
    return {Root("voucher-root"), registrar_->identity().CertificateDer(),
            registrar_->chain_der(), absl::Now()};
  }

  std::string folder_;
  std::unique_ptr<PostgresServer> database_;
  ConfigParts parts_;
  std::unique_ptr<MasadProcess> signer_;
  std::unique_ptr<MasadProcess> authority_;
  std::unique_ptr<MasadProcess> edge_;
  std::unique_ptr<testing::Registrar> registrar_;
  std::unique_ptr<testing::Pledge> pledge_;
};

// CR-01, CR-10, CR-11, CR-26, CR-27: first nobody knows where it belongs, then
// it is sent to its owner's registrar, and gets its voucher there with a new
// request.
TEST_P(Cloud, TheDeviceGetsHomeByItsOwnersRegistrar) {
  const HttpAnswer early = Ask();
  EXPECT_EQ(early.status, 401) << early.body;
  EXPECT_EQ(early.headers.at("retry-after"), "3600");
  AssignDevice();
  masa::v1::Onboarding onboarding;
  onboarding.set_registrar_url(kRegistrarUrl);
  Record(onboarding);
  const HttpAnswer sent_on = Ask();
  ASSERT_EQ(sent_on.status, 307) << sent_on.body;
  EXPECT_EQ(sent_on.headers.at("location"),
            absl::StrCat(kRegistrarUrl, kPath, "requestvoucher"));

  const auto request = pledge_->MakeRequest(
      registrar_->identity().CertificateDer(), absl::Now());
  auto masa = registrar_->Connect(Masa("localhost"));
  ASSERT_TRUE(masa.ok()) << masa.status();
  const auto answer = testing::Registrar::RequestVoucher(
      **masa, registrar_->Sign(*registrar_->LeavesFor(
                  request, pledge_->idevid(), absl::Now())));
  ASSERT_TRUE(answer.ok()) << answer.status();
  ASSERT_EQ(answer->status, 200) << answer->body;
  const auto voucher = pledge_->CheckVoucher(answer->body, Found());
  EXPECT_TRUE(voucher.ok()) << voucher.status();
}

// CR-13, CR-18, CR-21: a voucher that the device may trust an EST server by,
// and what it tells afterwards.
TEST_P(Cloud, TheDeviceGetsHomeByItsOwnersEstServer) {
  AssignDevice();
  masa::v1::Onboarding onboarding;
  onboarding.mutable_est()->set_domain(kEstDomain);
  onboarding.mutable_est()->set_certificate_der(
      Identity("sandbox", "domain-ca").CertificateDer());
  Record(onboarding);
  const HttpAnswer answer = Ask();
  ASSERT_EQ(answer.status, 200) << answer.body;
  const auto voucher = pledge_->CheckVoucher(answer.body, Found());
  ASSERT_TRUE(voucher.ok()) << voucher.status();
  EXPECT_EQ(voucher->est_domain, kEstDomain);

  EXPECT_EQ(Post("voucher_status", "application/json",
                 R"({"version":1,"status":true,"reason":"it holds"})")
                .status,
            200);
  EXPECT_EQ(Post("requestauditlog", "application/json", "{}").status, 404);
  masa::v1::ListDeviceReportsRequest request;
  request.mutable_device()->set_serial_number(pledge_->serial_number());
  const auto told = Operate<masa::v1::ReportService>(
      &masa::v1::ReportService::Stub::ListDeviceReports, request);
  ASSERT_EQ(told.reports_size(), 1);
  EXPECT_TRUE(told.reports(0).success());
  EXPECT_TRUE(told.reports(0).own_certificate());
  EXPECT_EQ(told.reports(0).reason(), "it holds");
}

// CR-02: a name of the cloud registrar's without an IDevID is no connection.
TEST_P(Cloud, WithoutAnIdevidThereIsNoAnswer) {
  auto client = testing::HttpsClient::Connect(Masa(kCloud));
  EXPECT_FALSE(
      client.ok() &&
      (*client)
          ->Send({"POST", absl::StrCat(kPath, "requestvoucher"), "x", {}})
          .ok());
  EXPECT_TRUE(testing::HttpsClient::Connect(Masa("localhost")).ok());
}

INSTANTIATE_TEST_SUITE_P(Forms, Cloud, ::testing::Bool(), [](const auto& info) {
  return info.param ? "Apart" : "Together";
});

}  // namespace
}  // namespace masa::masad
