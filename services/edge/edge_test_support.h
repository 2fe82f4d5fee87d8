// A running edge with a fake desk, for the tests of this room.
#ifndef SERVICES_EDGE_EDGE_TEST_SUPPORT_H_
#define SERVICES_EDGE_EDGE_TEST_SUPPORT_H_

#include <algorithm>
#include <csignal>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "gtest/gtest.h"
#include "services/edge/https_edge.h"
#include "services/edge/test_certificate.h"
#include "services/edge/test_client.h"
#include "services/executor/executor.h"
#include "services/issuance/gathering_desk.h"
#include "services/issuance/registrar_desk.h"

namespace masa::edge {

// Answers with the body it was sent, or as `hook` says; remembers its calls.
class FakeDesk final : public issuance::RegistrarDesk {
 public:
  using Answer = absl::StatusOr<issuance::RegistrarAnswer>;

  std::function<Answer(const issuance::RegistrarCall&)> hook;

  void RequestVouchers(std::vector<issuance::PendingCall> calls) override {
    for (issuance::PendingCall& one : calls) {
      one.respond(Take(one.call, "voucher"));
    }
  }
  Answer RequestAuditLog(const issuance::RegistrarCall& call) override {
    return Take(call, "audit");
  }

  std::vector<issuance::RegistrarCall> calls() {
    absl::MutexLock lock(&mutex_);
    return calls_;
  }

 private:
  Answer Take(const issuance::RegistrarCall& call, const std::string& kind) {
    {
      absl::MutexLock lock(&mutex_);
      calls_.push_back(call);
    }
    if (hook) {
      return hook(call);
    }
    return issuance::RegistrarAnswer{call.content_type, kind + ":" + call.body};
  }

  absl::Mutex mutex_;
  std::vector<issuance::RegistrarCall> calls_ ABSL_GUARDED_BY(mutex_);
};

// Remembers what it was told.
class RecordingEvents final : public EdgeEvents {
 public:
  void RequestFinished(const EdgeRequest& request) override {
    absl::MutexLock lock(&mutex_);
    requests_.push_back(request);
  }
  void ConnectionOpened() override { Count(opened_); }
  void ConnectionClosed() override { Count(closed_); }
  void ConnectionRefused() override { Count(refused_); }
  void HandshakeFailed(const std::string&) override { Count(failed_); }
  void LoopRan(size_t loop, absl::Duration lag) override {
    EXPECT_GE(lag, absl::ZeroDuration());
    absl::MutexLock lock(&mutex_);
    loops_.insert(loop);
  }

  // The first `count` requests, or those there are after seconds: a client has
  // its answer before its request is finished here.
  std::vector<EdgeRequest> Requests(size_t count) {
    absl::MutexLock lock(&mutex_);
    const auto reached = [this, count]() { return requests_.size() >= count; };
    mutex_.AwaitWithTimeout(absl::Condition(&reached), absl::Seconds(20));
    return {requests_.begin(),
            requests_.begin() + std::min(count, requests_.size())};
  }
  // Waits, in seconds at most, until so many handshakes have failed.
  bool WaitForFailedHandshakes(int count) {
    absl::MutexLock lock(&mutex_);
    const auto reached = [this, count]() { return failed_ >= count; };
    return mutex_.AwaitWithTimeout(absl::Condition(&reached),
                                   absl::Seconds(20));
  }
  // Waits, in seconds at most, until these loops, and no other, have told how
  // late they run.
  bool WaitForLoops(const std::set<size_t>& loops) {
    absl::MutexLock lock(&mutex_);
    const auto reached = [this, &loops]() { return loops_ == loops; };
    return mutex_.AwaitWithTimeout(absl::Condition(&reached),
                                   absl::Seconds(20));
  }
  int opened() { return Read(opened_); }
  int closed() { return Read(closed_); }
  int refused() { return Read(refused_); }

 private:
  void Count(int& counter) {
    absl::MutexLock lock(&mutex_);
    ++counter;
  }
  int Read(const int& counter) {
    absl::MutexLock lock(&mutex_);
    return counter;
  }

  absl::Mutex mutex_;
  std::vector<EdgeRequest> requests_ ABSL_GUARDED_BY(mutex_);
  std::set<size_t> loops_ ABSL_GUARDED_BY(mutex_);
  int opened_ = 0;
  int closed_ = 0;
  int refused_ = 0;
  int failed_ = 0;
};

// Two identities, "masa.example" (default, with "localhost") and
// "other.example"; one thread for calls with room for one more.
class EdgeTest : public testing::Test {
 protected:
  EdgeTest() {
    // As masad does: a client may write to an edge that has hung up.
    std::signal(SIGPIPE, SIG_IGN);
    options_.identities = {
        {{"masa.example", "localhost"}, masa_.certificate_pem, masa_.key_pem},
        {{"other.example"}, other_.certificate_pem, other_.key_pem}};
  }

  void StartEdge() {
    auto edge = HttpsEdge::New(options_, &gathering_, &executor_, &events_);
    ASSERT_TRUE(edge.ok()) << edge.status();
    edge_ = std::move(*edge);
  }

  // A connection with SNI "masa.example".
  std::unique_ptr<TestClient> Client() {
    auto client = Connect({.server_name = "masa.example"});
    EXPECT_TRUE(client.ok()) << client.status();
    return client.ok() ? std::move(*client) : nullptr;
  }

  absl::StatusOr<std::unique_ptr<TestClient>> Connect(
      TestClientOptions options) {
    options.port = edge_->port();
    return TestClient::Connect(options);
  }

  const std::string kVoucherPath = "/.well-known/brski/requestvoucher";
  const std::string kAuditPath = "/.well-known/brski/requestauditlog";
  const TestCertificate masa_ = MakeSelfSigned("masa.example");
  const TestCertificate other_ = MakeSelfSigned("other.example");
  const TestCertificate registrar_ = MakeSelfSigned("registrar");
  EdgeOptions options_;
  FakeDesk desk_;
  RecordingEvents events_;
  issuance::GatheringDesk gathering_{
      desk_, {.name = "desk", .threads = 1, .queue_limit = 1, .most_items = 1}};
  Executor executor_{{.name = "logs", .threads = 1, .queue_limit = 1}};
  std::unique_ptr<HttpsEdge> edge_;
};

}  // namespace masa::edge

#endif  // SERVICES_EDGE_EDGE_TEST_SUPPORT_H_
