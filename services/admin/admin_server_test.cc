#include "services/admin/admin_server.h"

#include <string>

#include "boost/asio/io_context.hpp"
#include "boost/asio/ip/tcp.hpp"
#include "boost/asio/read.hpp"
#include "boost/asio/write.hpp"
#include "gtest/gtest.h"
#include "services/status/reason.h"

namespace masa::admin {
namespace {

using boost::asio::ip::tcp;

// Sends `text` on a connection of its own and reads until the server closes.
std::string Exchange(int port, const std::string& text) {
  boost::asio::io_context io;
  tcp::socket socket(io);
  socket.connect({boost::asio::ip::make_address("127.0.0.1"),
                  static_cast<uint16_t>(port)});
  boost::asio::write(socket, boost::asio::buffer(text));
  std::string answer;
  boost::system::error_code error;
  boost::asio::read(socket, boost::asio::dynamic_buffer(answer), error);
  return answer;
}

std::string Get(int port, const std::string& target) {
  return Exchange(port, "GET " + target +
                            " HTTP/1.1\r\nHost: x\r\n"
                            "Connection: close\r\n\r\n");
}

class Admin : public ::testing::Test {
 protected:
  absl::StatusOr<std::string> ready_ = std::string();
  std::unique_ptr<AdminServer> server_ = *AdminServer::New(
      {"127.0.0.1:0", absl::Milliseconds(200)},
      [] { return std::string("masa_up 1\n"); }, [this] { return ready_; });
};

TEST_F(Admin, ServesItsThreePages) {
  const std::string metrics = Get(server_->port(), "/metrics");
  EXPECT_EQ(metrics.rfind("HTTP/1.1 200", 0), 0u) << metrics;
  EXPECT_NE(metrics.find("text/plain; version=0.0.4"), std::string::npos);
  EXPECT_NE(metrics.find("masa_up 1\n"), std::string::npos);
  EXPECT_NE(Get(server_->port(), "/healthz").find("alive"), std::string::npos);
  EXPECT_NE(Get(server_->port(), "/readyz").find("ready"), std::string::npos);
}

TEST_F(Admin, SaysWhyItIsNotReady) {
  ready_ = Refuse(Reason::kStoreUnavailable, "the database does not answer");
  const std::string answer = Get(server_->port(), "/readyz");
  EXPECT_EQ(answer.rfind("HTTP/1.1 503", 0), 0u) << answer;
  EXPECT_NE(answer.find("the database does not answer"), std::string::npos);
  EXPECT_NE(Get(server_->port(), "/healthz").find("200"), std::string::npos);
}

TEST_F(Admin, SaysWhatIsWrongBesideItsBeingReady) {
  ready_ = std::string("tenant b: signing key k has ended\n");
  const std::string answer = Get(server_->port(), "/readyz");
  EXPECT_EQ(answer.rfind("HTTP/1.1 200", 0), 0u) << answer;
  EXPECT_NE(answer.find("ready\ntenant b: signing key k has ended\n"),
            std::string::npos);
}

TEST_F(Admin, RefusesWhatItDoesNotServeAndGoesOn) {
  const struct {
    std::string sent;
    std::string says;
  } cases[] = {
      {"GET /secret HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", " 404 "},
      {"POST /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
       " 405 "},
      {"POST /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc",
       " 405 "},
      {"garbage\r\n\r\n", ""},
      {"GET /" + std::string(20'000, 'a') + " HTTP/1.1\r\n\r\n", ""},
      {"GET /metrics HTTP/1.1\r\nHost", ""},  // never ends: cut off in time
  };
  for (const auto& c : cases) {
    const std::string answer = Exchange(server_->port(), c.sent);
    EXPECT_EQ(answer.empty(), c.says.empty()) << answer;
    EXPECT_NE(answer.find(c.says), std::string::npos) << answer;
    EXPECT_NE(Get(server_->port(), "/healthz").find("alive"),
              std::string::npos);
  }
}

TEST_F(Admin, AnswersHeadWithoutABody) {
  const std::string answer = Exchange(
      server_->port(),
      "HEAD /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
  EXPECT_NE(answer.find(" 405 "), std::string::npos) << answer;
  EXPECT_EQ(answer.find("\r\n\r\n") + 4, answer.size()) << answer;
}

TEST(AdminServer, DoesNotStartOnAnAddressThatCannotBe) {
  const auto taken = *AdminServer::New(
      {"127.0.0.1:0"}, [] { return ""; }, [] { return absl::OkStatus(); });
  for (const std::string& listen :
       {std::string("nowhere"), std::string("127.0.0.1:99999"),
        "127.0.0.1:" + std::to_string(taken->port())}) {
    EXPECT_EQ(ReasonOf(AdminServer::New(
                           {listen}, [] { return ""; },
                           [] { return absl::OkStatus(); })
                           .status()),
              Reason::kMisconfigured)
        << listen;
  }
}

}  // namespace
}  // namespace masa::admin
