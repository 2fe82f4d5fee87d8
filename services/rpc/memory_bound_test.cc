#include "services/rpc/memory_bound.h"

#include <fstream>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gtest/gtest.h"
#include "services/rpc/channel.h"
#include "services/rpc/server.h"
#include "services/rpc/test_peer.h"

namespace masa::rpc {
namespace {

TEST(ListenerMemory, IsAQuarterOfWhatTheContainerMayHave) {
  const struct {
    const char* text;
    size_t octets;
  } rows[] = {
      {"2147483648\n", 536'870'912},
      {"max\n", 0},
      {"", 0},
      {"-1\n", 0},
  };
  const std::string file = ::testing::TempDir() + "/memory.max";
  for (const auto& row : rows) {
    std::ofstream(file) << row.text;
    EXPECT_EQ(ListenerMemory(file), row.octets) << row.text;
  }
  EXPECT_EQ(ListenerMemory(::testing::TempDir() + "/nothing"), 0u);
}

TEST(ListenerMemory, ABoundListenerServes) {
  const testing::Identity peer = OwnPeer();
  ServerOptions options = {"127.0.0.1:0", peer.CertificatePem(), peer.KeyPem(),
                           peer.CertificatePem()};
  options.memory = 1 << 20;
  const auto server = Server::New(options, {});
  ASSERT_TRUE(server.ok()) << server.status();
  const auto channel = MakeChannel(
      {absl::StrCat("127.0.0.1:", (*server)->port()), "", peer.CertificatePem(),
       peer.CertificatePem(), peer.KeyPem()});
  EXPECT_TRUE(channel->WaitForConnected(
      absl::ToChronoTime(absl::Now() + absl::Seconds(30))));
}

}  // namespace
}  // namespace masa::rpc
