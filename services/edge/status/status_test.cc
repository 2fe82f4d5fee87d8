#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "services/edge/status/status_cache.h"
#include "services/edge/status/status_routes.h"
#include "services/edge/status/status_server.h"
#include "services/edge/test_client.h"
#include "services/status/reason.h"
#include "services/testing/fake_clock.h"
#include "services/wire/status_lists.h"

namespace masa::edge {
namespace {

using Kind = StatusQuestion::Kind;

TEST(StatusQuestionOf, KnowsListsAndQuestions) {
  struct Case {
    const char* method;
    const char* target;
    Kind kind;
    const char* what;
  };
  const Case cases[] = {
      {"GET", "/crl/factory.crl", Kind::kCrl, "factory"},
      {"HEAD", "/crl/factory.crl?x", Kind::kCrl, "factory"},
      {"POST", "/crl/factory.crl", Kind::kWrongMethod, "factory"},
      {"GET", "/crl/factory", Kind::kNothing, ""},
      {"POST", "/ocsp", Kind::kMalformed, "body"},
      {"GET", "/ocsp", Kind::kWrongMethod, "body"},
      {"GET", "/ocsp/aGVsbG8=", Kind::kMalformed, "hello"},
      {"GET", "/ocsp/aGVsbG8%3D", Kind::kMalformed, "hello"},
      {"GET", "/ocsp/aGVs!", Kind::kMalformed, ""},
      {"GET", "/", Kind::kNothing, ""},
  };
  for (const Case& one : cases) {
    const StatusQuestion question =
        StatusQuestionOf(one.method, one.target, "body");
    EXPECT_EQ(question.kind, one.kind) << one.target;
    EXPECT_EQ(question.profile + question.request_der, one.what) << one.target;
  }
}

// A request about the certificate of this serial number, with a nonce of this
// length where it is not 0. Every length is one octet.
std::string Question(char serial, size_t nonce = 0) {
  const auto element = [](char tag, const std::string& contents) {
    return std::string(1, tag) + static_cast<char>(contents.size()) + contents;
  };
  const std::string sha1("\x30\x09\x06\x05\x2b\x0e\x03\x02\x1a\x05\x00", 11);
  const std::string hash = element('\x04', std::string(20, 'h'));
  const std::string id = element(
      '\x30', sha1 + hash + hash + element('\x02', std::string(1, serial)));
  std::string tbs = element('\x30', element('\x30', id));
  if (nonce > 0) {
    const std::string oid("\x06\x09\x2b\x06\x01\x05\x05\x07\x30\x01\x02", 11);
    tbs += element(
        '\xa2',
        element(
            '\x30',
            element('\x30', oid + element('\x04', std::string(nonce, 'n')))));
  }
  return element('\x30', element('\x30', tbs));
}

TEST(StatusQuestionOf, ReadsWhichCertificateIsMeant) {
  const std::string plain = Question('a');
  const StatusQuestion post = StatusQuestionOf("POST", "/ocsp", plain);
  EXPECT_EQ(post.kind, Kind::kOcsp);
  EXPECT_EQ(post.request_der, plain);
  EXPECT_FALSE(post.cert_id_der.empty());
  const StatusQuestion get =
      StatusQuestionOf("GET", "/ocsp/" + absl::Base64Escape(plain), "");
  EXPECT_EQ(get.kind, Kind::kOcsp);
  EXPECT_EQ(get.cert_id_der, post.cert_id_der);
  // RFC 6960 section 4.4.1: a nonce asks about no other certificate.
  EXPECT_EQ(StatusQuestionOf("POST", "/ocsp", Question('a', 8)).cert_id_der,
            post.cert_id_der);
  EXPECT_NE(StatusQuestionOf("POST", "/ocsp", Question('b')).cert_id_der,
            post.cert_id_der);
}

TEST(StatusCache, KeepsForAWhileAndNeverTooMany) {
  testing::FakeClock clock(absl::FromUnixSeconds(1700000000));
  StatusCache cache(clock, absl::Seconds(10), 2);
  const auto text = [](const char* of) {
    return std::make_shared<const std::string>(of);
  };
  cache.Keep("a", text("1"), absl::InfiniteFuture());
  cache.Keep("b", text("2"), clock.Now() + absl::Seconds(5));
  EXPECT_EQ(*cache.Find("a"), "1");
  clock.Advance(absl::Seconds(6));
  EXPECT_NE(cache.Find("a"), nullptr);
  EXPECT_EQ(cache.Find("b"), nullptr);  // it was not to be used any more
  cache.Keep("c", text("3"), absl::InfiniteFuture());
  EXPECT_NE(cache.Find("a"), nullptr);  // what was over made place
  cache.Keep("d", text("4"), absl::InfiniteFuture());
  EXPECT_EQ(cache.Find("a"), nullptr);
  EXPECT_NE(cache.Find("d"), nullptr);
  clock.Advance(absl::Seconds(10));
  EXPECT_EQ(cache.Find("d"), nullptr);
}

class FakeStatus final : public issuance::StatusDesk {
 public:
  absl::StatusOr<issuance::StatusAnswer> Crl(
      const RequestContext&, const std::string& host,
      const std::string& profile) override {
    ++calls;
    if (profile == "none") {
      return Refuse(Reason::kProfileUnknown, "no such label");
    }
    return issuance::StatusAnswer{
        absl::StrCat("crl of ", profile, " at ", host), absl::InfiniteFuture()};
  }
  absl::StatusOr<issuance::StatusAnswer> Ocsp(
      const RequestContext&, const std::string& request_der) override {
    ++calls;
    return issuance::StatusAnswer{"about " + request_der};
  }

  std::atomic<int> calls{0};
};

class StatusPort : public ::testing::Test {
 protected:
  // All that comes until the server closes.
  std::string Exchange(const std::string& request) {
    const auto answer =
        ExchangePlain(static_cast<uint16_t>(server_->port()), request);
    EXPECT_TRUE(answer.ok()) << answer.status();
    return answer.value_or("");
  }
  std::string Get(const std::string& target) {
    return Exchange(absl::StrCat("GET ", target,
                                 " HTTP/1.1\r\nHost: Masa.Example:9446\r\n"
                                 "Connection: close\r\n\r\n"));
  }

  std::string Post(const std::string& body) {
    return Exchange(absl::StrCat(
        "POST /ocsp HTTP/1.1\r\nHost: a\r\nContent-Length: ", body.size(),
        "\r\nConnection: close\r\n\r\n", body));
  }

  FakeStatus desk_;
  testing::FakeClock clock_{absl::FromUnixSeconds(1700000000)};
  Executor executor_{{"calls", 2, 16}};
  std::unique_ptr<StatusServer> server_ =
      *StatusServer::New({}, desk_, executor_, clock_);
};

TEST_F(StatusPort, AnswersEachQuestionOnceForAllWhoAsk) {
  for (int i = 0; i < 3; ++i) {
    const std::string answer = Get("/crl/factory.crl");
    EXPECT_TRUE(absl::StartsWith(answer, "HTTP/1.1 200")) << answer;
    EXPECT_TRUE(absl::StrContains(answer, "application/pkix-crl"));
    EXPECT_TRUE(
        absl::EndsWith(answer, "\r\n\r\ncrl of factory at masa.example"));
  }
  EXPECT_EQ(desk_.calls, 1);
  clock_.Advance(absl::Seconds(11));
  Get("/crl/factory.crl");
  EXPECT_EQ(desk_.calls, 2);
}

TEST_F(StatusPort, TakesOcspByGetAndByPost) {
  const std::string question = Question('a');
  EXPECT_TRUE(absl::EndsWith(Get("/ocsp/" + absl::Base64Escape(question)),
                             "about " + question));
  const std::string answer = Post(question);
  EXPECT_TRUE(absl::EndsWith(answer, "about " + question));
  EXPECT_TRUE(absl::StrContains(answer, "application/ocsp-response"));
  EXPECT_EQ(desk_.calls, 1);
}

TEST_F(StatusPort, NoncesAreNoQuestionsOfTheirOwn) {
  const std::string first = Post(Question('a', 1));
  for (size_t nonce = 2; nonce < 6; ++nonce) {
    EXPECT_EQ(Post(Question('a', nonce)), first);
  }
  EXPECT_EQ(desk_.calls, 1);
  Post(Question('b', 1));
  EXPECT_EQ(desk_.calls, 2);
}

TEST_F(StatusPort, WhatIsNoRequestIsToldSoWithoutTheDesk) {
  EXPECT_TRUE(absl::EndsWith(
      Post("hello"),
      "\r\n\r\n" + wire::EncodeOcspError(wire::OcspError::kMalformedRequest)));
  EXPECT_EQ(desk_.calls, 0);
}

TEST_F(StatusPort, RefusesWithASentence) {
  EXPECT_TRUE(absl::StartsWith(Get("/"), "HTTP/1.1 404"));
  EXPECT_TRUE(absl::StartsWith(Get("/ocsp"), "HTTP/1.1 405"));
  EXPECT_NE(Get("/ocsp").find("\r\nAllow: POST\r\n"), std::string::npos);
  const std::string unknown = Get("/crl/none.crl");
  EXPECT_TRUE(absl::StartsWith(unknown, "HTTP/1.1 404"));
  EXPECT_TRUE(absl::StrContains(unknown, "no such label"));
  const std::string large = Exchange(
      "POST /ocsp HTTP/1.1\r\nHost: a\r\nContent-Length: 9999\r\n"
      "Connection: close\r\n\r\n");
  EXPECT_TRUE(absl::StartsWith(large, "HTTP/1.1 413")) << large;
  const std::string extended = Exchange(absl::StrCat(
      "POST /ocsp HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n"
      "Connection: close\r\n\r\n1;",
      std::string(20'000, 'x'), "\r\nx\r\n0\r\n\r\n"));
  EXPECT_TRUE(absl::StartsWith(extended, "HTTP/1.1 413")) << extended;
}

// Two at once: one that says nothing, and one that asks.
TEST_F(StatusPort, HoldsASourceToItsShareOfConnections) {
  const auto asks = [this](const StatusOptions& options) {
    const auto server = *StatusServer::New(options, desk_, executor_, clock_);
    boost::asio::io_context loop;
    boost::asio::ip::tcp::socket silent(loop);
    silent.connect({boost::asio::ip::make_address("127.0.0.1"),
                    static_cast<uint16_t>(server->port())});
    return ExchangePlain(static_cast<uint16_t>(server->port()),
                         "GET /nowhere HTTP/1.1\r\nHost: a\r\n"
                         "Connection: close\r\n\r\n")
        .value_or("");
  };
  StatusOptions options;
  options.source_connections = 2;
  EXPECT_TRUE(absl::StartsWith(asks(options), "HTTP/1.1 404"));
  options.source_connections = 1;
  EXPECT_EQ(asks(options), "");
  options.proxies = *fetch::AddressGuard::CreateClosed({"127.0.0.0/8"});
  EXPECT_TRUE(absl::StartsWith(asks(options), "HTTP/1.1 404"));
}

}  // namespace
}  // namespace masa::edge
