#include "load-tests/static_server.h"

#include <sys/wait.h>
#include <unistd.h>

#include "services/edge/status/status_server.h"

namespace masa {
namespace {

class StaticDesk final : public issuance::StatusDesk {
 public:
  explicit StaticDesk(std::string body) : body_(std::move(body)) {}

  absl::StatusOr<issuance::StatusAnswer> Crl(const RequestContext&,
                                             const std::string&,
                                             const std::string&) override {
    return issuance::StatusAnswer{body_, absl::InfiniteFuture()};
  }
  absl::StatusOr<issuance::StatusAnswer> Ocsp(const RequestContext&,
                                              const std::string&) override {
    return issuance::StatusAnswer{body_, absl::InfiniteFuture()};
  }

 private:
  const std::string body_;
};

// Says its port, and serves until nobody holds the other end of `life`.
void Serve(const std::string& body, int tell, int life) {
  StaticDesk desk(body);
  Executor executor({"calls", 1, 16});
  const SystemClock clock;
  edge::StatusOptions options;
  options.kept = absl::Hours(1);
  const auto server = edge::StatusServer::New(options, desk, executor, clock);
  const int port = server.ok() ? (*server)->port() : 0;
  char end = 0;
  if (write(tell, &port, sizeof(port)) == sizeof(port) && port != 0) {
    (void)!read(life, &end, 1);
  }
}

}  // namespace

std::unique_ptr<StaticServer> StaticServer::Start(const std::string& body) {
  int tell[2], life[2];
  if (pipe(tell) != 0 || pipe(life) != 0) {
    return nullptr;
  }
  const pid_t pid = fork();
  if (pid == 0) {
    close(tell[0]);
    close(life[1]);
    Serve(body, tell[1], life[0]);
    _exit(0);
  }
  close(tell[1]);
  close(life[0]);
  int port = 0;
  const bool told = read(tell[0], &port, sizeof(port)) == sizeof(port);
  close(tell[0]);
  auto server =
      std::unique_ptr<StaticServer>(new StaticServer(pid, port, life[1]));
  return pid > 0 && told && port != 0 ? std::move(server) : nullptr;
}

StaticServer::~StaticServer() {
  close(life_);
  if (pid_ > 0) {
    waitpid(pid_, nullptr, 0);
  }
}

std::string StaticServer::Request() {
  return "GET /crl/static.crl HTTP/1.1\r\nHost: localhost\r\n\r\n";
}

}  // namespace masa
