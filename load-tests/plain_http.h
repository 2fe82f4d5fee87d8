// A client of plain HTTP that waits for each answer, for load. Blocking; one
// thread per object, which is one connection to this machine.
#ifndef LOAD_TESTS_PLAIN_HTTP_H_
#define LOAD_TESTS_PLAIN_HTTP_H_

#include <memory>
#include <string>

namespace masa {

class PlainHttp {
 public:
  // Null when nothing listens on this port.
  static std::unique_ptr<PlainHttp> Connect(int port);
  ~PlainHttp();
  PlainHttp(const PlainHttp&) = delete;
  PlainHttp& operator=(const PlainHttp&) = delete;

  // Sends the octets of one request and reads its answer: the body, or nothing
  // for any other status than 200 and for a connection that broke.
  std::string Ask(const std::string& request);

 private:
  explicit PlainHttp(int socket) : socket_(socket) {}

  const int socket_;
  std::string read_;  // of the answer that comes
};

}  // namespace masa

#endif  // LOAD_TESTS_PLAIN_HTTP_H_
