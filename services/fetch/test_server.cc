#include "services/fetch/test_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <utility>

namespace masa::fetch {
namespace {

// Until the header's end and as much body as it announces.
std::string ReadRequest(int socket) {
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
    const ssize_t got = read(socket, chunk, sizeof(chunk));
    if (got <= 0) {
      return request;
    }
    request.append(chunk, static_cast<size_t>(got));
  }
}

}  // namespace

TestServer::TestServer(std::function<std::string(const std::string&)> answer)
    : answer_(std::move(answer)) {
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
  return "http://127.0.0.1:" + std::to_string(port_);
}

void TestServer::Serve() {
  while (true) {
    const int socket = accept(listener_, nullptr, nullptr);
    if (socket < 0) {
      return;
    }
    ++asked_;
    const std::string response = answer_(ReadRequest(socket));
    for (size_t sent = 0; sent < response.size();) {
      const ssize_t more = send(socket, response.data() + sent,
                                response.size() - sent, MSG_NOSIGNAL);
      if (more <= 0) {
        break;
      }
      sent += static_cast<size_t>(more);
    }
    close(socket);
  }
}

std::string Ok(const std::string& body) {
  return "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(body.size()) +
         "\r\n\r\n" + body;
}

}  // namespace masa::fetch
