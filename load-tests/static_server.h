// services/edge/status:static_server as a child: the edge's own port for plain
// HTTP with one body that never changes.
#ifndef LOAD_TESTS_STATIC_SERVER_H_
#define LOAD_TESTS_STATIC_SERVER_H_

#include <sys/types.h>

#include <cstddef>
#include <memory>
#include <string>

namespace masa {

class StaticServer {
 public:
  // Runs `program` for a body of so many octets. Null when it does not start.
  static std::unique_ptr<StaticServer> Start(const std::string& program,
                                             size_t octets);
  // Ends the process.
  ~StaticServer();
  StaticServer(const StaticServer&) = delete;
  StaticServer& operator=(const StaticServer&) = delete;

  int port() const { return port_; }
  pid_t pid() const { return pid_; }
  // What asks for the body.
  static std::string Request();

 private:
  StaticServer(pid_t pid, int port, int life)
      : pid_(pid), port_(port), life_(life) {}

  const pid_t pid_;
  const int port_;
  const int life_;  // the process ends when this is closed
};

}  // namespace masa

#endif  // LOAD_TESTS_STATIC_SERVER_H_
