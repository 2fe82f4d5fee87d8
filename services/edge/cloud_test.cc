// The cloud registrar at the edge: which requests go to the desk, and what
// pledges see. Rows of the requirements' section 12 are named.
#include <set>
#include <string>
#include <utility>

#include "services/edge/edge_test_support.h"
#include "services/edge/pledge_routes.h"
#include "services/edge/router.h"
#include "services/issuance/gathering_pledge_desk.h"
#include "services/status/reason.h"

namespace masa::edge {
namespace {

using issuance::PledgeOperation;

constexpr char kCloud[] = "cloud.masa.example";

// CR-19, EP-03, EP-06: the face has its three resources and nothing else, and
// no other face has those of telemetry.
TEST(CloudFace, HasItsOwnResources) {
  const struct {
    const char* host;
    const char* method;
    const char* path;
    int status;  // 0: a desk is asked
    Route route;
  } kCases[] = {
      {kCloud, "POST", "/b/requestvoucher", 0, Route::kPledge},
      {kCloud, "POST", "/b/voucher_status", 0, Route::kPledge},
      {kCloud, "POST", "/b/enrollstatus", 0, Route::kPledge},
      {kCloud, "GET", "/b/requestvoucher", 405, Route::kPledge},
      {kCloud, "POST", "/b/requestauditlog", 404, Route::kOther},
      {kCloud, "GET", "/.well-known/est/csrattrs", 404, Route::kOther},
      {kCloud, "GET", "/.well-known/est/cacerts", 404, Route::kOther},
      {kCloud, "POST", "/.well-known/est/simpleenroll", 404, Route::kOther},
      {kCloud, "POST", "/.well-known/est/serverkeygen", 404, Route::kOther},
      {kCloud, "POST", "/.well-known/est/requestvoucher", 404, Route::kOther},
      {kCloud, "GET", "/", 404, Route::kOther},
      {"masa.example", "POST", "/b/voucher_status", 404, Route::kOther},
      {"masa.example", "POST", "/b/enrollstatus", 404, Route::kOther},
      {"est.masa.example", "POST", "/b/requestvoucher", 404, Route::kOther},
      {"est.masa.example", "POST", "/b/enrollstatus", 404, Route::kOther},
  };
  for (const auto& c : kCases) {
    const Routing routing =
        RouteRequest({c.method, c.path, {c.host}, true, c.host}, {"/b"},
                     [](const std::string&) { return false; });
    EXPECT_EQ(routing.answer ? routing.answer->status : 0, c.status)
        << c.host << c.path;
    EXPECT_EQ(routing.route, c.route) << c.host << c.path;
  }
}

// CR-09, CR-10, CR-24, CR-25: what each refusal is to a pledge.
TEST(CloudFace, RefusalsMeanWhatTheyMeanToPledges) {
  const struct {
    absl::Status status;
    int http_status;
    const char* retry_after;  // empty: none
    bool ends;
  } kCases[] = {
      {Refuse(Reason::kDeviceUnknown, "x"), 404, "", false},
      {Refuse(Reason::kMalformed, "x"), 400, "", false},
      {RefuseFor(absl::Minutes(5), Reason::kDeviceNotOwned, "x"), 401, "300",
       false},
      {Refuse(Reason::kDeviceNotOwned, "x"), 401, "", false},
      {Refuse(Reason::kProximityMismatch, "x"), 401, "", true},
      {Refuse(Reason::kDeviceBlocked, "x"), 403, "", false},
      {Refuse(Reason::kFormatNotForDevice, "x"), 406, "", false},
      {Refuse(Reason::kMediaTypeUnknown, "x"), 406, "", false},
      {Refuse(Reason::kOverloaded, "x"), 503, "7", false},
      {Refuse(Reason::kStoreUnavailable, "x"), 503, "7", false},
  };
  for (const auto& c : kCases) {
    bool ends = false;
    const Answer answer = PledgeErrorOf(PledgeOperation::kRequestVoucher,
                                        c.status, absl::Seconds(7), &ends);
    EXPECT_EQ(answer.status, c.http_status) << c.status;
    EXPECT_EQ(ends, c.ends) << c.status;
    std::string retry_after;
    for (const auto& [name, value] : answer.headers) {
      EXPECT_NE(name, "WWW-Authenticate") << c.status;
      retry_after = name == "Retry-After" ? value : retry_after;
    }
    EXPECT_EQ(retry_after, c.retry_after) << c.status;
    EXPECT_EQ(answer.body, "x\n");
  }
}

// What it tells is no voucher-request: a type that is not JSON is 415.
TEST(CloudFace, OfTelemetryAnUnknownTypeIsWhatItIsInHttp) {
  for (const PledgeOperation operation :
       {PledgeOperation::kVoucherStatus, PledgeOperation::kEnrollStatus}) {
    bool ends = false;
    const absl::Status status = Refuse(Reason::kMediaTypeUnknown, "x");
    EXPECT_EQ(PledgeErrorOf(operation, status, absl::Seconds(7), &ends).status,
              415);
  }
}

// Answers as it is told; remembers its calls.
class FakePledges final : public issuance::PledgeDesk {
 public:
  absl::StatusOr<issuance::PledgeAnswer> answer{issuance::PledgeAnswer()};

  void Ask(std::vector<issuance::PendingPledge> calls) override {
    for (issuance::PendingPledge& one : calls) {
      {
        absl::MutexLock lock(&mutex_);
        calls_.push_back(one.call);
      }
      one.respond(answer);
    }
  }
  std::vector<issuance::PledgeCall> calls() {
    absl::MutexLock lock(&mutex_);
    return calls_;
  }

 private:
  absl::Mutex mutex_;
  std::vector<issuance::PledgeCall> calls_ ABSL_GUARDED_BY(mutex_);
};

class CloudEdge : public EdgeTest {
 protected:
  void Start(issuance::PledgeDesk* desk) {
    options_.identities.push_back(
        {{kCloud}, cloud_.certificate_pem, cloud_.key_pem});
    auto edge = HttpsEdge::New(options_, &gathering_, &executor_, &events_,
                               nullptr, desk);
    ASSERT_TRUE(edge.ok()) << edge.status();
    edge_ = std::move(*edge);
  }

  absl::StatusOr<std::unique_ptr<TestClient>> Pledge() {
    return Connect({.server_name = kCloud,
                    .certificate_pem = registrar_.certificate_pem,
                    .key_pem = registrar_.key_pem});
  }

  TestAnswer Post(const std::string& resource, const std::string& body,
                  const std::string& headers = "") {
    auto client = Pledge();
    EXPECT_TRUE(client.ok()) << client.status();
    auto answer =
        (*client)->Post("/.well-known/brski/" + resource, body, headers);
    EXPECT_TRUE(answer.ok()) << answer.status();
    return answer.value_or(TestAnswer());
  }

  const TestCertificate cloud_ = MakeSelfSigned(kCloud);
  FakePledges pledges_;
};

// CR-02, CR-04: without a certificate there is no connection, and only here.
TEST_F(CloudEdge, DemandsACertificateInTheHandshake) {
  Start(&pledges_);
  for (const uint16_t version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    auto client = Connect({.server_name = kCloud, .max_version = version});
    // TLS 1.3 tells its client with the first bytes read.
    EXPECT_FALSE(client.ok() &&
                 (*client)->Post("/.well-known/brski/requestvoucher", "x").ok())
        << version;
  }
  EXPECT_TRUE(events_.WaitForFailedHandshakes(2));
  EXPECT_TRUE(Client()->Post(kVoucherPath, "x").ok());
  EXPECT_TRUE(pledges_.calls().empty());
}

// CR-05, CR-24: the certificate is the name's own, and the desk hears which.
TEST_F(CloudEdge, TheDeskHearsAllThatTheConnectionSays) {
  pledges_.answer = issuance::PledgeAnswer{"application/voucher-cms+json", "v"};
  Start(&pledges_);
  auto client = Pledge();
  ASSERT_TRUE(client.ok()) << client.status();
  EXPECT_EQ((*client)->ServerCertificateDer(), cloud_.certificate_der);
  const auto answer = (*client)->Post(kVoucherPath, "request",
                                      "Content-Type: a/b\r\nAccept: c/d\r\n");
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->status, 200);
  EXPECT_EQ(answer->headers.at("content-type"), "application/voucher-cms+json");
  EXPECT_EQ(answer->body, "v");
  const auto calls = pledges_.calls();
  ASSERT_EQ(calls.size(), 1u);
  EXPECT_EQ(calls[0].operation, PledgeOperation::kRequestVoucher);
  EXPECT_EQ(calls[0].host, kCloud);
  EXPECT_EQ(calls[0].content_type, "a/b");
  EXPECT_EQ(calls[0].accept, "c/d");
  EXPECT_EQ(calls[0].body, "request");
  EXPECT_EQ(calls[0].tls_peer_chain_der,
            std::vector<std::string>{registrar_.certificate_der});
  EXPECT_EQ(calls[0].tls_server_cert_der, cloud_.certificate_der);
  EXPECT_FALSE(calls[0].context.request_id.empty());
  const auto requests = events_.Requests(1);
  ASSERT_EQ(requests.size(), 1u);
  EXPECT_EQ(requests[0].route, "requestvoucher");
}

// CR-28: firmware of years ago asks under the name that it was built with, and
// trusts what it always did.
TEST_F(CloudEdge, NamesOfBeforeAnswerAsTheNewOneDoes) {
  const TestCertificate before = MakeSelfSigned("cloud.before.example");
  options_.identities.push_back(
      {{"cloud.before.example"}, before.certificate_pem, before.key_pem});
  issuance::PledgeAnswer sent_on;
  sent_on.location = "https://r.example/.well-known/brski/requestvoucher";
  pledges_.answer = sent_on;
  Start(&pledges_);
  const struct {
    const char* name;
    const TestCertificate& certificate;
  } kCases[] = {{kCloud, cloud_}, {"cloud.before.example", before}};
  for (const auto& c : kCases) {
    auto client = Connect({.server_name = c.name,
                           .certificate_pem = registrar_.certificate_pem,
                           .key_pem = registrar_.key_pem});
    ASSERT_TRUE(client.ok()) << client.status();
    EXPECT_EQ((*client)->ServerCertificateDer(), c.certificate.certificate_der);
    const auto answer = (*client)->Post(kVoucherPath, "x");
    ASSERT_TRUE(answer.ok()) << answer.status();
    EXPECT_EQ(answer->status, 307) << c.name;
    EXPECT_EQ(answer->headers.at("location"), sent_on.location);
    EXPECT_EQ(pledges_.calls().back().host, c.name);
  }
}

// CR-11: 307, a whole URL, and no voucher.
TEST_F(CloudEdge, SendsTheDeviceToItsOwner) {
  issuance::PledgeAnswer answer;
  answer.location = "https://r.example/.well-known/brski/requestvoucher";
  pledges_.answer = answer;
  Start(&pledges_);
  const TestAnswer seen = Post("requestvoucher", "x");
  EXPECT_EQ(seen.status, 307);
  EXPECT_EQ(seen.headers.at("location"), answer.location);
  EXPECT_EQ(seen.headers.at("content-type"), "text/plain; charset=utf-8");
}

// CR-21, CR-23.
TEST_F(CloudEdge, TakesTelemetry) {
  Start(&pledges_);
  for (const auto& [resource, operation] :
       {std::pair("voucher_status", PledgeOperation::kVoucherStatus),
        std::pair("enrollstatus", PledgeOperation::kEnrollStatus)}) {
    const TestAnswer answer = Post(resource, "{}");
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.body, "");
    EXPECT_EQ(pledges_.calls().back().operation, operation);
  }
  // Told once they are answered, each on its own loop: in either order.
  std::set<std::string> routes;
  for (const EdgeRequest& request : events_.Requests(2)) {
    routes.emplace(request.route);
  }
  EXPECT_EQ(routes, (std::set<std::string>{"voucher_status", "enrollstatus"}));
}

TEST_F(CloudEdge, AnImpostorInBetweenEndsTheConnection) {
  pledges_.answer = Refuse(Reason::kProximityMismatch, "not this one");
  Start(&pledges_);
  const TestAnswer answer = Post("requestvoucher", "x");
  EXPECT_EQ(answer.status, 401);
  EXPECT_EQ(answer.headers.at("connection"), "close");
}

// CR-09: a queue without a place says so at once.
TEST_F(CloudEdge, AnOverloadedDeskSaysWhenToComeBack) {
  pledges_.answer = Refuse(Reason::kOverloaded, "too many");
  issuance::GatheringPledgeDesk gathering(
      pledges_, {.name = "pledges", .threads = 1, .queue_limit = 1});
  Start(&gathering);
  const TestAnswer answer = Post("requestvoucher", "x");
  EXPECT_EQ(answer.status, 503);
  EXPECT_EQ(answer.headers.at("retry-after"), "2");
  edge_.reset();
}

TEST_F(CloudEdge, IsNotThereWhereNobodyAnswersPledges) {
  Start(nullptr);
  EXPECT_EQ(Post("requestvoucher", "x").status, 404);
}

}  // namespace
}  // namespace masa::edge
