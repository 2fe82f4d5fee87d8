// What masactl makes of a service's answers: for people and for scripts.
#include <sys/resource.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "proto/masa/v1/audit.grpc.pb.h"
#include "proto/masa/v1/device.grpc.pb.h"
#include "proto/masa/v1/organization.grpc.pb.h"
#include "proto/masa/v1/transfer.grpc.pb.h"
#include "proto/masa/v1/voucher.grpc.pb.h"
#include "services/masactl/test_peer.h"
#include "services/masactl/test_run.h"
#include "services/rpc/server.h"
#include "services/rpc/status_codec.h"
#include "services/status/reason.h"

namespace masa::masactl {
namespace {

using grpc::ServerContext;
using ::testing::HasSubstr;
using testing::Identity;

constexpr char kForged[] = "x\n  forged  \x1b]0;pwn\x07";
constexpr char kShown[] = "x\\x0a  forged  \\x1b]0;pwn\\x07";

class Devices final : public masa::v1::DeviceService::Service {
 public:
  // Devices with these values of a label.
  std::vector<std::string> labels;

  grpc::Status ExportDevices(
      ServerContext*, const masa::v1::ExportDevicesRequest*,
      grpc::ServerWriter<masa::v1::ExportDevicesResponse>* writer) override {
    masa::v1::ExportDevicesResponse response;
    for (size_t i = 0; i < labels.size(); ++i) {
      auto& device = *response.add_devices();
      device.set_serial_number(absl::StrCat("E-", i));
      (*device.mutable_labels())["a"] = labels[i];
    }
    writer->Write(response);
    return grpc::Status::OK;
  }
  grpc::Status GetDevice(ServerContext*, const masa::v1::GetDeviceRequest*,
                         masa::v1::GetDeviceResponse*) override {
    return rpc::ToGrpc(Refuse(Reason::kDeviceUnknown, kForged));
  }
  grpc::Status UndeleteDevice(ServerContext*,
                              const masa::v1::UndeleteDeviceRequest*,
                              masa::v1::UndeleteDeviceResponse*) override {
    return rpc::ToGrpc(Refuse(Reason::kDeviceUnknown, "no such device"));
  }
};

class Groups final : public masa::v1::GroupService::Service {
 public:
  grpc::Status ListGroups(ServerContext*, const masa::v1::ListGroupsRequest*,
                          masa::v1::ListGroupsResponse* response) override {
    auto& group = *response->add_groups();
    group.set_group_id("g");
    group.set_description(kForged);
    return grpc::Status::OK;
  }
};

// Nobody has owned any device.
class Transfers final : public masa::v1::TransferService::Service {
 public:
  grpc::Status GetOwnershipHistory(
      ServerContext*, const masa::v1::GetOwnershipHistoryRequest*,
      masa::v1::GetOwnershipHistoryResponse*) override {
    return grpc::Status::OK;
  }
};

// Each device but those that begin with N has its voucher.
class Vouchers final : public masa::v1::VoucherService::Service {
 public:
  grpc::Status StreamIssueVouchers(
      ServerContext*,
      grpc::ServerReaderWriter<masa::v1::StreamIssueVouchersResponse,
                               masa::v1::StreamIssueVouchersRequest>* stream)
      override {
    masa::v1::StreamIssueVouchersRequest order;
    while (stream->Read(&order)) {
      masa::v1::StreamIssueVouchersResponse answer;
      answer.set_correlation_id(order.correlation_id());
      if (order.request().device().serial_number()[0] == 'N') {
        answer.mutable_status()->set_code(grpc::StatusCode::NOT_FOUND);
      } else {
        answer.mutable_value()->set_voucher("voucher");
      }
      stream->Write(answer);
    }
    return grpc::Status::OK;
  }
};

// A log of two events.
class Audits final : public masa::v1::AuditService::Service {
 public:
  grpc::Status GetCheckpoint(
      ServerContext*, const masa::v1::GetCheckpointRequest*,
      masa::v1::GetCheckpointResponse* response) override {
    response->mutable_checkpoint()->set_size(2);
    return grpc::Status::OK;
  }
  grpc::Status StreamAuditEvents(
      ServerContext*, const masa::v1::StreamAuditEventsRequest* request,
      grpc::ServerWriter<masa::v1::StreamAuditEventsResponse>* writer)
      override {
    masa::v1::StreamAuditEventsResponse response;
    for (uint64_t i = request->from(); i < 2; ++i) {
      response.add_events()->set_event_id(absl::StrCat("event-", i));
    }
    response.set_next(2);
    writer->Write(response);
    return grpc::Status::OK;
  }
};

class Answers : public ::testing::Test {
 protected:
  Answers() {
    const Identity ca = Peer(nullptr), peer = Peer(&ca);
    ca_ = FileOf("answers-ca.pem", ca.CertificatePem());
    cert_ = FileOf("answers.pem", peer.CertificatePem());
    key_ = FileOf("answers.key", peer.KeyPem());
    server_ = *rpc::Server::New(
        {"127.0.0.1:0", peer.CertificatePem(), peer.KeyPem(),
         ca.CertificatePem()},
        {&audits_, &devices_, &groups_, &transfers_, &vouchers_});
  }

  Outcome Ask(std::vector<std::string> words) const {
    words.insert(words.end(),
                 {"--ca", ca_, "--cert", cert_, "--key", key_, "--server",
                  absl::StrCat("127.0.0.1:", server_->port())});
    return RunWith(words);
  }

  Audits audits_;
  Devices devices_;
  Groups groups_;
  Transfers transfers_;
  Vouchers vouchers_;
  std::string ca_, cert_, key_;
  std::unique_ptr<rpc::Server> server_;
};

TEST_F(Answers, WhatOthersChoseMovesNoCursor) {
  EXPECT_EQ(Ask({"group", "list"}).out, absl::StrCat("g  ", kShown, "\n"));
  EXPECT_THAT(Ask({"group", "list", "--json"}).out, HasSubstr("x\\n  forged"));
  EXPECT_EQ(Ask({"device", "get", "S"}).err,
            absl::StrCat("masactl: DEVICE_UNKNOWN: ", kShown, "\n"));
}

TEST_F(Answers, ADeviceThatCsvCannotHoldIsLeftOutAndTold) {
  const struct {
    std::vector<std::string> labels;
    int status;
  } cases[] = {{{"x", "y"}, 0}, {{"x", "u;v=w", "y"}, 2}, {{"u;v"}, 1}};
  const std::string file = ::testing::TempDir() + "/exported.csv";
  for (const auto& c : cases) {
    devices_.labels = c.labels;
    const Outcome whole = Ask({"device", "export"});
    EXPECT_EQ(whole.status, c.status);
    std::filesystem::remove(file);
    const Outcome to_file = Ask({"device", "export", "--out", file});
    EXPECT_EQ(to_file.status, c.status);
    EXPECT_TRUE(std::filesystem::exists(file));
    for (size_t i = 0; i < c.labels.size(); ++i) {
      const bool fits = c.labels[i].find(';') == std::string::npos;
      const std::string line = absl::StrCat("\nE-", i, ",");
      const std::string said =
          absl::StrCat("left out: the labels of E-", i, " have a ; or =");
      EXPECT_EQ(absl::StrContains(whole.out, line), fits) << whole.out;
      EXPECT_EQ(absl::StrContains(to_file.err, said), !fits) << to_file.err;
    }
    EXPECT_EQ(Ask({"device", "export", "--json"}).status, 0);
  }
}

TEST_F(Answers, AnExportWithoutRoomSaysSoAndGoesOn) {
  const std::string folder = ::testing::TempDir() + "/log";
  std::filesystem::remove_all(folder);
  struct rlimit before = {};
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &before), 0);
  struct rlimit little = before;
  little.rlim_cur = 30;  // one event and a part of the next
  signal(SIGXFSZ, SIG_IGN);
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &little), 0);
  const Outcome full = Ask({"audit", "export", "--out", folder});
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &before), 0);
  EXPECT_EQ(full.status, 1);
  EXPECT_THAT(full.err, HasSubstr("the file cannot be written: " + folder));
  EXPECT_EQ(full.err.find("operator"), std::string::npos) << full.err;
  const Outcome whole = Ask({"audit", "export", "--out", folder});
  EXPECT_EQ(whole.status, 0) << whole.err;
  EXPECT_THAT(whole.out, HasSubstr("2 events are in"));
}

TEST_F(Answers, WhoIsToComeBackIsDeleted) {
  const Outcome outcome = Ask({"device", "undelete", "S"});
  EXPECT_EQ(outcome.status, 1);
  EXPECT_EQ(outcome.err,
            "masactl: DEVICE_UNKNOWN: no such device; what is deleted alone is "
            "brought back\n");
}

TEST_F(Answers, AHistoryWithoutEntriesIsSaidToBeOne) {
  EXPECT_EQ(Ask({"device", "history", "S"}).out,
            "there is no entry: nobody has owned the device\n");
  EXPECT_THAT(Ask({"device", "history", "S", "--json"}).out,
              HasSubstr("\"entries\":[]"));
}

TEST_F(Answers, ManyVouchersAreCountedForScriptsToo) {
  const std::string folder = ::testing::TempDir() + "/counted";
  std::filesystem::create_directories(folder);
  std::vector<std::string> words = {"voucher", "issue",     "--est",    "--out",
                                    folder,    "--endless", "--serial", "S-1",
                                    "S-2",     "N-1"};
  const Outcome people = Ask(words);
  EXPECT_EQ(people.status, 2) << people.err;
  EXPECT_EQ(people.out, absl::StrCat("2 vouchers are in ", folder,
                                     ", 1 device was refused\n"));
  words.push_back("--json");
  EXPECT_EQ(Ask(words).out, "{\"vouchers\":2,\"refused\":1}\n");
}

TEST_F(Answers, ARootThatIsAnotherIsNamed) {
  ca_ = FileOf("other-ca.pem", Peer(nullptr).CertificatePem());
  const Outcome outcome = Ask({"group", "list"});
  EXPECT_EQ(outcome.status, 1);
  EXPECT_THAT(outcome.err, HasSubstr("--ca or MASA_CA does not lead to the "
                                     "service's certificate"));
}

}  // namespace
}  // namespace masa::masactl
