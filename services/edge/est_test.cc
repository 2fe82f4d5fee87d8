// EST at the edge: which requests go to the desk, and what clients see.
#include <cstring>

#include "openssl/x509v3.h"
#include "services/edge/edge_test_support.h"
#include "services/edge/est_routes.h"
#include "services/edge/face.h"
#include "services/status/reason.h"
#include "services/wire/est_messages.h"

namespace masa::edge {
namespace {

using issuance::EstOperation;

// ES-01, ES-02.
TEST(EstRouteOf, KnowsOperationsWithAndWithoutALabel) {
  struct Case {
    const char* method;
    const char* path;
    int status;  // 0: goes to the desk; -1: no resource
    const char* label;
  };
  const Case cases[] = {
      {"GET", "/.well-known/est/cacerts", 0, ""},
      {"HEAD", "/.well-known/est/cacerts", 0, ""},
      {"GET", "/.well-known/est/lab1/cacerts", 0, "lab1"},
      {"GET", "/.well-known/est/csrattrs", 0, ""},
      {"POST", "/.well-known/est/simpleenroll", 0, ""},
      {"POST", "/.well-known/est/lab1/simplereenroll", 0, "lab1"},
      {"POST", "/.well-known/est/cacerts", 405, ""},
      {"GET", "/.well-known/est/simpleenroll", 405, ""},
      {"POST", "/.well-known/est/serverkeygen", 0, ""},
      {"POST", "/.well-known/est/lab1/serverkeygen", 0, "lab1"},
      {"GET", "/.well-known/est/serverkeygen", 405, ""},
      {"POST", "/.well-known/est/lab1/fullcmc", 501, "lab1"},
      {"GET", "/.well-known/est/", -1, ""},
      {"GET", "/.well-known/est//cacerts", -1, ""},
      {"GET", "/.well-known/est/a/b/cacerts", -1, ""},
      {"GET", "/.well-known/est/unknown", -1, ""},
      {"GET", "/est/cacerts", -1, ""},
  };
  for (const Case& one : cases) {
    const auto route = EstRouteOf(one.path, one.method);
    ASSERT_EQ(route.has_value(), one.status >= 0) << one.path;
    if (!route) {
      continue;
    }
    EXPECT_EQ(route->label, one.label) << one.path;
    EXPECT_EQ(route->answer ? route->answer->status : 0, one.status)
        << one.path;
  }
}

TEST(FaceOf, IsSaidByTheNamesFirstLabel) {
  EXPECT_EQ(FaceOf("masa.example"), Face::kMasa);
  EXPECT_EQ(FaceOf(""), Face::kMasa);
  EXPECT_EQ(FaceOf("est.masa.example"), Face::kEst);
  EXPECT_EQ(FaceOf("cloud.masa.example"), Face::kCloud);
  EXPECT_EQ(FaceOf("estate.example"), Face::kMasa);
}

// Answers as it is told; remembers its calls.
class FakeEnrollment final : public issuance::EnrollmentDesk {
 public:
  absl::StatusOr<issuance::EstAnswer> answer;

  void Ask(std::vector<issuance::PendingEst> calls) override {
    for (issuance::PendingEst& one : calls) {
      {
        absl::MutexLock lock(&mutex_);
        calls_.push_back(one.call);
      }
      one.respond(answer);
    }
  }
  std::vector<issuance::EstCall> calls() {
    absl::MutexLock lock(&mutex_);
    return calls_;
  }

 private:
  absl::Mutex mutex_;
  std::vector<issuance::EstCall> calls_ ABSL_GUARDED_BY(mutex_);
};

class EstEdge : public EdgeTest {
 protected:
  void Start(bool with_est = true) {
    auto edge = HttpsEdge::New(options_, &gathering_, &executor_, &events_,
                               with_est ? &enrollment_ : nullptr);
    ASSERT_TRUE(edge.ok()) << edge.status();
    edge_ = std::move(*edge);
  }

  TestAnswer Get(const std::string& path, const std::string& headers = "") {
    auto client = Client();
    EXPECT_TRUE(client
                    ->Write("GET " + path +
                            " HTTP/1.1\r\nHost: masa.example\r\n" + headers +
                            "\r\n")
                    .ok());
    auto answer = client->ReadAnswer();
    EXPECT_TRUE(answer.ok()) << answer.status();
    return answer.value_or(TestAnswer());
  }

  FakeEnrollment enrollment_;
};

// ES-06, ES-19.
TEST_F(EstEdge, SaysTheCaInOneLineAndToLibestInMany) {
  enrollment_.answer = issuance::EstAnswer{{std::string(100, 'c')}, ""};
  Start();
  const TestAnswer answer = Get("/.well-known/est/lab1/cacerts");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.headers.at("content-type"),
            "application/pkcs7-mime; smime-type=certs-only");
  EXPECT_EQ(answer.body.find('\n'), answer.body.size() - 1);
  ASSERT_EQ(enrollment_.calls().size(), 1u);
  EXPECT_EQ(enrollment_.calls()[0].operation, EstOperation::kCaCerts);
  EXPECT_EQ(enrollment_.calls()[0].label, "lab1");
  EXPECT_EQ(enrollment_.calls()[0].host, "masa.example");
  const TestAnswer wrapped =
      Get("/.well-known/est/cacerts", "User-Agent: libEST\r\n");
  EXPECT_EQ(wrapped.body.find('\n'), 64u);
}

TEST_F(EstEdge, TakesARequestWithAllThatTheClientShows) {
  enrollment_.answer = issuance::EstAnswer{{"der"}, ""};
  Start();
  auto client = Connect({.server_name = "masa.example",
                         .certificate_pem = registrar_.certificate_pem,
                         .key_pem = registrar_.key_pem});
  ASSERT_TRUE(client.ok()) << client.status();
  const auto answer = (*client)->Post(
      "/.well-known/est/simpleenroll", "aGVsbG8=",
      "Content-Type: application/pkcs10\r\nAuthorization: Basic eDp5\r\n");
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->status, 200);
  const auto calls = enrollment_.calls();
  ASSERT_EQ(calls.size(), 1u);
  EXPECT_EQ(calls[0].body, "aGVsbG8=");
  EXPECT_EQ(calls[0].content_type, "application/pkcs10");
  EXPECT_EQ(calls[0].authorization, "Basic eDp5");
  EXPECT_EQ(calls[0].tls_peer_chain_der.size(), 1u);
  EXPECT_EQ(calls[0].channel_binding.size(), 32u);  // tls-exporter
}

// ES-14.
TEST_F(EstEdge, OlderTlsHasItsOwnBinding) {
  enrollment_.answer = issuance::EstAnswer{{"der"}, ""};
  Start();
  auto client =
      Connect({.server_name = "masa.example", .max_version = TLS1_2_VERSION});
  ASSERT_TRUE(client.ok()) << client.status();
  ASSERT_TRUE((*client)->Post("/.well-known/est/simpleenroll", "eA==").ok());
  EXPECT_EQ(enrollment_.calls()[0].channel_binding.size(), 12u);  // tls-unique
}

// ES-10.
TEST_F(EstEdge, RefusalsAreTheirStatusAndASentence) {
  enrollment_.answer =
      Refuse(Reason::kAuthenticationRequired, "a token is needed");
  Start();
  const auto answer =
      Client()->Post("/.well-known/est/simpleenroll", "aGVsbG8=");
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->status, 401);
  EXPECT_EQ(answer->body, "a token is needed\n");
  EXPECT_NE(answer->headers.at("www-authenticate").find("Basic"),
            std::string::npos);
  EXPECT_EQ(Get("/.well-known/est/fullcmc").status, 501);
  EXPECT_EQ(Get("/.well-known/est/simpleenroll").status, 405);
  EXPECT_EQ(Get("/.well-known/est/none").status, 404);
}

// ES-09, ES-21: whoever is told to come back is told when, in whole seconds,
// as strict clients read it.
TEST_F(EstEdge, WhoeverWaitsIsToldHowManySeconds) {
  const struct {
    absl::Status status;
    int http_status;
    const char* retry_after;
  } kCases[] = {
      {RefuseFor(absl::Milliseconds(2500), Reason::kApprovalPending, "soon"),
       202, "3"},
      {RefuseFor(absl::Milliseconds(1), Reason::kOverloaded, "full"), 503, "1"},
      {Refuse(Reason::kSignerUnavailable, "away"), 503, "7"},
  };
  options_.retry_after = absl::Seconds(7);
  Start();
  for (const auto& c : kCases) {
    enrollment_.answer = c.status;
    const auto answer =
        Client()->Post("/.well-known/est/simpleenroll", "aGVsbG8=");
    ASSERT_TRUE(answer.ok()) << answer.status();
    EXPECT_EQ(answer->status, c.http_status);
    EXPECT_EQ(answer->headers.at("retry-after"), c.retry_after);
  }
}

// ES-18: a client that was given https://masa.example holds the certificate
// against that name.
TEST_F(EstEdge, ItsCertificateFitsTheNameThatWasAsked) {
  constexpr char kElsewhere[] = "est.masa.example";
  Start();
  for (const char* name : {"masa.example", "other.example"}) {
    auto client = Connect({.server_name = name});
    ASSERT_TRUE(client.ok()) << client.status();
    const std::string der = (*client)->ServerCertificateDer();
    const auto* octets = reinterpret_cast<const uint8_t*>(der.data());
    const bssl::UniquePtr<X509> leaf(
        d2i_X509(nullptr, &octets, static_cast<long>(der.size())));
    ASSERT_NE(leaf, nullptr);
    EXPECT_EQ(X509_check_host(leaf.get(), name, std::strlen(name), 0, nullptr),
              1)
        << name;
    EXPECT_NE(X509_check_host(leaf.get(), kElsewhere, std::strlen(kElsewhere),
                              0, nullptr),
              1);
  }
}

// ES-15, ES-20.
TEST_F(EstEdge, AKeyComesInAPartOfItsOwn) {
  const std::string key(100, 'k');
  enrollment_.answer = issuance::EstAnswer{
      {"der"}, "", std::make_shared<const wire::SecretOctets>(key)};
  Start();
  const auto answer = Client()->Post("/.well-known/est/serverkeygen", "aGk=");
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->status, 200);
  EXPECT_EQ(answer->headers.at("content-type"),
            "multipart/mixed; boundary=est-part");
  EXPECT_EQ(answer->body,
            "--est-part\r\nContent-Type: application/pkcs8\r\n"
            "Content-Transfer-Encoding: base64\r\n\r\n" +
                wire::EncodeEstBody(key, false) +
                "\r\n--est-part\r\n"
                "Content-Type: application/pkcs7-mime; smime-type=certs-only"
                "\r\nContent-Transfer-Encoding: base64\r\n\r\n" +
                wire::EncodeEstBody(wire::EncodeCertsOnly({"der"}), false) +
                "\r\n--est-part--\r\n");
  ASSERT_EQ(enrollment_.calls().size(), 1u);
  EXPECT_EQ(enrollment_.calls()[0].operation, EstOperation::kServerKeygen);
}

TEST_F(EstEdge, IsNotThereWhereNobodyEnrols) {
  Start(false);
  EXPECT_EQ(Get("/.well-known/est/cacerts").status, 404);
}

}  // namespace
}  // namespace masa::edge
