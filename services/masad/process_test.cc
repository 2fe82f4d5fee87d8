// The real binary as processes, the roles together and apart, on a real
// PostgreSQL: one onboarding, and what happens when parts of it stop.
#include <csignal>
#include <memory>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gtest/gtest.h"
#include "proto/masa/v1/device.grpc.pb.h"
#include "services/masad/test_roles.h"
#include "services/rpc/channel.h"
#include "services/testing/files.h"
#include "services/testing/pledge.h"
#include "services/testing/registrar.h"

namespace masa::masad {
namespace {

class Processes : public RolesTest {
 protected:
  void SetUp() override {
    StartSandbox("processes");
    if (HasFatalFailure()) {
      return;
    }
    ImportDevice();
    MakeRequest();
  }

  void ImportDevice() {
    const auto stub = masa::v1::DeviceService::NewStub(rpc::MakeChannel(
        {absl::StrCat("127.0.0.1:", authority_->Port("api_port")), "",
         Read("sandbox/tls-root.pem"), Identity("operator").CertificatePem(),
         Identity("operator").KeyPem()}));
    grpc::ClientContext call;
    rpc::Carry({}, &call);
    masa::v1::CreateDeviceRequest request;
    request.mutable_device()->set_serial_number("DEMO-0001");
    request.mutable_device()->set_product_id("default");
    masa::v1::CreateDeviceResponse response;
    const auto status = stub->CreateDevice(&call, request, &response);
    ASSERT_TRUE(status.ok()) << status.error_message();
  }

  void MakeRequest() {
    registrar_ = std::make_unique<testing::Registrar>(
        Identity("registrar"),
        std::vector<std::string>{Identity("domain-ca").CertificateDer()});
    pledge_ = std::make_unique<testing::Pledge>(Identity("pledge"));
    const auto request = pledge_->MakeRequest(
        registrar_->identity().CertificateDer(), absl::Now());
    request_ = registrar_->Sign(
        *registrar_->LeavesFor(request, pledge_->idevid(), absl::Now()));
  }

  MasadProcess& Outer() {
    return outer_ != nullptr ? *outer_ : RolesTest::Outer();
  }

  testing::HttpAnswer Ask() {
    auto connection = registrar_->Connect({"127.0.0.1",
                                           Outer().Port("https_port"),
                                           "localhost",
                                           {Root("tls-root")}});
    EXPECT_TRUE(connection.ok()) << connection.status();
    auto answer = testing::Registrar::RequestVoucher(**connection, request_);
    EXPECT_TRUE(answer.ok()) << answer.status();
    return *std::move(answer);
  }

  MasadProcess* outer_ = nullptr;  // instead of the test's own
  std::unique_ptr<testing::Registrar> registrar_;
  std::unique_ptr<testing::Pledge> pledge_;
  std::string request_;
};

TEST_P(Processes, OnboardADeviceAndEndCleanly) {
  const auto answer = Ask();
  ASSERT_EQ(answer.status, 200) << answer.body;
  const auto voucher = pledge_->CheckVoucher(
      answer.body,
      {Root("voucher-root"), registrar_->identity().CertificateDer(),
       registrar_->chain_der(), absl::Now()});
  EXPECT_TRUE(voucher.ok()) << voucher.status();
  // One request id runs through all roles.
  const std::string id = answer.headers.at("x-request-id");
  for (MasadProcess* part : {edge_.get(), authority_.get(), signer_.get()}) {
    EXPECT_TRUE(part == nullptr || Eventually([&] {
                  return absl::StrContains(part->LogText(), id);
                }))
        << id << part->LogText();
  }
  EXPECT_TRUE(Eventually([&] {
    return absl::StrContains(
        authority_->AdminGet("/metrics"),
        "grpc_server_handled_total{grpc_code=\"OK\",grpc_method="
        "\"CreateDevice\",grpc_service=\"masa.v1.DeviceService\","
        "grpc_type=\"unary\"} 1");
  }));
  EXPECT_TRUE(
      absl::StrContains(authority_->AdminGet("/metrics"),
                        "masa_vouchers_issued_total{assertion=\"proximity\","
                        "format=\"cms_json\"} 1"));
  for (MasadProcess* part : {edge_.get(), authority_.get(), signer_.get()}) {
    if (part != nullptr) {
      part->process().Signal(SIGTERM);
      EXPECT_EQ(part->process().Wait(), 0) << part->LogText();
    }
  }
}

TEST_P(Processes, TakeAChangedConfigurationAndRefuseABrokenOne) {
  const std::string file = Outer().config_file();
  const auto config = testing::ReadFile(file);
  ASSERT_TRUE(config.ok()) << config.status();
  Outer().process().Signal(SIGHUP);
  EXPECT_TRUE(Eventually([&] {
    return absl::StrContains(Outer().LogText(),
                             "the configuration was read again");
  })) << Outer().LogText();
  ASSERT_TRUE(testing::WriteFile(file, *config + "\nnonsense: {}\n",
                                 testing::FileMode::kPublic)
                  .ok());
  EXPECT_TRUE(Eventually([&] {
    return absl::StrContains(Outer().AdminGet("/metrics"),
                             "masa_config_last_reload_successful 0");
  })) << Outer().LogText();
  EXPECT_TRUE(absl::StrContains(Outer().LogText(), "nonsense"));
  EXPECT_EQ(Ask().status, 200) << "it goes on with what it had";
}

// EP-44.
TEST_P(Processes, StoppedDatabaseIsToldPlainlyAndPasses) {
  database_->Stop();
  const auto answer = Ask();
  EXPECT_EQ(answer.status, 503);
  EXPECT_FALSE(answer.body.empty());
  EXPECT_TRUE(authority_->WaitUntilReadyzIs(503));
  EXPECT_TRUE(authority_->process().Runs());
  ASSERT_TRUE(database_->Restart().ok());
  EXPECT_TRUE(authority_->WaitUntilReadyzIs(200)) << authority_->LogText();
  EXPECT_EQ(Ask().status, 200);
}

TEST_P(Processes, KilledSignerIsToldPlainlyAndPasses) {
  if (!GetParam()) {
    return;  // together, it cannot die alone
  }
  signer_->process().Signal(SIGKILL);
  EXPECT_EQ(signer_->process().Wait(), -SIGKILL);
  EXPECT_TRUE(authority_->WaitUntilReadyzIs(503)) << authority_->LogText();
  const auto answer = Ask();
  EXPECT_EQ(answer.status, 503) << answer.body;
  EXPECT_FALSE(answer.body.empty());
  parts_.own_signer_port = parts_.signer_port;
  signer_ = Start("signer");
  EXPECT_TRUE(Eventually([this] { return Ask().status == 200; }));
  EXPECT_TRUE(authority_->WaitUntilReadyzIs(200)) << authority_->LogText();
  authority_->process().Signal(SIGKILL);
  EXPECT_TRUE(edge_->WaitUntilReadyzIs(503)) << edge_->LogText();
}

// OP-14: a site whose edge is gone is served by another's; nothing is
// remembered at either.
TEST_P(Processes, AnotherEdgeAnswersWhenOneIsGone) {
  if (!GetParam()) {
    return;  // together, the edge does not die alone
  }
  const auto first = Ask();
  ASSERT_EQ(first.status, 200) << first.body;
  MasadProcess other(folder_, "other-edge", parts_, {"--role=edge"});
  ASSERT_TRUE(other.WaitUntilServing()) << other.LogText();
  edge_->process().Signal(SIGKILL);
  EXPECT_EQ(edge_->process().Wait(), -SIGKILL);
  outer_ = &other;
  const auto second = Ask();
  ASSERT_EQ(second.status, 200) << second.body;
  EXPECT_EQ(second.body, first.body) << "the same request, the same voucher";
}

INSTANTIATE_TEST_SUITE_P(Forms, Processes, ::testing::Bool(),
                         [](const auto& info) {
                           return info.param ? "Apart" : "Together";
                         });

TEST(Masad, ReportsEveryFaultOfItsConfigurationAtOnce) {
  const std::string folder = ::testing::TempDir() + "/faults";
  ASSERT_TRUE(testing::WriteSandboxFiles(folder, SystemClock()).ok());
  ASSERT_EQ(std::remove((folder + "/secrets/server.key").c_str()), 0);
  ASSERT_EQ(std::remove((folder + "/secrets/voucher-p256.pem").c_str()), 0);
  MasadProcess masad(folder, "check", {"postgresql:///x", "", 0, 0, 0},
                     {"--check-config"});
  EXPECT_EQ(masad.process().Wait(), 1);
  for (const char* path :
       {"edge.certificates[0].identity.key_file",
        "authority.api.identity.key_file", "signer.local_keys[0].chain_file"}) {
    EXPECT_TRUE(absl::StrContains(masad.LogText(), path)) << masad.LogText();
  }
}

}  // namespace
}  // namespace masa::masad
