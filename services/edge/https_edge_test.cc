#include "services/edge/https_edge.h"

#include <memory>
#include <string>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "services/edge/edge_test_support.h"
#include "services/status/reason.h"

namespace masa::edge {
namespace {

TEST_F(EdgeTest, AnswersBothResourcesWithTheDesksBytes) {
  StartEdge();
  auto client = Client();
  const std::string type = "application/voucher-cms+json";
  auto voucher = client->Post(kVoucherPath, std::string("\0\x30z", 3),
                              "Content-Type: " + type + "\r\n");
  ASSERT_TRUE(voucher.ok()) << voucher.status();
  EXPECT_EQ(voucher->status, 200);  // EP-01, EP-30
  EXPECT_EQ(voucher->body, std::string("voucher:\0\x30z", 11));
  EXPECT_EQ(voucher->headers["content-type"], type);
  EXPECT_EQ(voucher->headers["x-request-id"].size(), 32u);
  EXPECT_EQ(voucher->headers.count("set-cookie"), 0u);                 // TR-14
  EXPECT_EQ(voucher->headers.count("content-transfer-encoding"), 0u);  // EP-17
  auto audit = client->Post(kAuditPath, "b");  // EP-02, same connection
  ASSERT_TRUE(audit.ok()) << audit.status();
  EXPECT_EQ(audit->body, "audit:b");
  EXPECT_NE(audit->headers["x-request-id"], voucher->headers["x-request-id"]);
}

TEST_F(EdgeTest, PassesWhatTheDeskNeedsToKnow) {
  StartEdge();
  const std::string trace =
      "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  auto client = Connect({.server_name = "MASA.example",
                         .certificate_pem = registrar_.certificate_pem,
                         .key_pem = registrar_.key_pem});
  ASSERT_TRUE(client.ok()) << client.status();
  auto answer = (*client)->Post(
      kVoucherPath, "body",
      absl::StrCat("Accept: a/b, c/d;q=0.5\r\nContent-Type: x/y; z=1\r\n",
                   "Content-Transfer-Encoding: base64\r\n",  // EP-17
                   "Client-Cert: :Zm9yZ2Vk:\r\n",            // TR-21
                   "Authorization: Bearer token\r\n",        // TR-14
                   "traceparent: ", trace, "\r\n"));
  ASSERT_TRUE(answer.ok()) << answer.status();
  ASSERT_EQ(desk_.calls().size(), 1u);
  const issuance::RegistrarCall call = desk_.calls()[0];
  EXPECT_EQ(call.host, "masa.example");
  EXPECT_EQ(call.accept, "a/b, c/d;q=0.5");
  EXPECT_EQ(call.content_type, "x/y; z=1");
  EXPECT_EQ(call.body, "body");
  EXPECT_EQ(call.context.traceparent, trace);
  EXPECT_EQ(call.context.request_id, answer->headers["x-request-id"]);
  ASSERT_EQ(call.tls_peer_chain_der.size(), 1u);
  EXPECT_EQ(call.tls_peer_chain_der[0], registrar_.certificate_der);
}

// EP-20: several lines of Accept are one list.
TEST_F(EdgeTest, PassesAllLinesOfAccept) {
  StartEdge();
  auto client = Client();
  const auto answer = client->Post(
      kVoucherPath, "body",
      "Accept: foo/bar\r\nContent-Type: x/y\r\nACCEPT: a/b;q=0.5, c/d\r\n");
  ASSERT_TRUE(answer.ok()) << answer.status();
  ASSERT_EQ(desk_.calls().size(), 1u);
  EXPECT_EQ(desk_.calls()[0].accept, "foo/bar, a/b;q=0.5, c/d");
}

TEST_F(EdgeTest, TranslatesEveryReasonIntoItsCodeAndOnePlainSentence) {
  int count = 0;
  const ReasonInfo* rows = AllReasons(&count);
  Reason reason = Reason::kInternal;
  desk_.hook = [&reason](const issuance::RegistrarCall&) {
    return Refuse(reason, "a sentence");
  };
  StartEdge();
  auto client = Client();
  for (int i = 0; i < count; ++i) {
    reason = rows[i].reason;
    auto answer = client->Post(kVoucherPath, "x");
    ASSERT_TRUE(answer.ok()) << rows[i].name << answer.status();
    const int status = rows[i].http_status;
    EXPECT_EQ(answer->status, status) << rows[i].name;
    EXPECT_TRUE(status >= 400 || status == 202) << rows[i].name;  // EP-45
    EXPECT_EQ(answer->headers["content-type"], "text/plain; charset=utf-8");
    EXPECT_FALSE(answer->body.empty()) << rows[i].name;  // EP-31, AMB-18
    EXPECT_EQ(answer->headers.count("retry-after"),
              status == 503 || status == 429 || status == 202)
        << rows[i].name;  // EP-41, EP-42
    EXPECT_EQ(answer->headers.count("www-authenticate"), status == 401)
        << rows[i].name;  // TR-20, SE-16
  }
}

TEST_F(EdgeTest, HidesErrorsWithoutAReasonAndReportsThemWhole) {
  desk_.hook = [](const issuance::RegistrarCall&) {
    return absl::UnknownError("secret of the database");
  };
  StartEdge();
  {
    auto answer = Client()->Post(kVoucherPath, "x");
    ASSERT_TRUE(answer.ok()) << answer.status();
    EXPECT_EQ(answer->status, 500);
    EXPECT_EQ(answer->body.find("secret"), std::string::npos);
  }
  EXPECT_TRUE(edge_->Drain(absl::Seconds(20)));
  const auto requests = events_.Requests(1);
  ASSERT_EQ(requests.size(), 1u);
  EXPECT_EQ(requests[0].route, "requestvoucher");
  EXPECT_EQ(requests[0].http_status, 500);
  EXPECT_EQ(requests[0].status.message(), "secret of the database");
  EXPECT_EQ(events_.opened(), 1);
  EXPECT_EQ(events_.closed(), 1);
}

TEST_F(EdgeTest, EachLoopTellsHowLateItRuns) {
  options_.threads = 3;
  StartEdge();
  EXPECT_TRUE(events_.WaitForLoops({0, 1, 2}));
}

TEST_F(EdgeTest, ServesManyRequestsOnOneConnectionAndOneOnMany) {  // TR-24
  StartEdge();
  auto one = Client();
  for (int i = 0; i < 100; ++i) {
    auto answer = one->Post(kVoucherPath, absl::StrCat(i));
    ASSERT_TRUE(answer.ok()) << answer.status();
    EXPECT_EQ(answer->body, absl::StrCat("voucher:", i));
  }
  for (int i = 0; i < 30; ++i) {
    auto answer =
        Client()->Post(kVoucherPath, absl::StrCat(i), "Connection: close\r\n");
    ASSERT_TRUE(answer.ok()) << answer.status();
    EXPECT_EQ(answer->headers["connection"], "close");
  }
}

TEST_F(EdgeTest, AnswersPipelinedRequestsInOrder) {
  StartEdge();
  auto client = Client();
  std::string all;
  for (int i = 0; i < 10; ++i) {
    absl::StrAppend(&all, "POST ", i % 2 == 0 ? kVoucherPath : kAuditPath,
                    " HTTP/1.1\r\nHost: masa.example\r\n",
                    "Content-Length: 1\r\n\r\n", i);
  }
  ASSERT_TRUE(client->Write(all).ok());
  for (int i = 0; i < 10; ++i) {
    auto answer = client->ReadAnswer();
    ASSERT_TRUE(answer.ok()) << answer.status();
    EXPECT_EQ(answer->body,
              absl::StrCat(i % 2 == 0 ? "voucher:" : "audit:", i));
  }
}

TEST_F(EdgeTest, TakesChunkedBodiesAndSaysContinueWhenAsked) {
  StartEdge();
  auto client = Client();
  ASSERT_TRUE(client
                  ->Write(absl::StrCat("POST ", kVoucherPath,
                                       " HTTP/1.1\r\nHost: masa.example\r\n",
                                       "Transfer-Encoding: chunked\r\n\r\n",
                                       "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"))
                  .ok());
  auto chunked = client->ReadAnswer();
  ASSERT_TRUE(chunked.ok()) << chunked.status();
  EXPECT_EQ(chunked->body, "voucher:abcde");
  for (const char* expectation : {"100-continue", "100-Continue"}) {
    ASSERT_TRUE(client
                    ->Write(absl::StrCat("POST ", kVoucherPath,
                                         " HTTP/1.1\r\nHost: masa.example\r\n",
                                         "Expect: ", expectation,
                                         "\r\nContent-Length: 3\r\n\r\n"))
                    .ok());
    auto interim = client->ReadAnswer();
    ASSERT_TRUE(interim.ok()) << interim.status();
    EXPECT_EQ(interim->status, 100);
    ASSERT_TRUE(client->Write("xyz").ok());
    EXPECT_EQ(client->ReadAnswer()->body, "voucher:xyz");
  }
}

TEST_F(EdgeTest, ServesConfiguredBasePaths) {  // TR-02
  options_.base_paths.push_back("/lab/brski");
  StartEdge();
  EXPECT_EQ(Client()->Post("/lab/brski/requestvoucher", "x")->status, 200);
  EXPECT_EQ(Client()->Post(kVoucherPath, "x")->status, 200);
}

// EP-42: one call is under way, one waits, and for a third there is no place.
TEST_F(EdgeTest, SaysServiceUnavailableWhenItsQueuesAreFull) {
  absl::Notification running;
  // Threads of the fixture may be waking up from it when the test is over.
  const auto release = std::make_shared<absl::Notification>();
  desk_.hook = [&running, release](const issuance::RegistrarCall& call) {
    if (call.body == "first") {
      running.Notify();
    }
    release->WaitForNotification();
    return issuance::RegistrarAnswer{"a/b", call.body};
  };
  ASSERT_TRUE(
      executor_.TrySubmit([release] { release->WaitForNotification(); }));
  StartEdge();
  std::thread first(
      [this] { EXPECT_TRUE(Client()->Post(kVoucherPath, "first").ok()); });
  running.WaitForNotification();
  std::vector<issuance::PendingCall> waiting;
  waiting.push_back({{}, [](FakeDesk::Answer) {}});
  gathering_.RequestVouchers(std::move(waiting));
  while (executor_.TrySubmit([] {})) {
  }
  for (const std::string& path : {kVoucherPath, kAuditPath}) {
    auto answer = Client()->Post(path, "x");
    ASSERT_TRUE(answer.ok()) << answer.status();
    EXPECT_EQ(answer->status, 503) << path;
    EXPECT_EQ(answer->headers["retry-after"], "2") << path;
  }
  EXPECT_EQ(desk_.calls().size(), 1u);
  release->Notify();
  first.join();
}

}  // namespace
}  // namespace masa::edge
