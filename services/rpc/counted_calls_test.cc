#include "services/rpc/counted_calls.h"

#include <map>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "grpcpp/generic/generic_stub.h"
#include "gtest/gtest.h"
#include "services/rpc/channel.h"
#include "services/rpc/server.h"
#include "services/testing/test_pki.h"

namespace masa::rpc {
namespace {

constexpr char kPath[] = "/grpc.health.v1.Health/Check";

class Nobody final : public MethodEvents {
 public:
  void Started() override {}
  void Received() override {}
  void Sent() override {}
  void Handled(int, absl::string_view, absl::Duration) override {}
};

// Writes down what it hears of one method: the channel watches the server's
// health by another.
class Heard final : public CallEvents, public MethodEvents {
 public:
  MethodEvents& Of(absl::string_view path) override {
    return path == kPath ? static_cast<MethodEvents&>(*this) : nobody_;
  }
  void Started() override { Count("started"); }
  void Received() override { Count("received"); }
  void Sent() override { Count("sent"); }
  void Handled(int code, absl::string_view reason,
               absl::Duration took) override {
    EXPECT_GE(took, absl::ZeroDuration());
    Count(absl::StrCat("handled ", code, reason));
  }
  void Forgave(absl::string_view) override {}

  // Waits for it: a server hears of its call's end after the client does.
  bool Hears(const std::string& what, int times) {
    absl::MutexLock lock(&mutex_);
    const auto heard = [&] { return counts_[what] == times; };
    return mutex_.AwaitWithTimeout(absl::Condition(&heard), absl::Minutes(1));
  }

 private:
  void Count(const std::string& what) {
    absl::MutexLock lock(&mutex_);
    ++counts_[what];
  }

  Nobody nobody_;
  absl::Mutex mutex_;
  std::map<std::string, int> counts_;
};

TEST(CountedCalls, BothSidesHearOfACallOnce) {
  testing::CertificateSpec spec;
  spec.not_before = absl::Now() - absl::Hours(1);
  spec.not_after = absl::Now() + absl::Hours(1);
  spec.is_ca = true;
  const testing::Identity ca = testing::MakeIdentity(spec, nullptr);
  spec.is_ca = false;
  spec.subject_alternative_names = {"DNS:localhost", "IP:127.0.0.1"};
  const testing::Identity peer = testing::MakeIdentity(spec, &ca);
  Heard served, called;
  ServerOptions listener{"127.0.0.1:0", peer.CertificatePem(), peer.KeyPem(),
                         ca.CertificatePem(), false};
  listener.calls = &served;
  auto server = Server::New(listener, {});
  ASSERT_TRUE(server.ok()) << server.status();
  ChannelOptions options{absl::StrCat("127.0.0.1:", (*server)->port()),
                         "localhost", ca.CertificatePem(),
                         peer.CertificatePem(), peer.KeyPem()};
  options.calls = &called;
  grpc::GenericStub stub(MakeChannel(options));
  grpc::ClientContext call;
  call.set_deadline(absl::ToChronoTime(absl::Now() + absl::Minutes(1)));
  const grpc::Slice nothing("");
  grpc::ByteBuffer request(&nothing, 1), response;
  absl::Notification done;
  grpc::Status status;
  stub.UnaryCall(&call, kPath, {}, &request, &response,
                 [&](const grpc::Status& ended) {
                   status = ended;
                   done.Notify();
                 });
  done.WaitForNotification();
  ASSERT_TRUE(status.ok()) << status.error_message();
  for (Heard* side : {&served, &called}) {
    EXPECT_TRUE(side->Hears("started", 1));
    EXPECT_TRUE(side->Hears("received", 1));
    EXPECT_TRUE(side->Hears("sent", 1));
    EXPECT_TRUE(side->Hears("handled 0", 1));
  }
}

}  // namespace
}  // namespace masa::rpc
