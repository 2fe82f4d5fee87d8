#include "services/rpc/server.h"

#include <memory>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "grpcpp/completion_queue.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/generic/generic_stub.h"
#include "grpcpp/security/credentials.h"
#include "gtest/gtest.h"
#include "services/rpc/test_peer.h"

namespace masa::rpc {
namespace {

constexpr int kMostStreams = 1024;

grpc::ByteBuffer Nothing() {
  const grpc::Slice slice("");
  return {&slice, 1};
}

// A client with one connection of its own. Nothing is on it but what is asked
// for here: no watch of the server's health, as our channels have.
class Client {
 public:
  Client(int port, const testing::Identity& peer) {
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    stub_ = std::make_unique<grpc::GenericStub>(grpc::CreateCustomChannel(
        absl::StrCat("127.0.0.1:", port),
        grpc::SslCredentials(
            {peer.CertificatePem(), peer.KeyPem(), peer.CertificatePem()}),
        arguments));
  }
  ~Client() {
    for (auto& stream : streams_) {
      stream->context.TryCancel();
      stream->call->Finish(&stream->status, nullptr);
    }
    queue_.Shutdown();
    void* tag;
    bool ok;
    while (queue_.Next(&tag, &ok)) {
    }
  }

  // Opens a stream that the server leaves open. True when it has answered.
  bool Watch() {
    auto& stream = *streams_.emplace_back(std::make_unique<Stream>());
    stream.call = stub_->PrepareCall(&stream.context,
                                     "/grpc.health.v1.Health/Watch", &queue_);
    stream.call->StartCall(nullptr);
    if (!Done()) {
      return false;
    }
    stream.call->WriteLast(Nothing(), {}, nullptr);
    if (!Done()) {
      return false;
    }
    stream.call->Read(&stream.answer, nullptr);
    return Done();
  }

  // Ends the first one.
  void EndOne() { streams_.front()->context.TryCancel(); }

  // A call that is answered at once, when it reaches the server.
  grpc::StatusCode Check(absl::Duration within) {
    grpc::ClientContext context;
    context.set_deadline(absl::ToChronoTime(absl::Now() + within));
    const grpc::ByteBuffer request = Nothing();
    grpc::ByteBuffer response;
    absl::Notification done;
    grpc::StatusCode code;
    stub_->UnaryCall(&context, "/grpc.health.v1.Health/Check", {}, &request,
                     &response, [&](const grpc::Status& ended) {
                       code = ended.error_code();
                       done.Notify();
                     });
    done.WaitForNotification();
    return code;
  }

 private:
  struct Stream {
    grpc::ClientContext context;
    std::unique_ptr<grpc::GenericClientAsyncReaderWriter> call;
    grpc::ByteBuffer answer;
    grpc::Status status;
  };

  bool Done() {
    void* tag;
    bool ok = false;
    return queue_.Next(&tag, &ok) && ok;
  }

  grpc::CompletionQueue queue_;
  std::unique_ptr<grpc::GenericStub> stub_;
  std::vector<std::unique_ptr<Stream>> streams_;
};

TEST(Server, AConnectionHasSoManyStreamsAndTheNextWaitsForOnesEnd) {
  const testing::Identity peer = OwnPeer();
  const auto server = Server::New({"127.0.0.1:0", peer.CertificatePem(),
                                   peer.KeyPem(), peer.CertificatePem()},
                                  {});
  ASSERT_TRUE(server.ok()) << server.status();
  Client client((*server)->port(), peer), other((*server)->port(), peer);
  for (int i = 0; i < kMostStreams - 1; ++i) {
    ASSERT_TRUE(client.Watch()) << i;
  }
  EXPECT_EQ(client.Check(absl::Minutes(1)), grpc::StatusCode::OK);
  ASSERT_TRUE(client.Watch());
  // It does not reach the server, however long it waits.
  EXPECT_EQ(client.Check(absl::Seconds(1)),
            grpc::StatusCode::DEADLINE_EXCEEDED);
  EXPECT_EQ(other.Check(absl::Minutes(1)), grpc::StatusCode::OK);
  client.EndOne();
  EXPECT_EQ(client.Check(absl::Minutes(1)), grpc::StatusCode::OK);
}

}  // namespace
}  // namespace masa::rpc
