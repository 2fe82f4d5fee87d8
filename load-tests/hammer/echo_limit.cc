#include "load-tests/hammer/echo_limit.h"

#include <memory>
#include <vector>

#include "load-tests/hammer/runner.h"
#include "load-tests/owned_fleet.h"
#include "load-tests/process_cpu.h"

namespace masa::hammer {
namespace {

constexpr double kWarmSeconds = 0.5;
constexpr double kSeconds = 1.5;

std::string PemOf(const testing::Identity& identity) {
  return identity.CertificatePem();
}

class EchoRuns {
 public:
  EchoRuns(const Scenario& scenario, int port, const EchoKeys& keys,
           Workshop& workshop)
      : scenario_(scenario), port_(port), keys_(keys), workshop_(workshop) {
    // Every item counts: a run may end before its time, when the devices that
    // were minted are used up.
    scenario_.set_warm_up_seconds(0);
    scenario_.set_rate(0);
    kept_ = Channels(static_cast<size_t>(scenario_.clients()));
  }

  // How many items.
  int64_t For(double seconds) {
    scenario_.set_seconds(seconds);
    const Result result = Run(
        scenario_,
        [this](const Work& work, int client) {
          return workshop_.MakeElsewhere(work, client,
                                         [this, client] { return To(client); });
        },
        [] {}, [](int, int64_t) {});
    const WorkResult& work = result.works.front();
    if (work.failed > 0 || work.items == 0) {
      Fail("the echo does not answer: " + work.fault);
    }
    return work.items;
  }

 private:
  std::vector<std::shared_ptr<grpc::Channel>> Channels(size_t count) {
    return OwnChannels(port_, PemOf(keys_.ca), PemOf(keys_.client),
                       keys_.client.KeyPem(), count);
  }

  // The client's, which stays over the runs unless it is one-shot.
  std::shared_ptr<grpc::Channel> To(int client) {
    return scenario_.mix(0).one_shot() ? Channels(1).front()
                                       : kept_[static_cast<size_t>(client)];
  }

  Scenario scenario_;
  const int port_;
  const EchoKeys& keys_;
  Workshop& workshop_;
  std::vector<std::shared_ptr<grpc::Channel>> kept_;
};

}  // namespace

Part Echo(const Scenario& scenario, const std::string& octets,
          const EchoKeys& keys, EchoServer& echo, Workshop& workshop) {
  const int port = scenario.mix(0).kind() == Work::KIND_RESOLVE
                       ? echo.Serve(octets)
                       : echo.ServeOctets(octets);
  EchoRuns runs(scenario, port, keys, workshop);
  runs.For(kWarmSeconds);
  const double before = CpuSecondsOf(echo.pid());
  const int64_t items = runs.For(kSeconds);
  const double cpu = CpuSecondsOf(echo.pid()) - before;
  return {"the same calls at a bare gRPC echo",
          cpu / static_cast<double>(items) * 1e6};
}

}  // namespace masa::hammer
