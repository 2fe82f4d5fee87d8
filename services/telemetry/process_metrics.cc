#include "services/telemetry/process_metrics.h"

#include <sys/resource.h>
#include <unistd.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <system_error>
#include <vector>

#include "absl/strings/numbers.h"
#include "prometheus/counter.h"

namespace masa::telemetry {
namespace {

prometheus::Gauge& GaugeOf(prometheus::Registry& registry, const char* name,
                           const char* help) {
  return prometheus::BuildGauge().Name(name).Help(help).Register(registry).Add(
      {});
}

// The fields of /proc/self/stat (proc(5)) behind the command, which may hold
// anything: the first is the state, the third of the page's count.
std::vector<std::string> StatFields() {
  std::ifstream file("/proc/self/stat");
  std::string line;
  std::getline(file, line);
  const size_t command_end = line.rfind(')');
  if (command_end == std::string::npos) {
    return {};
  }
  std::istringstream rest(line.substr(command_end + 1));
  return {std::istream_iterator<std::string>(rest), {}};
}

// When the system came up, seconds since 1970; 0 when it cannot be read.
double BootTime() {
  std::ifstream file("/proc/stat");
  std::string word;
  double value = 0;
  while (file >> word) {
    if (word == "btime" && file >> value) {
      return value;
    }
  }
  return 0;
}

}  // namespace

ProcessMetrics::ProcessMetrics(prometheus::Registry& registry)
    : cpu_(prometheus::BuildCounter()
               .Name("process_cpu_seconds_total")
               .Help("CPU time spent, user and system")
               .Register(registry)
               .Add({})),
      resident_(GaugeOf(registry, "process_resident_memory_bytes",
                        "Memory that is resident")),
      virtual_(GaugeOf(registry, "process_virtual_memory_bytes",
                       "Memory that is mapped")),
      open_fds_(GaugeOf(registry, "process_open_fds", "Files that are open")),
      max_fds_(GaugeOf(registry, "process_max_fds", "Files that may be open")),
      threads_(GaugeOf(registry, "process_threads", "Threads")),
      start_(GaugeOf(registry, "process_start_time_seconds",
                     "When the process began")) {
  prometheus::BuildGauge()
      .Name("masa_build_info")
      .Help("1, and what was built")
      .Register(registry)
      .Add({{"compiler", __VERSION__}})
      .Set(1);
}

void ProcessMetrics::Update() {
  // proc(5) counts fields from 1; the state, field 3, is the first here.
  constexpr size_t kUserTime = 14 - 3, kSystemTime = 15 - 3, kThreads = 20 - 3,
                   kStart = 22 - 3, kVirtual = 23 - 3, kResident = 24 - 3;
  const std::vector<std::string> fields = StatFields();
  if (fields.size() > kResident) {
    const auto number = [&fields](size_t at) {
      double value = 0;
      return absl::SimpleAtod(fields[at], &value) ? value : 0;
    };
    const auto ticks = static_cast<double>(sysconf(_SC_CLK_TCK));
    const double cpu = (number(kUserTime) + number(kSystemTime)) / ticks;
    cpu_.Increment(cpu - cpu_.Value());
    threads_.Set(number(kThreads));
    virtual_.Set(number(kVirtual));
    resident_.Set(number(kResident) *
                  static_cast<double>(sysconf(_SC_PAGESIZE)));
    start_.Set(BootTime() + number(kStart) / ticks);
  }
  std::error_code failed;
  const std::filesystem::directory_iterator files("/proc/self/fd", failed);
  if (!failed) {
    open_fds_.Set(static_cast<double>(
        std::distance(files, std::filesystem::directory_iterator())));
  }
  rlimit limit = {};
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
    max_fds_.Set(static_cast<double>(limit.rlim_cur));
  }
}

}  // namespace masa::telemetry
