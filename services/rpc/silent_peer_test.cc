// A server whose host is gone without a word: no end of the connection, no
// answer, nothing at all.
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <memory>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "grpcpp/completion_queue.h"
#include "grpcpp/generic/generic_stub.h"
#include "gtest/gtest.h"
#include "services/rpc/channel.h"
#include "services/rpc/server.h"
#include "services/rpc/test_peer.h"

namespace masa::rpc {
namespace {

sockaddr_in Loopback(int port) {
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

// Passes one connection on to a server until it falls silent; what its sockets
// take then is read by nobody, and nobody else is let in.
class Relay {
 public:
  explicit Relay(int server_port) : server_port_(server_port) {
    sockaddr_in address = Loopback(0);
    EXPECT_EQ(bind(listener_, AsAddress(&address), sizeof(address)), 0);
    EXPECT_EQ(listen(listener_, 1), 0);
    socklen_t size = sizeof(address);
    EXPECT_EQ(getsockname(listener_, AsAddress(&address), &size), 0);
    port_ = ntohs(address.sin_port);
    EXPECT_EQ(pipe(stop_.data()), 0);
    thread_ = std::thread([this] { Run(); });
  }
  ~Relay() {
    FallSilent();
    for (const int one : {client_, server_, stop_[0], stop_[1]}) {
      close(one);
    }
  }

  int port() const { return port_; }

  void FallSilent() {
    if (thread_.joinable()) {
      EXPECT_EQ(write(stop_[1], "x", 1), 1);
      thread_.join();
      close(listener_);
    }
  }

 private:
  static sockaddr* AsAddress(sockaddr_in* address) {
    return reinterpret_cast<sockaddr*>(address);
  }

  void Run() {
    client_ = accept(listener_, nullptr, nullptr);
    sockaddr_in address = Loopback(server_port_);
    EXPECT_EQ(connect(server_, AsAddress(&address), sizeof(address)), 0);
    std::array<pollfd, 3> ends = {
        {{client_, POLLIN, 0}, {server_, POLLIN, 0}, {stop_[0], POLLIN, 0}}};
    while (poll(ends.data(), ends.size(), -1) > 0 && ends[2].revents == 0) {
      for (const auto& [from, to] :
           {std::pair(ends[0], server_), std::pair(ends[1], client_)}) {
        std::array<char, 16384> octets;
        const ssize_t count =
            from.revents == 0 ? 0 : read(from.fd, octets.data(), octets.size());
        if (count > 0) {
          EXPECT_EQ(write(to, octets.data(), static_cast<size_t>(count)),
                    count);
        }
      }
    }
  }

  const int server_port_;
  const int listener_ = socket(AF_INET, SOCK_STREAM, 0);
  const int server_ = socket(AF_INET, SOCK_STREAM, 0);
  int client_ = -1;
  int port_ = 0;
  std::array<int, 2> stop_ = {};
  std::thread thread_;
};

// The status of one call, that waits for its answer as long as it may.
grpc::StatusCode Ask(const std::shared_ptr<grpc::Channel>& channel) {
  grpc::GenericStub stub(channel);
  grpc::CompletionQueue queue;
  grpc::ClientContext context;
  context.set_deadline(absl::ToChronoTime(absl::Now() + absl::Seconds(30)));
  const grpc::Slice nothing("");
  auto call = stub.PrepareUnaryCall(&context, "/grpc.health.v1.Health/Check",
                                    {&nothing, 1}, &queue);
  call->StartCall();
  grpc::ByteBuffer answer;
  grpc::Status status;
  call->Finish(&answer, &status, nullptr);
  void* tag;
  bool ok;
  queue.Next(&tag, &ok);
  return status.error_code();
}

TEST(SilentPeer, ItsCallsEndLongBeforeTheirDeadline) {
  const testing::Identity peer = OwnPeer();
  ServerOptions served;
  served.listen = "127.0.0.1:0";
  served.chain_pem = served.client_roots_pem = peer.CertificatePem();
  served.key_pem = peer.KeyPem();
  const auto server = *Server::New(served, {});
  Relay relay(server->port());
  ChannelOptions options;
  options.target = absl::StrCat("127.0.0.1:", relay.port());
  options.roots_pem = options.chain_pem = peer.CertificatePem();
  options.key_pem = peer.KeyPem();
  options.silence = absl::Milliseconds(50);
  options.patience = absl::Milliseconds(50);
  const auto channel = MakeChannel(options);
  EXPECT_EQ(Ask(channel), grpc::StatusCode::OK);
  relay.FallSilent();
  EXPECT_EQ(Ask(channel), grpc::StatusCode::UNAVAILABLE);
}

}  // namespace
}  // namespace masa::rpc
