#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/match.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/fetch/address_guard.h"
#include "services/fetch/caching_fetcher.h"
#include "services/fetch/http_fetcher.h"
#include "services/fetch/test_server.h"
#include "services/fetch/url.h"
#include "services/status/reason.h"
#include "services/testing/fake_clock.h"

namespace masa::fetch {
namespace {

AddressGuard Guard(const std::vector<std::string>& allowed) {
  auto guard = AddressGuard::Create(allowed);
  EXPECT_TRUE(guard.ok()) << guard.status();
  return *std::move(guard);
}

// RV-07: what is not public is not asked, however it is written.
TEST(AddressGuard, AllowsPublicAddressesAlone) {
  const struct {
    const char* address;
    bool allowed;
  } cases[] = {
      {"8.8.8.8", true},
      {"127.0.0.1", false},
      {"127.255.0.1", false},
      {"10.0.0.1", false},
      {"172.16.5.5", false},
      {"172.32.0.1", true},
      {"192.168.1.1", false},
      {"169.254.169.254", false},
      {"100.64.0.1", false},
      {"0.0.0.0", false},
      {"224.0.0.1", false},
      {"255.255.255.255", false},
      {"198.18.0.1", false},
      {"203.0.113.9", false},
      {"::1", false},
      {"::", false},
      {"fe80::1", false},
      {"fc00::1", false},
      {"ff02::1", false},
      {"2606:4700::1", true},
      {"2001:db8::1", false},
      {"2002:7f00:1::", false},
      {"::ffff:127.0.0.1", false},
      {"::ffff:8.8.8.8", true},
      {"64:ff9b::a00:1", false},
      {"64:ff9b::808:808", true},
  };
  const AddressGuard guard = Guard({});
  for (const auto& c : cases) {
    EXPECT_EQ(guard.Allows(boost::asio::ip::make_address(c.address)), c.allowed)
        << c.address;
  }
}

TEST(AddressGuard, AllowsWhatTheOperatorNames) {
  const AddressGuard guard = Guard({"10.1.0.0/16", "fd00::/8"});
  const auto allows = [&guard](const char* address) {
    return guard.Allows(boost::asio::ip::make_address(address));
  };
  EXPECT_TRUE(allows("10.1.2.3"));
  EXPECT_TRUE(allows("::ffff:10.1.2.3"));
  EXPECT_TRUE(allows("fd00::5"));
  EXPECT_FALSE(allows("10.2.0.1"));
  EXPECT_EQ(ReasonOf(AddressGuard::Create({"10.1.0.0"}).status()),
            Reason::kMisconfigured);
  EXPECT_EQ(ReasonOf(AddressGuard::Create({"ten"}).status()),
            Reason::kMisconfigured);
}

TEST(AddressGuard, ClosedItAllowsNothingElse) {
  const auto guard = AddressGuard::CreateClosed({"127.0.0.0/8", "::1/128"});
  ASSERT_TRUE(guard.ok()) << guard.status();
  for (const char* address : {"127.0.0.1", "::1", "::ffff:127.0.0.1"}) {
    EXPECT_TRUE(guard->Allows(boost::asio::ip::make_address(address)));
  }
  for (const char* address : {"8.8.8.8", "2606:4700::1", "10.0.0.1"}) {
    EXPECT_FALSE(guard->Allows(boost::asio::ip::make_address(address)));
  }
}

TEST(Url, ReadsHttpAndHttpsAlone) {
  const struct {
    const char* text;
    const char* host;  // nullptr: refused
    const char* port;
    const char* target;
  } cases[] = {
      {"http://a.example/x?y=1#z", "a.example", "80", "/x?y=1"},
      {"HTTP://a.example", "a.example", "80", "/"},
      {"http://a.example:8080?q", "a.example", "8080", "/?q"},
      {"http://[::1]:81/", "::1", "81", "/"},
      {"https://a.example/k", "a.example", "443", "/k"},
      {"https://a.example:80/", "a.example", "80", "/"},
      {"xhttps://a.example/", nullptr, "", ""},
      {"ldap://a.example/", nullptr, "", ""},
      {"file:///etc/passwd", nullptr, "", ""},
      {"http://user@a.example/", nullptr, "", ""},
      {"http:///x", nullptr, "", ""},
      {"http://a.example:80 HTTP/1.1\r\nX: y", nullptr, "", ""},
      {"http://a.example:x/", nullptr, "", ""},
      {"http://[::1/", nullptr, "", ""},
      {"", nullptr, "", ""},
  };
  for (const auto& c : cases) {
    const auto url = ParseUrl(c.text);
    ASSERT_EQ(url.ok(), c.host != nullptr) << c.text;
    if (url.ok()) {
      EXPECT_EQ(url->host, c.host);
      EXPECT_EQ(url->port, c.port);
      EXPECT_EQ(url->target, c.target);
      EXPECT_EQ(url->tls, absl::StartsWith(c.text, "https"));
    }
  }
  EXPECT_FALSE(ParseUrl("http://a/" + std::string(2048, 'x')).ok());
  EXPECT_EQ(ParseUrl("http://[::1]:81/")->HostHeader(), "[::1]:81");
  EXPECT_EQ(ParseUrl("https://a:443/")->HostHeader(), "a");
  EXPECT_EQ(ParseUrl("https://a:80/")->HostHeader(), "a:80");
}

class HttpFetcherTest : public ::testing::Test {
 protected:
  absl::StatusOr<std::string> Fetch(const FetchRequest& request,
                                    const std::vector<std::string>& allowed,
                                    size_t body_octets = 100) {
    HttpLimits limits;
    limits.body_octets = body_octets;
    return HttpFetcher(Guard(allowed), clock_, limits)
        .Fetch(request, clock_.Now() + absl::Seconds(3));
  }

  SystemClock clock_;
  const std::vector<std::string> loopback_ = {"127.0.0.0/8"};
};

TEST_F(HttpFetcherTest, GetsAndPosts) {
  TestServer server([](const std::string& request) {
    return Ok(request.substr(0, request.find(' ')) +
              request.substr(request.find("\r\n\r\n") + 4));
  });
  EXPECT_EQ(*Fetch({server.url() + "/a.crl", "", ""}, loopback_), "GET");
  EXPECT_EQ(
      *Fetch({server.url(), "question", "application/ocsp-request"}, loopback_),
      "POSTquestion");
}

// RV-07: an address that is not allowed gets no connection at all.
TEST_F(HttpFetcherTest, NeverAsksAnAddressThatIsNotAllowed) {
  TestServer server([](const std::string&) { return Ok("x"); });
  EXPECT_EQ(ReasonOf(Fetch({server.url(), "", ""}, {}).status()),
            Reason::kInvalidArgument);
  const std::string port = server.url().substr(server.url().rfind(':'));
  EXPECT_FALSE(Fetch({"http://localhost" + port, "", ""}, {}).ok());
  EXPECT_FALSE(Fetch({"http://[::ffff:127.0.0.1]" + port, "", ""}, {}).ok());
  EXPECT_EQ(server.asked(), 0);
}

TEST_F(HttpFetcherTest, TakesNothingButA200WithinItsSize) {
  const struct {
    const char* what;
    std::string response;
  } cases[] = {
      {"larger than allowed", Ok(std::string(101, 'x'))},
      {"a chunk's extension without end",
       absl::StrCat("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;",
                    std::string(200'000, 'x'), "\r\nx\r\n0\r\n\r\n")},
      {"a redirect",
       "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1/\r\n"
       "Content-Length: 0\r\n\r\n"},
      {"a failure", "HTTP/1.1 500 No\r\nContent-Length: 1\r\n\r\nx"},
      {"cut off", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nx"},
      {"no HTTP", "SSH-2.0\r\n"},
      {"silence", ""},
  };
  for (const auto& c : cases) {
    TestServer server([&c](const std::string&) { return c.response; });
    const auto answer = Fetch({server.url(), "", ""}, loopback_);
    EXPECT_EQ(ReasonOf(answer.status()), Reason::kOverloaded)
        << c.what << (answer.ok() ? *answer : "");
    EXPECT_EQ(server.asked(), 1) << c.what;
  }
  EXPECT_FALSE(Fetch({"http://127.0.0.1:1/", "", ""}, loopback_).ok());
  EXPECT_EQ(ReasonOf(HttpFetcher(Guard(loopback_), clock_)
                         .Fetch({"http://127.0.0.1:1/", "", ""},
                                clock_.Now() - absl::Seconds(1))
                         .status()),
            Reason::kOverloaded);
}

testing::Identity ServerOf(const std::string& name,
                           const testing::Identity* issuer = nullptr,
                           absl::Duration life = absl::Hours(1)) {
  testing::CertificateSpec spec;
  spec.common_name = "server";
  spec.is_ca = issuer == nullptr;
  spec.not_before = absl::Now() - absl::Hours(2);
  spec.not_after = absl::Now() + life;
  spec.subject_alternative_names = {name};
  return testing::MakeIdentity(spec, issuer);
}

// What a provider's keys come over: a server is believed by its name and by
// what its certificate leads to, and by nothing else.
TEST_F(HttpFetcherTest, ATrustedServerIsAskedOverTls) {
  const testing::Identity root = ServerOf("DNS:root.example");
  const testing::Identity stranger = ServerOf("DNS:stranger.example");
  const struct {
    const char* what;
    testing::Identity server;
    bool believed;
  } cases[] = {
      {"of its address", ServerOf("IP:127.0.0.1", &root), true},
      {"of another address", ServerOf("IP:127.0.0.2", &root), false},
      {"of a name", ServerOf("DNS:localhost", &root), false},
      {"expired", ServerOf("IP:127.0.0.1", &root, -absl::Hours(1)), false},
      {"of another root", ServerOf("IP:127.0.0.1", &stranger), false},
  };
  const auto trust = TlsTrust::FromPem(root.CertificatePem());
  ASSERT_TRUE(trust.ok()) << trust.status();
  for (const auto& c : cases) {
    TestServer server([](const std::string&) { return Ok("keys"); }, c.server);
    HttpFetcher fetcher(Guard(loopback_), clock_, {}, *trust);
    const auto answer =
        fetcher.Fetch({server.url(), "", ""}, clock_.Now() + absl::Seconds(3));
    EXPECT_EQ(answer.ok(), c.believed) << c.what << answer.status();
    EXPECT_EQ(server.asked(), c.believed ? 1 : 0) << c.what;
    if (!c.believed) {
      EXPECT_EQ(ReasonOf(answer.status()), Reason::kOverloaded);
      EXPECT_THAT(std::string(answer.status().message()),
                  ::testing::HasSubstr("no TLS with the server"));
    }
  }
}

TEST_F(HttpFetcherTest, AServerIsNamedToItAndBelievedByThatName) {
  const testing::Identity root = ServerOf("DNS:root.example");
  TestServer server([](const std::string&) { return Ok("keys"); },
                    ServerOf("DNS:localhost", &root));
  HttpFetcher fetcher(Guard({"127.0.0.0/8", "::1/128"}), clock_, {},
                      *TlsTrust::FromPem(root.CertificatePem()));
  const std::string port = server.url().substr(server.url().rfind(':'));
  EXPECT_EQ(*fetcher.Fetch({"https://localhost" + port, "", ""},
                           clock_.Now() + absl::Seconds(3)),
            "keys");
}

TEST_F(HttpFetcherTest, NobodyIsAskedOverTlsWithoutTrust) {
  TestServer server([](const std::string&) { return Ok("x"); },
                    ServerOf("IP:127.0.0.1"));
  EXPECT_EQ(ReasonOf(Fetch({server.url(), "", ""}, loopback_).status()),
            Reason::kInvalidArgument);
  EXPECT_EQ(ReasonOf(TlsTrust::FromPem("nothing").status()),
            Reason::kMisconfigured);
  EXPECT_EQ(ReasonOf(TlsTrust::FromPem("").status()), Reason::kMisconfigured);
}

// RV-07: a server that answers nobody holds no more than its share.
TEST_F(HttpFetcherTest, RefusesMoreThanSoManyAtOnce) {
  absl::Notification asked, release;
  TestServer slow([&](const std::string&) {
    asked.Notify();
    release.WaitForNotification();
    return Ok("late");
  });
  HttpLimits limits;
  limits.in_flight = 1;
  limits.time = absl::Seconds(30);
  HttpFetcher fetcher(Guard(loopback_), clock_, limits);
  const auto fetch = [&] {
    return fetcher.Fetch({slow.url(), "", ""},
                         clock_.Now() + absl::Seconds(30));
  };
  std::thread first([&] { EXPECT_EQ(*fetch(), "late"); });
  asked.WaitForNotification();
  EXPECT_EQ(ReasonOf(fetch().status()), Reason::kOverloaded);
  EXPECT_EQ(slow.asked(), 1);
  release.Notify();
  first.join();
}

class CountingFetcher final : public Fetcher {
 public:
  absl::StatusOr<std::string> Fetch(const FetchRequest& request,
                                    absl::Time) override {
    ++asked;
    return request.url == "bad" ? absl::StatusOr<std::string>(
                                      Refuse(Reason::kOverloaded, "no answer"))
                                : request.url + request.body;
  }
  int asked = 0;
};

TEST(CachingFetcher, AsksOnceForAWhile) {
  CountingFetcher fetcher;
  testing::FakeClock clock(absl::FromUnixSeconds(1'790'000'000));
  CachingFetcher cache(fetcher, clock,
                       {absl::Minutes(5), absl::Seconds(30), 2});
  const auto fetch = [&](const std::string& url, const std::string& body) {
    return cache.Fetch({url, body, ""}, absl::InfiniteFuture());
  };
  EXPECT_EQ(*fetch("a", ""), "a");
  EXPECT_EQ(*fetch("a", ""), "a");
  EXPECT_EQ(fetcher.asked, 1);
  EXPECT_EQ(*fetch("a", "b"), "ab");
  EXPECT_EQ(fetcher.asked, 2);
  clock.Advance(absl::Minutes(5));
  EXPECT_EQ(*fetch("a", ""), "a");
  EXPECT_EQ(fetcher.asked, 3);
  // Failures are forgotten sooner, and the bound holds.
  EXPECT_FALSE(fetch("bad", "").ok());
  EXPECT_FALSE(fetch("bad", "").ok());
  EXPECT_EQ(fetcher.asked, 4);
  clock.Advance(absl::Seconds(31));
  EXPECT_FALSE(fetch("bad", "").ok());
  EXPECT_EQ(fetcher.asked, 5);
}

}  // namespace
}  // namespace masa::fetch
