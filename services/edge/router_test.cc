#include "services/edge/router.h"

#include "gtest/gtest.h"
#include "services/edge/answer.h"

namespace masa::edge {
namespace {

bool IsForeign(const std::string& host) { return host == "other.example"; }

TEST(Router, DecidesByPathMethodAndNames) {
  const struct {
    const char* name;
    RequestHead head;
    int status;  // 0: the desk is asked
    Route route;
    const char* host;
  } kCases[] = {
      {"good",
       {"POST", "/b/requestvoucher", {"M.example:9443"}, true, ""},
       0,
       Route::kRequestVoucher,
       "m.example"},
      {"audit",
       {"POST", "/b/requestauditlog", {"m"}, true, "m"},
       0,
       Route::kRequestAuditLog,
       "m"},
      {"query",
       {"POST", "/b/requestvoucher?x=1", {"m"}, true, "m"},
       0,
       Route::kRequestVoucher,
       "m"},
      {"absolute form",
       {"POST", "https://m/b/requestvoucher", {"m"}, true, "m"},
       0,
       Route::kRequestVoucher,
       "m"},
      {"short path of CoAP, EP-08",
       {"POST", "/b/rv", {"m"}, true, "m"},
       404,
       Route::kOther,
       "m"},
      {"longer path",
       {"POST", "/b/requestvoucher/", {"m"}, true, "m"},
       404,
       Route::kOther,
       "m"},
      {"EP-04, the desk knows whose",
       {"POST", "/.well-known/est/requestvoucher", {"m"}, true, "m"},
       0,
       Route::kRequestVoucher,
       "m"},
      {"EP-04",
       {"GET", "/.well-known/est/requestvoucher", {"m"}, true, "m"},
       404,
       Route::kOther,
       "m"},
      {"EP-06",
       {"PUT", "/b/requestvoucher", {"m"}, true, "m"},
       405,
       Route::kRequestVoucher,
       "m"},
      {"HTTP/1.0 has no Host",
       {"POST", "/b/requestvoucher", {}, false, "m"},
       0,
       Route::kRequestVoucher,
       "m"},
      {"no Host",
       {"POST", "/b/requestvoucher", {}, true, "m"},
       400,
       Route::kRequestVoucher,
       ""},
      {"SNI differs",
       {"POST", "/b/requestvoucher", {"m"}, true, "n"},
       421,
       Route::kRequestVoucher,
       "n"},
      {"foreign without SNI, TR-10",
       {"POST", "/b/requestvoucher", {"other.example"}, true, ""},
       421,
       Route::kRequestVoucher,
       "other.example"},
  };
  for (const auto& c : kCases) {
    const Routing routing = RouteRequest(c.head, {"/a", "/b"}, IsForeign);
    EXPECT_EQ(routing.answer.has_value() ? routing.answer->status : 0, c.status)
        << c.name;
    EXPECT_EQ(routing.route, c.route) << c.name;
    EXPECT_EQ(routing.host, c.host) << c.name;
  }
}

TEST(Router, FindsTheHostInItsHeader) {
  const struct {
    const char* header;
    const char* host;
  } kCases[] = {{"masa.example", "masa.example"},
                {"A.b:1", "a.b"},
                {"127.0.0.1:9443", "127.0.0.1"},
                {"[::1]:9443", "::1"},
                {"[::1", ""},
                {"", ""},
                {":1", ""}};
  for (const auto& c : kCases) {
    EXPECT_EQ(HostWithoutPort(c.header), c.host) << c.header;
  }
}

TEST(Router, TakesOnlyWellFormedTraceContext) {
  const std::string good =
      "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  EXPECT_EQ(AcceptTraceparent(good), good);
  std::string bad = good;
  bad[10] = 'G';
  EXPECT_EQ(AcceptTraceparent(bad), "");
  EXPECT_EQ(AcceptTraceparent(good + "0"), "");
  EXPECT_EQ(AcceptTraceparent("01" + good.substr(2)), "");
  EXPECT_EQ(AcceptTraceparent(""), "");
}

TEST(Answer, CannotBeSplitByAValue) {
  Answer answer = PlainAnswer(200, "x");
  answer.content_type = "a/b\r\nSet-Cookie: c=d";
  const std::string bytes = EncodeAnswer(answer, {});
  EXPECT_EQ(bytes.find("Set-Cookie"), std::string::npos);
}

TEST(Answer, SaysTheDateToTheSecond) {
  const absl::Time start = absl::FromUnixSeconds(1'700'000'000);
  const struct {
    absl::Duration after;
    const char* date;
  } kCases[] = {
      {absl::ZeroDuration(), "Date: Tue, 14 Nov 2023 22:13:20 GMT\r\n"},
      {absl::Milliseconds(999), "Date: Tue, 14 Nov 2023 22:13:20 GMT\r\n"},
      {absl::Seconds(1), "Date: Tue, 14 Nov 2023 22:13:21 GMT\r\n"},
      {absl::Milliseconds(1), "Date: Tue, 14 Nov 2023 22:13:20 GMT\r\n"},
  };
  for (const auto& c : kCases) {
    const std::string bytes =
        EncodeAnswer(PlainAnswer(200, "x"), {.date = start + c.after});
    EXPECT_NE(bytes.find(c.date), std::string::npos) << bytes;
  }
}

}  // namespace
}  // namespace masa::edge
