// hammer: clients of a running service, as a scenario describes them.
//
//   hammer SCENARIO --sandbox DIR --work DIR --https HOST:PORT --api HOST:PORT
//
// WORK is what `request_voucher mint` and `resolve mint` wrote, whose devices
// and owners are loaded. Writes JSON to --out; exit status 1 where a budget
// does not hold.
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

#include "CLI/CLI.hpp"
#include "load-tests/echo_server.h"
#include "load-tests/hammer/arguments.h"
#include "load-tests/hammer/limits.h"
#include "load-tests/hammer/report_json.h"
#include "load-tests/hammer/runner.h"
#include "load-tests/hammer/workshop.h"
#include "load-tests/process_cpu.h"
#include "services/config/yaml_reader.h"

namespace masa::hammer {

void Fail(const std::string& why) {
  std::fprintf(stderr, "hammer: %s\n", why.c_str());
  std::exit(2);
}

namespace {

Scenario ReadScenario(const std::string& path) {
  Scenario scenario;
  const auto faults = config::ReadYamlFile(path, &scenario);
  if (!faults.empty()) {
    Fail(path + ": " + faults.front());
  }
  const std::string fault = FaultOf(scenario);
  if (!fault.empty()) {
    Fail(path + ": " + fault);
  }
  return scenario;
}

double CpuOf(const Arguments& arguments) {
  double seconds = 0;
  for (const int process : arguments.masad) {
    seconds += CpuSecondsOf(process);
  }
  return seconds + (arguments.postgres == 0
                        ? 0
                        : CpuSecondsWithChildren(arguments.postgres));
}

void ShowProgress(int second, int64_t answered) {
  if (isatty(STDERR_FILENO) == 1) {
    std::fprintf(stderr, "\r%4d s %8lld /s ", second + 1,
                 static_cast<long long>(answered));
  }
}

int Main(const Arguments& arguments) {
  const Scenario scenario = ReadScenario(arguments.scenario);
  const EchoKeys keys = MakeEchoKeys();
  Echoes echoes;  // fork, so before anything of gRPC
  for (int i = 0; i < scenario.mix_size(); ++i) {
    echoes.emplace_back(keys);
  }
  Workshop workshop(arguments, scenario);
  double before = 0;
  const Result result = Run(
      scenario,
      [&](const Work& work, int client) { return workshop.Make(work, client); },
      [&] { before = CpuOf(arguments); }, ShowProgress);
  const double cpu = CpuOf(arguments) - before;
  const Limit limit = arguments.no_limit ? Limit()
                                         : LimitOf(scenario, result, arguments,
                                                   keys, echoes, workshop);
  const std::string report = ReportJson(scenario, result, limit, cpu);
  if (arguments.out.empty()) {
    std::fputs(report.c_str(), stdout);
  } else {
    std::ofstream(arguments.out) << report;
  }
  for (const std::string& broken : BrokenBudgets(scenario, result)) {
    std::fprintf(stderr, "hammer: %s: %s\n", scenario.name().c_str(),
                 broken.c_str());
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
  app.add_option("--https", arguments.https, "HOST:PORT of each edge");
  app.add_option("--api", arguments.api, "HOST:PORT of each gRPC API");
  app.add_option("--first", arguments.first, "a device nobody asked for yet");
  app.add_option("--masad", arguments.masad, "processes of the service");
  app.add_option("--postgres", arguments.postgres, "its database's process");
  app.add_option("--database", arguments.database, "its database's URL");
  app.add_option("--bare-database", arguments.bare_database,
                 "URL of an empty one with the same schema");
  app.add_flag("--no-limit", arguments.no_limit, "measure no limit");
  app.add_option("--out", arguments.out, "a file for the report, JSON");
  app.add_option("--journal", arguments.journal, "a file for what was given");
  CLI11_PARSE(app, argc, argv);
  return masa::hammer::Main(arguments);
}
