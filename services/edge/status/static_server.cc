// The port for plain HTTP with one body that never changes, for who measures
// what serving costs where there is nothing to look up:
//
//   static_server OCTETS
//
// prints its port, serves GET /crl/static.crl, and ends with its input.
#include <cstdio>
#include <cstdlib>

#include "services/edge/status/status_server.h"

namespace masa::edge {
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

int Serve(size_t octets) {
  StaticDesk desk(std::string(octets, 's'));
  Executor executor({"calls", 1, 16});
  const SystemClock clock;
  StatusOptions options;
  options.kept = absl::Hours(1);
  const auto server = StatusServer::New(options, desk, executor, clock);
  if (!server.ok()) {
    std::fprintf(stderr, "static_server: %s\n",
                 server.status().ToString().c_str());
    return 1;
  }
  std::printf("%d\n", (*server)->port());
  std::fflush(stdout);
  while (std::getchar() != EOF) {
  }
  return 0;
}

}  // namespace
}  // namespace masa::edge

int main(int argc, char** argv) {
  return argc == 2 ? masa::edge::Serve(std::strtoul(argv[1], nullptr, 10)) : 2;
}
