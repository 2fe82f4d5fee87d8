// What strangers send, how slow and how much, and how the edge ends.
#include <memory>
#include <string>
#include <thread>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "services/edge/edge_test_support.h"
#include "services/status/reason.h"

namespace masa::edge {
namespace {

TEST_F(EdgeTest, RefusesWhatIsNotForItWithTheRightCode) {
  options_.limits.body_bytes = 1000;
  StartEdge();
  const std::string post = absl::StrCat("POST ", kVoucherPath, " HTTP/1.1\r\n");
  const std::string host = "Host: masa.example\r\n";
  const struct {
    const char* name;
    std::string bytes;
    int status;
  } kCases[] = {
      {"garbage", "\x01\x02\x03\r\n\r\n", 400},
      {"not a version", absl::StrCat("POST ", kVoucherPath, " HTTP/9\r\n\r\n"),
       400},
      {"no host", absl::StrCat(post, "Content-Length: 0\r\n\r\n"), 400},
      {"two hosts", absl::StrCat(post, host, host, "Content-Length: 0\r\n\r\n"),
       400},
      {"two lengths",
       absl::StrCat(post, host,
                    "Content-Length: 1\r\nContent-Length: 2\r\n\r\nab"),
       400},
      {"length and chunks",
       absl::StrCat(post, host, "Content-Length: 1\r\n",
                    "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
       400},
      {"bad chunk",
       absl::StrCat(post, host, "Transfer-Encoding: chunked\r\n\r\nzz\r\n"),
       400},
      {"EP-43 declared",
       absl::StrCat(post, host, "Content-Length: 1001\r\n\r\n"), 413},
      {"EP-43 sent",
       absl::StrCat(post, host, "Content-Length: 200000\r\n\r\n",
                    std::string(200000, 'x')),
       413},
      {"EP-43 chunked",
       absl::StrCat(post, host, "Transfer-Encoding: chunked\r\n\r\n", "800\r\n",
                    std::string(0x800, 'x'), "\r\n0\r\n\r\n"),
       413},
      {"a chunk's extension too large",
       absl::StrCat(post, host, "Transfer-Encoding: chunked\r\n\r\n1;",
                    std::string(200000, 'x'), "\r\nx\r\n0\r\n\r\n"),
       431},
      {"trailers too large",
       absl::StrCat(post, host, "Transfer-Encoding: chunked\r\n\r\n",
                    "1\r\nx\r\n0\r\nX: ", std::string(200000, 'x'), "\r\n\r\n"),
       431},
      {"header too large",
       absl::StrCat(post, host, "X: ", std::string(20000, 'x'), "\r\n\r\n"),
       431},
      {"EP-03",
       absl::StrCat("POST /.well-known/brski/voucher_status HTTP/1.1\r\n", host,
                    "Content-Length: 0\r\n\r\n"),
       404},
      {"EP-05",
       absl::StrCat("GET /.well-known/brski HTTP/1.1\r\n", host, "\r\n"), 404},
      {"EP-07",
       absl::StrCat("POST /.well-known/est/simpleenroll HTTP/1.1\r\n", host,
                    "Content-Length: 0\r\n\r\n"),
       404},
      {"ES-22",
       absl::StrCat("POST /.well-known/brski/voucherrequest HTTP/1.1\r\n", host,
                    "Content-Length: 0\r\n\r\n"),
       404},
      {"EP-06",
       absl::StrCat("GET ", kVoucherPath, " HTTP/1.1\r\n", host, "\r\n"), 405},
      {"EP-06 odd method",
       absl::StrCat("BREW ", kVoucherPath, " HTTP/1.1\r\n", host, "\r\n"), 405},
      {"other tenant's host",
       absl::StrCat(post, "Host: other.example\r\nContent-Length: 0\r\n\r\n"),
       421},
  };
  for (const auto& c : kCases) {
    auto client = Client();
    ASSERT_NE(client, nullptr) << c.name;
    ASSERT_TRUE(client->Write(c.bytes).ok()) << c.name;
    auto answer = client->ReadAnswer();
    ASSERT_TRUE(answer.ok()) << c.name << ": " << answer.status();
    EXPECT_EQ(answer->status, c.status) << c.name;
    EXPECT_EQ(answer->headers["content-type"], "text/plain; charset=utf-8")
        << c.name;
    EXPECT_FALSE(answer->body.empty()) << c.name;
    if (c.status == 413 || c.status == 431) {
      EXPECT_TRUE(
          absl::StrContains(answer->body, c.status == 413 ? "1000" : "16384"))
          << answer->body;
    }
    EXPECT_EQ(answer->headers["allow"], c.status == 405 ? "POST" : "")
        << c.name;
  }
  EXPECT_TRUE(desk_.calls().empty());
  EXPECT_EQ(Client()->Post(kVoucherPath, "x")->status, 200);
}

TEST_F(EdgeTest, KeepsTheConnectionAfterARefusal) {
  StartEdge();
  auto client = Client();
  EXPECT_EQ(client->Post("/nowhere", "x")->status, 404);
  ASSERT_TRUE(client
                  ->Write(absl::StrCat("HEAD ", kVoucherPath,
                                       " HTTP/1.1\r\nHost: masa.example\r\n"
                                       "\r\n"))
                  .ok());
  auto head = client->ReadAnswer(/*head=*/true);
  ASSERT_TRUE(head.ok()) << head.status();
  EXPECT_EQ(head->status, 405);
  EXPECT_EQ(client->Post(kVoucherPath, "x")->body, "voucher:x");
}

TEST_F(EdgeTest, SurvivesPlainHttpAndGarbageOnItsPort) {  // TR-03
  StartEdge();
  int failed = 0;
  for (const std::string& bytes :
       {absl::StrCat("POST ", kVoucherPath,
                     " HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n"),
        std::string("\0\1\2\3\4\5\6\7", 8), std::string(5000, '\x16')}) {
    auto received = ExchangePlain(edge_->port(), bytes);
    ASSERT_TRUE(received.ok()) << received.status();
    EXPECT_EQ(received->find("200"), std::string::npos);
    EXPECT_TRUE(events_.WaitForFailedHandshakes(++failed));
  }
  EXPECT_TRUE(desk_.calls().empty());
  EXPECT_EQ(Client()->Post(kVoucherPath, "x")->status, 200);
}

TEST_F(EdgeTest, ClosesOnClientsThatAreTooSlow) {
  options_.limits.handshake_time = absl::Milliseconds(100);
  options_.limits.header_time = absl::Milliseconds(100);
  options_.limits.body_time = absl::Milliseconds(100);
  options_.limits.idle_time = absl::Milliseconds(100);
  StartEdge();
  const struct {
    const char* name;
    std::string bytes;
  } kCases[] = {
      {"nothing", ""},
      {"half a header", "POST /.well-known"},
      {"half a body",
       absl::StrCat("POST ", kVoucherPath, " HTTP/1.1\r\nHost: masa.example",
                    "\r\nContent-Length: 10\r\n\r\nabc")},
  };
  for (const auto& c : kCases) {
    auto client = Client();
    ASSERT_NE(client, nullptr) << c.name;
    ASSERT_TRUE(c.bytes.empty() || client->Write(c.bytes).ok()) << c.name;
    EXPECT_TRUE(client->WaitForClose()) << c.name;
  }
  auto idle = Client();
  EXPECT_EQ(idle->Post(kVoucherPath, "x")->status, 200);
  EXPECT_TRUE(idle->WaitForClose());
  EXPECT_EQ(*ExchangePlain(edge_->port(), "\x16"), "");  // half a handshake
  EXPECT_TRUE(events_.WaitForFailedHandshakes(1));
}

// What trickles in does not win time: the limit is for the whole header.
TEST_F(EdgeTest, CutsOffAHeaderThatTricklesIn) {
  options_.limits.header_time = absl::Milliseconds(100);
  StartEdge();
  auto client = Client();
  const absl::Time start = absl::Now();
  while (client->Write("x").ok() && absl::Now() - start < absl::Seconds(20)) {
    absl::SleepFor(absl::Milliseconds(5));
  }
  EXPECT_LT(absl::Now() - start, absl::Seconds(20));
}

TEST_F(EdgeTest, AnswersManyPipelinedRequestsThatAreRefused) {
  StartEdge();
  auto client = Client();
  std::string all;
  for (int i = 0; i < 2000; ++i) {
    all += "GET / HTTP/1.1\r\nHost: masa.example\r\n\r\n";
  }
  ASSERT_TRUE(client->Write(all).ok());
  for (int i = 0; i < 2000; ++i) {
    auto answer = client->ReadAnswer();
    ASSERT_TRUE(answer.ok()) << i << answer.status();
    ASSERT_EQ(answer->status, 404);
  }
}

// An answer that no socket buffer holds waits for its reader, and no longer
// than allowed.
TEST_F(EdgeTest, SendsLongAnswersAsTheyAreRead) {
  const std::string body(20'000'000, 'v');
  desk_.hook = [&](const issuance::RegistrarCall&) -> FakeDesk::Answer {
    return issuance::RegistrarAnswer{"a/b", body};
  };
  options_.limits.write_time = absl::Seconds(20);
  StartEdge();
  auto answer = Client()->Post(kVoucherPath, "x");
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_TRUE(answer->body == body);
  edge_.reset();
  options_.limits.write_time = absl::Milliseconds(100);
  StartEdge();
  auto reader = Client();
  ASSERT_TRUE(reader
                  ->Write(absl::StrCat("POST ", kVoucherPath,
                                       " HTTP/1.1\r\nHost: masa.example\r\n"
                                       "Content-Length: 0\r\n\r\n"))
                  .ok());
  EXPECT_EQ(events_.Requests(2).size(), 2u);
  EXPECT_FALSE(reader->ReadAnswer().ok());
}

TEST_F(EdgeTest, ReadsARequestInPiecesOfAnySize) {
  StartEdge();
  auto client = Client();
  const std::string request = absl::StrCat(
      "POST ", kVoucherPath,
      " HTTP/1.1\r\nHost: masa.example\r\nTransfer-Encoding: chunked\r\n\r\n"
      "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n");
  for (size_t size = 1; size <= request.size(); size += 3) {
    for (size_t at = 0; at < request.size(); at += size) {
      ASSERT_TRUE(client->Write(request.substr(at, size)).ok());
    }
    auto answer = client->ReadAnswer();
    ASSERT_TRUE(answer.ok()) << size << answer.status();
    EXPECT_EQ(answer->body, "voucher:abcde") << size;
  }
}

TEST_F(EdgeTest, ClosesConnectionsBeyondTheLimitAtOnce) {
  options_.limits.connections = 1;
  StartEdge();
  {
    auto first = Client();
    EXPECT_EQ(first->Post(kVoucherPath, "x")->status, 200);
    EXPECT_FALSE(Connect({.server_name = "masa.example"}).ok());
    EXPECT_EQ(first->Post(kVoucherPath, "x")->status, 200);
  }
  EXPECT_TRUE(edge_->Drain(absl::Seconds(20)));
  EXPECT_EQ(events_.refused(), 1);
}

TEST_F(EdgeTest, DrainLetsTheRequestUnderWayFinish) {
  absl::Notification asked;
  absl::Notification release;
  desk_.hook = [&](const issuance::RegistrarCall&) -> FakeDesk::Answer {
    asked.Notify();
    release.WaitForNotification();
    return issuance::RegistrarAnswer{"a/b", "finished"};
  };
  StartEdge();
  auto client = Client();
  ASSERT_TRUE(client
                  ->Write(absl::StrCat("POST ", kVoucherPath,
                                       " HTTP/1.1\r\nHost: masa.example\r\n"
                                       "Content-Length: 0\r\n\r\n"))
                  .ok());
  asked.WaitForNotification();
  bool clean = false;
  std::thread drain([&] { clean = edge_->Drain(absl::Seconds(20)); });
  // The drain has begun when nobody is let in any more.
  while (Connect({.server_name = "masa.example"}).ok()) {
  }
  release.Notify();
  auto answer = client->ReadAnswer();
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->body, "finished");
  client.reset();
  drain.join();
  EXPECT_TRUE(clean);
}

TEST_F(EdgeTest, DrainClosesIdleConnectionsAndCutsOffTheRest) {
  StartEdge();
  auto idle = Client();
  ASSERT_EQ(idle->Post(kVoucherPath, "x")->status, 200);
  auto half = Client();
  ASSERT_TRUE(half->Write("POST /half").ok());
  EXPECT_FALSE(edge_->Drain(absl::Milliseconds(50)));
  EXPECT_TRUE(idle->WaitForClose());
  EXPECT_TRUE(half->WaitForClose());
  EXPECT_TRUE(edge_->Drain(absl::Milliseconds(50)));
}

TEST_F(EdgeTest, EndsCleanlyWhileADeskCallIsUnderWay) {
  absl::Notification asked;
  // The desk's thread may be waking up from it when the test is over.
  const auto release = std::make_shared<absl::Notification>();
  desk_.hook = [&asked,
                release](const issuance::RegistrarCall&) -> FakeDesk::Answer {
    asked.Notify();
    release->WaitForNotification();
    return issuance::RegistrarAnswer{"a/b", "lost"};
  };
  StartEdge();
  auto client = Client();
  ASSERT_TRUE(client
                  ->Write(absl::StrCat("POST ", kVoucherPath,
                                       " HTTP/1.1\r\nHost: masa.example\r\n"
                                       "Content-Length: 0\r\n\r\n"))
                  .ok());
  asked.WaitForNotification();
  std::thread end([this] { edge_.reset(); });
  EXPECT_TRUE(client->WaitForClose());
  release->Notify();
  end.join();
}

TEST_F(EdgeTest, RefusesOptionsThatCannotWork) {
  StartEdge();
  const struct {
    const char* name;
    void (*spoil)(EdgeOptions&, uint16_t taken);
  } kCases[] = {
      {"address", [](EdgeOptions& o, uint16_t) { o.address = "nowhere"; }},
      {"port taken", [](EdgeOptions& o, uint16_t taken) { o.port = taken; }},
      {"no identity", [](EdgeOptions& o, uint16_t) { o.identities.clear(); }},
      {"key of another",
       [](EdgeOptions& o, uint16_t) {
         o.identities[0].key_pem = o.identities[1].key_pem;
       }},
      {"no key",
       [](EdgeOptions& o, uint16_t) { o.identities[0].key_pem = "x"; }},
      {"no chain",
       [](EdgeOptions& o, uint16_t) { o.identities[0].chain_pem = ""; }},
      {"name twice",
       [](EdgeOptions& o, uint16_t) {
         o.identities[1].host_names = {"localhost"};
       }},
      {"TR-07, a name that the certificate has not",
       [](EdgeOptions& o, uint16_t) {
         o.identities[0].host_names.push_back("masa.elsewhere");
       }},
      {"base path", [](EdgeOptions& o, uint16_t) { o.base_paths = {"x/"}; }},
  };
  for (const auto& c : kCases) {
    EdgeOptions options = options_;
    c.spoil(options, edge_->port());
    auto edge = HttpsEdge::New(options, &desk_, &executor_);
    EXPECT_FALSE(edge.ok()) << c.name;
    EXPECT_EQ(ReasonOf(edge.status()), Reason::kMisconfigured) << c.name;
  }
}

}  // namespace
}  // namespace masa::edge
