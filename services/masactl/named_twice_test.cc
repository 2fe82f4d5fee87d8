// A device that a command names twice is one, in what it asks and in what it
// says, towards a service that has an outcome for each device it is asked
// about.
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gtest/gtest.h"
#include "proto/masa/v1/device.grpc.pb.h"
#include "proto/masa/v1/transfer.grpc.pb.h"
#include "services/masactl/command_line.h"
#include "services/masactl/test_peer.h"
#include "services/rpc/server.h"

namespace masa::masactl {
namespace {

using grpc::ServerContext;
using testing::Identity;

template <typename Devices, typename Response>
grpc::Status AnswerEach(const Devices& devices, Response* response) {
  for (int i = 0; i < devices.size(); ++i) {
    response->add_outcomes();
  }
  return grpc::Status::OK;
}

class Devices final : public masa::v1::DeviceService::Service {
 public:
  grpc::Status AssignDevices(
      ServerContext*, const masa::v1::AssignDevicesRequest* request,
      masa::v1::AssignDevicesResponse* response) override {
    return AnswerEach(request->devices(), response);
  }
  grpc::Status BlockDevices(ServerContext*,
                            const masa::v1::BlockDevicesRequest* request,
                            masa::v1::BlockDevicesResponse* response) override {
    return AnswerEach(request->devices(), response);
  }
};

class Transfers final : public masa::v1::TransferService::Service {
 public:
  grpc::Status OfferTransfer(
      ServerContext*, const masa::v1::OfferTransferRequest* request,
      masa::v1::OfferTransferResponse* response) override {
    return AnswerEach(request->devices(), response);
  }
  grpc::Status ClaimDevices(ServerContext*,
                            const masa::v1::ClaimDevicesRequest* request,
                            masa::v1::ClaimDevicesResponse* response) override {
    return AnswerEach(request->claims(), response);
  }
  grpc::Status ReleaseDevices(
      ServerContext*, const masa::v1::ReleaseDevicesRequest* request,
      masa::v1::ReleaseDevicesResponse* response) override {
    return AnswerEach(request->devices(), response);
  }
};

TEST(CommandLine, ADeviceThatIsNamedTwiceIsOne) {
  const Identity ca = Peer(nullptr), peer = Peer(&ca);
  Devices devices;
  Transfers transfers;
  const auto server = rpc::Server::New({"127.0.0.1:0", peer.CertificatePem(),
                                        peer.KeyPem(), ca.CertificatePem()},
                                       {&devices, &transfers});
  ASSERT_TRUE(server.ok()) << server.status();
  const std::vector<std::string> common = {
      "--ca",     FileOf("ca.pem", ca.CertificatePem()),
      "--cert",   FileOf("peer.pem", peer.CertificatePem()),
      "--key",    FileOf("peer.key", peer.KeyPem()),
      "--server", absl::StrCat("127.0.0.1:", (*server)->port())};
  const struct {
    std::vector<std::string> words;
    const char* says;
  } cases[] = {
      {{"device", "block", "R1", "R1"}, "1 blocked, 0 refused\n"},
      {{"device", "block", "R1", "R2", "R1"}, "2 blocked, 0 refused\n"},
      {{"device", "block", "R1", "R1", "--lift"},
       "1 served again, 0 refused\n"},
      {{"device", "assign", "R1", "R1", "--organization", "o"},
       "1 assigned, 0 refused\n"},
      {{"device", "transfer", "offer", "R1", "R1", "--to", "o"},
       "1 offered, 0 refused\n"},
      {{"device", "claim", "R1", "R1", "--sales-order", "x"},
       "1 claimed, 0 refused\n"},
      {{"device", "release", "R1", "R1"}, "1 released, 0 refused\n"},
  };
  for (const auto& c : cases) {
    std::vector<std::string> words = c.words;
    words.insert(words.end(), common.begin(), common.end());
    std::ostringstream out, err;
    EXPECT_EQ(masactl::Run(words, {out, err, false}), 0) << err.str();
    EXPECT_EQ(out.str(), c.says);
  }
}

}  // namespace
}  // namespace masa::masactl
