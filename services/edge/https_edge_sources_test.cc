// Whose connections they are, and how much one source may have of an edge.
#include <string>

#include "absl/strings/numbers.h"
#include "services/edge/edge_test_support.h"

namespace masa::edge {
namespace {

// The header of PROXY, version 2, of a client with this IPv4 address.
std::string ProxyHeaderOf(const std::string& address) {
  std::string header("\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c", 16);
  const auto octets = boost::asio::ip::make_address_v4(address).to_bytes();
  header.append(octets.begin(), octets.end());
  return header + std::string("\x0a\0\0\1\x9c\x40\1\xbb", 8);
}

TEST_F(EdgeTest, TakesABalancersWordForWhoseConnectionItIs) {
  options_.proxies = *fetch::AddressGuard::CreateClosed({"127.0.0.0/8"});
  options_.limits.source_rate = {.requests = 1, .burst = 1};
  StartEdge();
  const auto asks = [this](const std::string& preface) {
    auto client = Connect({.server_name = "masa.example", .preface = preface});
    return client.ok() ? (*client)->Post(kVoucherPath, "x")->status : 0;
  };
  EXPECT_EQ(asks(ProxyHeaderOf("203.0.113.7")), 200);
  EXPECT_EQ(asks(ProxyHeaderOf("203.0.113.7")), 429) << "the same source";
  EXPECT_EQ(asks(ProxyHeaderOf("203.0.113.8")), 200) << "another one";
  EXPECT_EQ(asks(""), 0) << "a balancer that says nothing";
  EXPECT_EQ(asks("PROXY TCP4 203.0.113.9 10.0.0.1 40000 443\r\n"), 0);
}

// SE-01: one host cannot hold all connections that an edge takes.
TEST_F(EdgeTest, HoldsASourceToItsShareOfConnections) {
  options_.proxies = *fetch::AddressGuard::CreateClosed({"127.0.0.0/8"});
  options_.limits.source_connections = 2;
  StartEdge();
  const auto connect = [this](const std::string& address) {
    return Connect(
        {.server_name = "masa.example", .preface = ProxyHeaderOf(address)});
  };
  auto first = connect("203.0.113.7");
  auto second = connect("203.0.113.7");
  ASSERT_TRUE(first.ok() && second.ok());
  EXPECT_FALSE(connect("203.0.113.7").ok());
  EXPECT_TRUE(connect("203.0.113.8").ok());
  EXPECT_EQ((*second)->Post(kVoucherPath, "x")->status, 200);
}

TEST_F(EdgeTest, CountsTheConnectionsOfWhoComesWithoutABalancer) {
  options_.limits.source_connections = 1;
  StartEdge();
  auto first = Client();
  EXPECT_FALSE(Connect({.server_name = "masa.example"}).ok());
  EXPECT_EQ(first->Post(kVoucherPath, "x")->status, 200);
}

// SE-01, OP-15: a source beyond its allowance is told when to come back, on
// whichever connection and whatever it asks for; the desk hears nothing of it.
TEST_F(EdgeTest, HoldsASourceToItsAllowance) {
  options_.limits.source_rate = {.requests = 1, .burst = 2};
  StartEdge();
  EXPECT_EQ(Client()->Post(kVoucherPath, "x")->status, 200);
  EXPECT_EQ(Client()->Post("/nowhere", "x")->status, 404);
  auto client = Client();
  for (const std::string& path : {kVoucherPath, kAuditPath}) {
    auto refused = client->Post(path, "x");
    ASSERT_TRUE(refused.ok()) << refused.status();
    EXPECT_EQ(refused->status, 429);
    int seconds = 0;
    ASSERT_TRUE(absl::SimpleAtoi(refused->headers["retry-after"], &seconds));
    EXPECT_GT(seconds, 0);
    EXPECT_LE(seconds, 60);
  }
  EXPECT_EQ(desk_.calls().size(), 1u);
}

}  // namespace
}  // namespace masa::edge
