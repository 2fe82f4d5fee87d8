#include "load-tests/plain_http.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>

namespace masa {

std::unique_ptr<PlainHttp> PlainHttp::Connect(int port) {
  const int made = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const int yes = 1;
  setsockopt(made, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
  if (connect(made, reinterpret_cast<sockaddr*>(&address), sizeof(address)) !=
      0) {
    close(made);
    return nullptr;
  }
  return std::unique_ptr<PlainHttp>(new PlainHttp(made));
}

PlainHttp::~PlainHttp() { close(socket_); }

std::string PlainHttp::Ask(const std::string& request) {
  constexpr char kLength[] = "Content-Length: ";
  read_.clear();
  if (send(socket_, request.data(), request.size(), MSG_NOSIGNAL) !=
      static_cast<ssize_t>(request.size())) {
    return "";
  }
  size_t whole = std::string::npos;
  size_t body = 0;
  while (whole == std::string::npos || read_.size() < whole) {
    char octets[8192];
    const ssize_t count = recv(socket_, octets, sizeof(octets), 0);
    if (count <= 0) {
      return "";
    }
    read_.append(octets, static_cast<size_t>(count));
    body = read_.find("\r\n\r\n");
    const size_t length = read_.find(kLength);
    if (body != std::string::npos && length < body) {
      body += 4;
      whole = body +
              std::strtoul(&read_[length + sizeof(kLength) - 1], nullptr, 10);
    }
  }
  return read_.compare(0, 13, "HTTP/1.1 200 ") == 0 ? read_.substr(body) : "";
}

}  // namespace masa
