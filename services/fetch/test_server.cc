#include "services/fetch/test_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <utility>

namespace masa::fetch {
namespace {

// A connection, in the clear or over TLS.
class Peer {
 public:
  Peer(int socket, SSL_CTX* tls) : socket_(socket) {
    if (tls != nullptr) {
      ssl_.reset(SSL_new(tls));
      SSL_set_fd(ssl_.get(), socket);
    }
  }
  ~Peer() { close(socket_); }

  bool Accept() { return ssl_ == nullptr || SSL_accept(ssl_.get()) == 1; }
  ssize_t Read(char* data, size_t size) {
    return ssl_ == nullptr ? read(socket_, data, size)
                           : SSL_read(ssl_.get(), data, static_cast<int>(size));
  }
  ssize_t Write(const char* data, size_t size) {
    return ssl_ == nullptr
               ? send(socket_, data, size, MSG_NOSIGNAL)
               : SSL_write(ssl_.get(), data, static_cast<int>(size));
  }

 private:
  const int socket_;
  bssl::UniquePtr<SSL> ssl_;
};

// Until the header's end and as much body as it announces.
std::string ReadRequest(Peer& peer) {
  std::string request;
  char chunk[4096];
  while (true) {
    const size_t end = request.find("\r\n\r\n");
    const size_t length = request.find("Content-Length: ");
    const size_t body =
        length == std::string::npos
            ? 0
            : static_cast<size_t>(std::atoi(request.c_str() + length + 16));
    if (end != std::string::npos && request.size() >= end + 4 + body) {
      return request;
    }
    const ssize_t got = peer.Read(chunk, sizeof(chunk));
    if (got <= 0) {
      return request;
    }
    request.append(chunk, static_cast<size_t>(got));
  }
}

}  // namespace

TestServer::TestServer(std::function<std::string(const std::string&)> answer,
                       absl::optional<testing::Identity> identity)
    : answer_(std::move(answer)) {
  if (identity.has_value()) {
    signal(SIGPIPE, SIG_IGN);
    tls_.reset(SSL_CTX_new(TLS_server_method()));
    SSL_CTX_use_certificate(tls_.get(), identity->certificate.get());
    SSL_CTX_use_PrivateKey(tls_.get(), identity->key.get());
  }
  listener_ = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  if (bind(listener_, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
      listen(listener_, 16) != 0 ||
      getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) !=
          0) {
    std::abort();
  }
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this] { Serve(); });
}

TestServer::~TestServer() {
  shutdown(listener_, SHUT_RDWR);
  thread_.join();
  close(listener_);
}

std::string TestServer::url() const {
  return (tls_ == nullptr ? "http" : "https") +
         ("://127.0.0.1:" + std::to_string(port_));
}

void TestServer::Serve() {
  while (true) {
    const int socket = accept(listener_, nullptr, nullptr);
    if (socket < 0) {
      return;
    }
    Peer peer(socket, tls_.get());
    if (!peer.Accept()) {
      continue;
    }
    ++asked_;
    const std::string response = answer_(ReadRequest(peer));
    for (size_t sent = 0; sent < response.size();) {
      const ssize_t more =
          peer.Write(response.data() + sent, response.size() - sent);
      if (more <= 0) {
        break;
      }
      sent += static_cast<size_t>(more);
    }
  }
}

std::string Ok(const std::string& body) {
  return "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) +
         "\r\n\r\n" + body;
}

}  // namespace masa::fetch
