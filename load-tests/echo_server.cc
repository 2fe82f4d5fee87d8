#include "load-tests/echo_server.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <vector>

#include "absl/time/clock.h"
#include "proto/masa/v1/device.grpc.pb.h"
#include "proto/masa/v1/voucher.grpc.pb.h"
#include "services/rpc/server.h"

namespace masa {
namespace {

constexpr char kUnary = 'u';
constexpr char kStream = 's';
constexpr char kOctets = 'o';

void Require(bool held, const char* what) {
  if (!held) {
    std::fprintf(stderr, "echo server: %s\n", what);
    std::exit(1);
  }
}

void ReadAll(int file, void* to, size_t count) {
  auto* at = static_cast<char*>(to);
  while (count > 0) {
    const ssize_t got = read(file, at, count);
    Require(got > 0, "the other end of the pipe is gone");
    at += got;
    count -= static_cast<size_t>(got);
  }
}

void WriteAll(int file, const void* from, size_t count) {
  Require(write(file, from, count) == static_cast<ssize_t>(count),
          "cannot write into the pipe");
}

class Echo final : public masa::v1::OwnershipService::CallbackService {
 public:
  explicit Echo(const std::string& response) {
    Require(response_.ParseFromString(response), "this is no response");
  }

  grpc::ServerUnaryReactor* ResolveOwnership(
      grpc::CallbackServerContext* context,
      const masa::v1::ResolveOwnershipRequest*,
      masa::v1::ResolveOwnershipResponse* response) override {
    *response = response_;
    grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
    reactor->Finish(grpc::Status::OK);
    return reactor;
  }

 private:
  masa::v1::ResolveOwnershipResponse response_;
};

// Answers each item at once, one after the other.
class EchoStream final
    : public grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer> {
 public:
  explicit EchoStream(const grpc::ByteBuffer& response) : response_(response) {
    StartRead(&item_);
  }
  void OnReadDone(bool ok) override {
    ok ? StartWrite(&response_) : Finish(grpc::Status::OK);
  }
  void OnWriteDone(bool ok) override {
    ok ? StartRead(&item_) : Finish(grpc::Status::CANCELLED);
  }
  void OnDone() override { delete this; }

 private:
  const grpc::ByteBuffer& response_;
  grpc::ByteBuffer item_;
};

grpc::ByteBuffer OctetsOf(const std::string& response) {
  const grpc::Slice slice(response);
  return grpc::ByteBuffer(&slice, 1);
}

class StreamEcho final : public masa::v1::VoucherService::
                             WithRawCallbackMethod_StreamIssueVouchers<
                                 masa::v1::VoucherService::Service> {
 public:
  explicit StreamEcho(const std::string& response)
      : response_(OctetsOf(response)) {}
  grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>*
  StreamIssueVouchers(grpc::CallbackServerContext*) override {
    return new EchoStream(response_);
  }

 private:
  const grpc::ByteBuffer response_;
};

grpc::ServerUnaryReactor* AnswerAtOnce(grpc::CallbackServerContext* context,
                                       const grpc::ByteBuffer& octets,
                                       grpc::ByteBuffer* response) {
  *response = octets;
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  reactor->Finish(grpc::Status::OK);
  return reactor;
}

// Reads all there is, then answers.
class ReadAllFirst final : public grpc::ServerReadReactor<grpc::ByteBuffer> {
 public:
  ReadAllFirst() { StartRead(&item_); }
  void OnReadDone(bool ok) override {
    ok ? StartRead(&item_) : Finish(grpc::Status::OK);
  }
  void OnDone() override { delete this; }

 private:
  grpc::ByteBuffer item_;
};

using masa::v1::DeviceService;
using masa::v1::OwnershipService;
using masa::v1::VoucherService;

class OwnershipOctets final
    : public OwnershipService::WithRawCallbackMethod_ResolveOwnerships<
          OwnershipService::WithRawCallbackMethod_StreamResolveOwnership<
              OwnershipService::Service>> {
 public:
  explicit OwnershipOctets(const std::string& response)
      : octets_(OctetsOf(response)) {}
  grpc::ServerUnaryReactor* ResolveOwnerships(
      grpc::CallbackServerContext* context, const grpc::ByteBuffer*,
      grpc::ByteBuffer* response) override {
    return AnswerAtOnce(context, octets_, response);
  }
  grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>*
  StreamResolveOwnership(grpc::CallbackServerContext*) override {
    return new EchoStream(octets_);
  }

 private:
  const grpc::ByteBuffer octets_;
};

class VoucherOctets final
    : public VoucherService::WithRawCallbackMethod_IssueVouchers<
          VoucherService::WithRawCallbackMethod_StreamIssueVouchers<
              VoucherService::Service>> {
 public:
  explicit VoucherOctets(const std::string& response)
      : octets_(OctetsOf(response)) {}
  grpc::ServerUnaryReactor* IssueVouchers(grpc::CallbackServerContext* context,
                                          const grpc::ByteBuffer*,
                                          grpc::ByteBuffer* response) override {
    return AnswerAtOnce(context, octets_, response);
  }
  grpc::ServerBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer>*
  StreamIssueVouchers(grpc::CallbackServerContext*) override {
    return new EchoStream(octets_);
  }

 private:
  const grpc::ByteBuffer octets_;
};

class DeviceOctets final
    : public DeviceService::WithRawCallbackMethod_ImportDevices<
          DeviceService::Service> {
 public:
  explicit DeviceOctets(const std::string& response)
      : octets_(OctetsOf(response)) {}
  grpc::ServerReadReactor<grpc::ByteBuffer>* ImportDevices(
      grpc::CallbackServerContext*, grpc::ByteBuffer* response) override {
    *response = octets_;
    return new ReadAllFirst;
  }

 private:
  const grpc::ByteBuffer octets_;
};

using Services = std::vector<std::unique_ptr<grpc::Service>>;

Services ServicesOf(char what, const std::string& response) {
  Services services;
  if (what == kStream) {
    services.push_back(std::make_unique<StreamEcho>(response));
  } else if (what == kOctets) {
    services.push_back(std::make_unique<OwnershipOctets>(response));
    services.push_back(std::make_unique<VoucherOctets>(response));
    services.push_back(std::make_unique<DeviceOctets>(response));
  } else {
    services.push_back(std::make_unique<Echo>(response));
  }
  return services;
}

// Serves until the other end of the pipe is gone.
void BeServer(const EchoKeys& keys, int from_parent, int to_parent) {
  char what = 0;
  if (read(from_parent, &what, sizeof(what)) != sizeof(what)) {
    return;  // nobody wanted it
  }
  uint32_t size = 0;
  ReadAll(from_parent, &size, sizeof(size));
  std::string response(size, '\0');
  ReadAll(from_parent, response.data(), size);
  const Services echo = ServicesOf(what, response);
  std::vector<grpc::Service*> served;
  for (const auto& service : echo) {
    served.push_back(service.get());
  }
  auto server =
      rpc::Server::New({"127.0.0.1:0", keys.server.CertificatePem(),
                        keys.server.KeyPem(), keys.ca.CertificatePem(), false},
                       served);
  Require(server.ok(), "it cannot listen");
  const int port = (*server)->port();
  WriteAll(to_parent, &port, sizeof(port));
  char end;
  while (read(from_parent, &end, 1) > 0) {
  }
}

testing::Identity Identity(const std::string& name, const EchoKeys* issuer) {
  testing::CertificateSpec spec;
  spec.common_name = name;
  spec.not_before = absl::Now() - absl::Hours(1);
  spec.not_after = absl::Now() + absl::Hours(24);
  spec.is_ca = issuer == nullptr;
  if (issuer != nullptr) {
    spec.subject_alternative_names = {"DNS:localhost", "IP:127.0.0.1"};
  }
  return testing::MakeIdentity(spec, issuer ? &issuer->ca : nullptr);
}

}  // namespace

EchoKeys MakeEchoKeys() {
  EchoKeys keys;
  keys.ca = Identity("echo ca", nullptr);
  keys.server = Identity("echo", &keys);
  keys.client = Identity("caller", &keys);
  return keys;
}

EchoServer::EchoServer(const EchoKeys& keys) {
  int down[2], up[2];
  Require(pipe(down) == 0 && pipe(up) == 0, "there are no pipes");
  child_ = fork();
  Require(child_ >= 0, "it cannot be started");
  if (child_ == 0) {
    close(down[1]);
    close(up[0]);
    BeServer(keys, down[0], up[1]);
    _exit(0);
  }
  close(down[0]);
  close(up[1]);
  to_child_ = down[1];
  from_child_ = up[0];
}

EchoServer::~EchoServer() {
  close(to_child_);
  close(from_child_);
  kill(child_, SIGTERM);
  waitpid(child_, nullptr, 0);
}

int EchoServer::Serve(const std::string& response) {
  return Begin(kUnary, response);
}

int EchoServer::ServeStream(const std::string& response) {
  return Begin(kStream, response);
}

int EchoServer::ServeOctets(const std::string& response) {
  return Begin(kOctets, response);
}

int EchoServer::Begin(char what, const std::string& response) {
  WriteAll(to_child_, &what, sizeof(what));
  const auto size = static_cast<uint32_t>(response.size());
  WriteAll(to_child_, &size, sizeof(size));
  WriteAll(to_child_, response.data(), response.size());
  int port = 0;
  ReadAll(from_child_, &port, sizeof(port));
  return port;
}

}  // namespace masa
