// The least that a gRPC server can do for ResolveOwnership, for the figure
// resolve_unary, for StreamIssueVouchers, for the figure stream_issue, and for
// what hammer asks: over TLS, by the callback API, it answers every call, or
// every item of a stream, with the same octets and looks at nothing. A process
// of its own, as masad is one.
#ifndef LOAD_TESTS_ECHO_SERVER_H_
#define LOAD_TESTS_ECHO_SERVER_H_

#include <string>

#include "services/testing/test_pki.h"

namespace masa {

// Who proves what to whom between echo and its client.
struct EchoKeys {
  testing::Identity ca;
  testing::Identity server;
  testing::Identity client;
};
EchoKeys MakeEchoKeys();

// The process; ends with this value.
class EchoServer {
 public:
  // Forks, so nothing of gRPC was used before. Ends the program on failure.
  explicit EchoServer(const EchoKeys& keys);
  EchoServer(const EchoServer&) = delete;
  EchoServer& operator=(const EchoServer&) = delete;
  ~EchoServer();

  // Serves this ResolveOwnershipResponse from here on. The port. One of these
  // is called, once.
  int Serve(const std::string& response);
  // The same for each item of a StreamIssueVouchers, whatever its octets.
  int ServeStream(const std::string& response);
  // The same for each call, or each item of a stream, of ResolveOwnerships,
  // StreamResolveOwnership, IssueVouchers, StreamIssueVouchers and
  // ImportDevices.
  int ServeOctets(const std::string& response);

  int pid() const { return child_; }

 private:
  int Begin(char what, const std::string& response);

  int to_child_ = -1;
  int from_child_ = -1;
  int child_ = -1;
};

}  // namespace masa

#endif  // LOAD_TESTS_ECHO_SERVER_H_
