// hammer: clients of a running sandbox, as a scenario describes them.
//
//   hammer SCENARIO --sandbox DIR --work DIR --https HOST:PORT --api HOST:PORT
//
// WORK is what `request_voucher mint` and `resolve mint` wrote, whose devices
// and owners are loaded. Writes JSON to --out; exit status 1 where a budget
// does not hold.
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/strings/numbers.h"
#include "load-tests/hammer/limits.h"
#include "load-tests/hammer/operator_work.h"
#include "load-tests/hammer/registrar_work.h"
#include "load-tests/hammer/report_json.h"
#include "load-tests/hammer/runner.h"
#include "load-tests/owned_fleet.h"
#include "load-tests/process_cpu.h"
#include "services/config/yaml_reader.h"
#include "services/testing/files.h"

namespace masa::hammer {
namespace {

constexpr int kQuestions = 20'000;

struct Arguments {
  std::string scenario, sandbox, work, https, api, out, journal;
  int first = 0;               // BENCH device that nobody has asked for yet
  int fleet = 0;               // devices of the fleet that is loaded
  std::vector<int> processes;  // whose CPU is the service's
};

[[noreturn]] void Fail(const std::string& why) {
  std::fprintf(stderr, "hammer: %s\n", why.c_str());
  std::exit(2);
}

Scenario ReadScenario(const std::string& path) {
  Scenario scenario;
  const auto faults = config::ReadYamlFile(path, &scenario);
  if (!faults.empty()) {
    Fail(path + ": " + faults.front());
  }
  if (scenario.clients() < 1 || scenario.seconds() <= 0 ||
      scenario.mix_size() == 0) {
    Fail(path + ": a scenario has clients, seconds and a mix");
  }
  return scenario;
}

testing::Container ContainerOf(const std::string& format) {
  static const auto& containers =
      *new std::map<std::string, testing::Container>{
          {"", testing::Container::kCms},
          {"cms", testing::Container::kCms},
          {"jws", testing::Container::kJws},
          {"cose", testing::Container::kCose}};
  const auto found = containers.find(format);
  if (found == containers.end()) {
    Fail("there is no format " + format);
  }
  return found->second;
}

testing::HttpsServer ServerOf(const Arguments& arguments) {
  testing::HttpsServer server;
  const size_t colon = arguments.https.rfind(':');
  const auto root =
      testing::ReadCertificateDer(arguments.sandbox + "/sandbox/tls-root.pem");
  if (!root.ok() || colon == std::string::npos ||
      !absl::SimpleAtoi(arguments.https.substr(colon + 1), &server.port)) {
    Fail("--https is HOST:PORT of a sandbox");
  }
  server.address = arguments.https.substr(0, colon);
  server.roots_der = {*root};
  return server;
}

// What the works of a scenario need, made once.
class Workshop {
 public:
  Workshop(const Arguments& arguments, const Scenario& scenario)
      : arguments_(arguments),
        journal_(arguments.journal),
        clients_(scenario.clients()),
        devices_(scenario.devices()) {
    for (const Work& work : scenario.mix()) {
      Prepare(work);
    }
  }

  std::unique_ptr<Operation> Make(const Work& work, int client) {
    switch (work.kind()) {
      case Work::KIND_REQUEST_VOUCHER:
      case Work::KIND_REQUEST_AUDIT_LOG:
        return MakeRegistrarWork(work, minted_.at(KeyOf(work)), client,
                                 ServerOf(arguments_), journal_);
      case Work::KIND_RESOLVE:
      case Work::KIND_RESOLVE_MANY:
        return MakeResolveWork(work, client, Channel(), questions_);
      case Work::KIND_ISSUE_MANY: {
        const int each = devices_ / clients_;
        const int first = orders_from_ + client * each;
        return MakeIssueWork(work, first, first + each, pin_der_, Channel(),
                             journal_);
      }
      default:
        Fail("a work has a kind");
    }
  }

 private:
  static std::string KeyOf(const Work& work) {
    return Work::Kind_Name(work.kind()) + work.format();
  }

  void Prepare(const Work& work) {
    if (work.kind() == Work::KIND_REQUEST_VOUCHER ||
        work.kind() == Work::KIND_REQUEST_AUDIT_LOG) {
      const auto issuers = ReadIssuers(arguments_.work);
      if (!issuers.ok()) {
        Fail("mint devices first: " + issuers.status().ToString());
      }
      minted_[KeyOf(work)] = MintRequests(ContainerOf(work.format()), *issuers,
                                          Take(), devices_, clients_);
    } else if (work.kind() == Work::KIND_ISSUE_MANY) {
      orders_from_ = Take();
      const auto pin = testing::ReadCertificateDer(arguments_.sandbox +
                                                   "/sandbox/domain-ca.pem");
      pin_der_ = pin.ok() ? *pin : "";
    } else if (questions_.empty()) {
      questions_ = AskFleet(ReadDomains(arguments_.work), arguments_.fleet,
                            kQuestions, 1);
    }
  }

  // The first of so many devices of this scenario's own.
  int Take() {
    const int first = arguments_.first + taken_;
    taken_ += devices_;
    return first;
  }

  std::shared_ptr<grpc::Channel> Channel() {
    const size_t colon = arguments_.api.rfind(':');
    return SandboxChannels(arguments_.sandbox, arguments_.api.substr(colon + 1),
                           1)
        .front();
  }

  const Arguments& arguments_;
  Journal journal_;
  const int clients_;
  const int devices_;
  int taken_ = 0;
  int orders_from_ = 0;
  std::string pin_der_;
  std::map<std::string, MintedRequests> minted_;
  std::vector<masa::v1::ResolveOwnershipRequest> questions_;
};

double CpuOf(const std::vector<int>& processes) {
  double seconds = 0;
  for (const int process : processes) {
    seconds += CpuSecondsWithChildren(process);
  }
  return seconds;
}

void ShowProgress(int second, int64_t answered) {
  if (isatty(STDERR_FILENO) == 1) {
    std::fprintf(stderr, "\r%4d s %8lld /s ", second + 1,
                 static_cast<long long>(answered));
  }
}

int Main(const Arguments& arguments) {
  const Scenario scenario = ReadScenario(arguments.scenario);
  Workshop workshop(arguments, scenario);
  double before = 0;
  const Result result = Run(
      scenario,
      [&](const Work& work, int client) { return workshop.Make(work, client); },
      [&] { before = CpuOf(arguments.processes); }, ShowProgress);
  const double cpu = CpuOf(arguments.processes) - before;
  const std::string report =
      ReportJson(scenario, result, LimitOf(scenario), cpu);
  if (arguments.out.empty()) {
    std::fputs(report.c_str(), stdout);
  } else {
    std::ofstream(arguments.out) << report;
  }
  return BrokenBudgets(scenario, result).empty() ? 0 : 1;
}

}  // namespace
}  // namespace masa::hammer

int main(int argc, char** argv) {
  masa::hammer::Arguments arguments;
  CLI::App app("clients of a running sandbox, as a scenario describes them");
  app.add_option("scenario", arguments.scenario, "YAML")->required();
  app.add_option("--sandbox", arguments.sandbox, "its data folder")->required();
  app.add_option("--work", arguments.work, "what was minted")->required();
  app.add_option("--https", arguments.https, "HOST:PORT of the edge");
  app.add_option("--api", arguments.api, "HOST:PORT of the gRPC API");
  app.add_option("--first", arguments.first, "a device nobody asked for yet");
  app.add_option("--fleet", arguments.fleet, "devices of the loaded fleet");
  app.add_option("--process", arguments.processes, "whose CPU is counted");
  app.add_option("--out", arguments.out, "a file for the report, JSON");
  app.add_option("--journal", arguments.journal, "a file for what was given");
  CLI11_PARSE(app, argc, argv);
  return masa::hammer::Main(arguments);
}
