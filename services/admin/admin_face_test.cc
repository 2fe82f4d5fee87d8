// AdminService over a socket: who may ask a process what, and what it answers.
#include "services/admin/admin_face.h"

#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gtest/gtest.h"
#include "services/admin/test_admin_desk.h"
#include "services/rpc/channel.h"
#include "services/rpc/server.h"
#include "services/status/reason.h"
#include "services/testing/test_pki.h"

namespace masa::admin {
namespace {

using masa::v1::AdminService;

constexpr char kEventText[] = "30313233-3435-3637-3839-616263646566";

class AdminRpc : public ::testing::Test {
 protected:
  AdminRpc() {
    const testing::Identity server = Peer("DNS:localhost");
    server_ = *rpc::Server::New({"127.0.0.1:0", server.CertificatePem(),
                                 server.KeyPem(), ca_.CertificatePem()},
                                {&face_});
  }

  // `urn:operator`, `urn:customer` or `urn:authority`.
  template <typename Request, typename Response>
  std::string Ask(const std::string& who,
                  grpc::Status (AdminService::Stub::*method)(
                      grpc::ClientContext*, const Request&, Response*),
                  const Request& request, Response* response) {
    const testing::Identity peer = Peer("URI:" + who);
    const auto stub = AdminService::NewStub(rpc::MakeChannel(
        {absl::StrCat("127.0.0.1:", server_->port()), "", ca_.CertificatePem(),
         peer.CertificatePem(), peer.KeyPem()}));
    grpc::ClientContext context;
    rpc::Carry({}, &context);
    const absl::Status status =
        rpc::FromGrpc((stub.get()->*method)(&context, request, response),
                      absl::UnavailableError("unreachable"));
    said_ = std::string(status.message());
    return status.ok() ? "OK" : std::string(InfoOf(ReasonOf(status)).name);
  }

  testing::Identity Peer(const std::string& san) {
    testing::CertificateSpec spec = Today();
    spec.subject_alternative_names = {san, "IP:127.0.0.1"};
    return testing::MakeIdentity(spec, &ca_);
  }

  static testing::CertificateSpec Today() {
    testing::CertificateSpec spec;
    spec.common_name = "x";
    spec.not_before = absl::Now() - absl::Hours(1);
    spec.not_after = absl::Now() + absl::Hours(1);
    return spec;
  }
  static testing::Identity Root() {
    testing::CertificateSpec spec = Today();
    spec.is_ca = true;
    return testing::MakeIdentity(spec, nullptr);
  }
  static absl::StatusOr<identity::Principal> Authenticate(
      const std::vector<std::string>& names) {
    using identity::Role;
    const std::string who = names.empty() ? "" : names.front();
    return identity::Principal{who == "urn:operator"    ? Role::kOperator
                               : who == "urn:authority" ? Role::kAuthority
                                                        : Role::kCustomer,
                               who, "acme", ""};
  }

  const testing::Identity ca_ = Root();
  Executor executor_{{"test", 1, 16}};
  const rpc::Gate gate_ = *rpc::Gate::Create(
      {AdminService::service_full_name()},
      {{AdminService::service_full_name(), {"*"}}}, Authenticate);
  TestAdminDesk desk_;
  AdminFace face_{desk_, {gate_, executor_}};
  std::unique_ptr<rpc::Server> server_;
  std::string said_;
};

TEST_F(AdminRpc, AnswersNobodyButOperators) {
  for (const char* who : {"urn:customer", "urn:authority"}) {
    masa::v1::GetBuildInfoResponse build;
    EXPECT_EQ(Ask(who, &AdminService::Stub::GetBuildInfo,
                  masa::v1::GetBuildInfoRequest(), &build),
              "PERMISSION_DENIED");
    masa::v1::GetConfigResponse config;
    EXPECT_EQ(Ask(who, &AdminService::Stub::GetConfig,
                  masa::v1::GetConfigRequest(), &config),
              "PERMISSION_DENIED");
    masa::v1::ReloadConfigResponse reload;
    EXPECT_EQ(Ask(who, &AdminService::Stub::ReloadConfig,
                  masa::v1::ReloadConfigRequest(), &reload),
              "PERMISSION_DENIED");
    masa::v1::GetLogLevelResponse level;
    EXPECT_EQ(Ask(who, &AdminService::Stub::GetLogLevel,
                  masa::v1::GetLogLevelRequest(), &level),
              "PERMISSION_DENIED");
    masa::v1::DrainResponse drain;
    EXPECT_EQ(
        Ask(who, &AdminService::Stub::Drain, masa::v1::DrainRequest(), &drain),
        "PERMISSION_DENIED");
    masa::v1::RunSelfTestResponse tested;
    EXPECT_EQ(Ask(who, &AdminService::Stub::RunSelfTest,
                  masa::v1::RunSelfTestRequest(), &tested),
              "PERMISSION_DENIED");
  }
  EXPECT_FALSE(desk_.drained);
  EXPECT_EQ(desk_.caller, "");
}

TEST_F(AdminRpc, TellsWhatRunsAndByWhat) {
  masa::v1::GetBuildInfoResponse build;
  ASSERT_EQ(Ask("urn:operator", &AdminService::Stub::GetBuildInfo,
                masa::v1::GetBuildInfoRequest(), &build),
            "OK")
      << said_;
  EXPECT_EQ(build.ShortDebugString(),
            "binary_sha256: \"0102\" compiler: \"c++\" grpc_version: \"1.51\" "
            "schema_version: 28 roles: \"edge\" instance: \"pod-1\" "
            "started_at { seconds: 1000 }");
  desk_.config.mutable_log()->set_level("warn");
  masa::v1::GetConfigResponse config;
  ASSERT_EQ(Ask("urn:operator", &AdminService::Stub::GetConfig,
                masa::v1::GetConfigRequest(), &config),
            "OK")
      << said_;
  EXPECT_EQ(config.config().log().level(), "warn");
}

TEST_F(AdminRpc, ReloadSaysWhatDiffersOrWhyNothingIsTaken) {
  desk_.differences = {{"log.level", "info", "debug", false},
                       {"edge.threads", "2", "3", true}};
  masa::v1::ReloadConfigRequest request;
  masa::v1::ReloadConfigResponse response;
  ASSERT_EQ(Ask("urn:operator", &AdminService::Stub::ReloadConfig, request,
                &response),
            "OK")
      << said_;
  EXPECT_EQ(response.audit_event_id(), kEventText);
  ASSERT_EQ(response.changes_size(), 2);
  EXPECT_EQ(response.changes(1).ShortDebugString(),
            "path: \"edge.threads\" running: \"2\" in_file: \"3\" "
            "needs_restart: true");
  request.set_validate_only(true);
  ASSERT_EQ(Ask("urn:operator", &AdminService::Stub::ReloadConfig, request,
                &response),
            "OK");
  EXPECT_EQ(response.audit_event_id(), "");
  desk_.reload_status = Refuse(Reason::kMisconfigured, "edge.listen: no");
  EXPECT_EQ(Ask("urn:operator", &AdminService::Stub::ReloadConfig, request,
                &response),
            "MISCONFIGURED");
  EXPECT_NE(said_.find("edge.listen: no"), std::string::npos) << said_;
}

TEST_F(AdminRpc, LogLevelIsSetForAWhile) {
  const struct {
    int level;
    int64_t seconds;  // -1: none
    const char* outcome;
    int64_t until;
  } rows[] = {
      {1, -1, "OK", 5000 + 900},      {4, 86'400, "OK", 5000 + 86'400},
      {0, 60, "INVALID_ARGUMENT", 0}, {9, 60, "INVALID_ARGUMENT", 0},
      {1, 0, "INVALID_ARGUMENT", 0},  {1, 86'401, "INVALID_ARGUMENT", 0},
  };
  for (const auto& row : rows) {
    masa::v1::SetLogLevelRequest request;
    request.set_level(static_cast<masa::v1::LogLevel>(row.level));
    if (row.seconds >= 0) {
      request.mutable_lasts()->set_seconds(row.seconds);
    }
    masa::v1::SetLogLevelResponse response;
    EXPECT_EQ(Ask("urn:operator", &AdminService::Stub::SetLogLevel, request,
                  &response),
              row.outcome)
        << row.level << " for " << row.seconds << ": " << said_;
    EXPECT_EQ(response.state().until().seconds(), row.until);
  }
  masa::v1::GetLogLevelResponse read;
  ASSERT_EQ(Ask("urn:operator", &AdminService::Stub::GetLogLevel,
                masa::v1::GetLogLevelRequest(), &read),
            "OK");
  EXPECT_EQ(read.state().level(), masa::v1::LOG_LEVEL_ERROR);
  EXPECT_EQ(read.state().configured(), masa::v1::LOG_LEVEL_INFO);
}

TEST_F(AdminRpc, DrainsAndTakesThatBack) {
  masa::v1::DrainRequest request;
  request.set_reason("a disk is changed");
  masa::v1::DrainResponse drained;
  ASSERT_EQ(Ask("urn:operator", &AdminService::Stub::Drain, request, &drained),
            "OK")
      << said_;
  EXPECT_EQ(drained.audit_event_id(), kEventText);
  EXPECT_TRUE(desk_.drained);
  EXPECT_EQ(desk_.reason, "a disk is changed");
  masa::v1::UndrainResponse back;
  ASSERT_EQ(Ask("urn:operator", &AdminService::Stub::Undrain,
                masa::v1::UndrainRequest(), &back),
            "OK")
      << said_;
  EXPECT_FALSE(desk_.drained);
  for (const std::string& reason :
       {std::string(201, 'x'), std::string("two\nlines")}) {
    request.set_reason(reason);
    EXPECT_EQ(
        Ask("urn:operator", &AdminService::Stub::Drain, request, &drained),
        "INVALID_ARGUMENT");
  }
  EXPECT_FALSE(desk_.drained);
}

TEST_F(AdminRpc, SelfTestPassesWhenAllOfItHolds) {
  desk_.checks = {{"clock", absl::OkStatus(), absl::Milliseconds(1500)}};
  masa::v1::RunSelfTestResponse response;
  ASSERT_EQ(Ask("urn:operator", &AdminService::Stub::RunSelfTest,
                masa::v1::RunSelfTestRequest(), &response),
            "OK")
      << said_;
  EXPECT_TRUE(response.passed());
  EXPECT_EQ(response.checks(0).took().seconds(), 1);
  EXPECT_EQ(response.checks(0).took().nanos(), 500'000'000);
  desk_.checks.push_back({"database",
                          Refuse(Reason::kStoreUnavailable, "it is away"),
                          absl::ZeroDuration()});
  response.Clear();
  ASSERT_EQ(Ask("urn:operator", &AdminService::Stub::RunSelfTest,
                masa::v1::RunSelfTestRequest(), &response),
            "OK");
  EXPECT_FALSE(response.passed());
  EXPECT_EQ(response.checks(1).reason(), "STORE_UNAVAILABLE");
  EXPECT_EQ(response.checks(1).detail(), "it is away");
}

}  // namespace
}  // namespace masa::admin
