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
#include "services/masad/test_roles.h"
#include "services/rpc/channel.h"
#include "services/testing/https_client.h"
#include "services/testing/pledge.h"
#include "services/testing/registrar.h"

namespace masa::masad {
namespace {

using testing::HttpAnswer;

constexpr char kCloud[] = "cloud.masa.example";
constexpr char kRegistrarUrl[] = "https://registrar.customer.example:8443";
constexpr char kEstDomain[] = "https://est.customer.example";
constexpr char kPath[] = "/.well-known/brski/";

class Cloud : public RolesTest {
 protected:
  void SetUp() override {
    StartSandbox("cloud");
    if (HasFatalFailure()) {
      return;
    }
    registrar_ = std::make_unique<testing::Registrar>(
        Identity("registrar"),
        std::vector<std::string>{Identity("domain-ca").CertificateDer()});
    pledge_ = std::make_unique<testing::Pledge>(Identity("pledge"));
    ImportDevice();
  }

  // One call of the operator's.
  template <typename Service, typename Request, typename Response>
  Response Operate(grpc::Status (Service::Stub::*method)(grpc::ClientContext*,
                                                         const Request&,
                                                         Response*),
                   const Request& request) {
    const testing::Identity me = Identity("operator");
    const auto stub = Service::NewStub(rpc::MakeChannel(
        {absl::StrCat("127.0.0.1:", authority_->Port("api_port")), "",
         Read("sandbox/tls-root.pem"), me.CertificatePem(), me.KeyPem()}));
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
    return {"127.0.0.1", Outer().Port("https_port"), name, {Root("tls-root")}};
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
        pledge_->MakeRequest(Identity("server", "secrets").CertificateDer(),
                             absl::Now()));
  }

  // The registrar, or EST server, that the device found then.
  testing::VoucherExpectation Found() {
    return {Root("voucher-root"), registrar_->identity().CertificateDer(),
            registrar_->chain_der(), absl::Now()};
  }

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
      Identity("domain-ca").CertificateDer());
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
