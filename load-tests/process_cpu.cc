#include "load-tests/process_cpu.h"

#include <unistd.h>

#include <cctype>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

namespace masa {
namespace {

// Fields of /proc/PID/stat that are wanted here (proc(5)).
struct Stat {
  int parent = 0;
  double own_ticks = 0;    // utime + stime
  double ended_ticks = 0;  // cutime + cstime
};

Stat ReadStat(const std::string& pid) {
  std::ifstream file("/proc/" + pid + "/stat");
  std::string line;
  std::getline(file, line);
  Stat stat;
  // The name may hold anything, and ends with the last bracket.
  const size_t name_end = line.rfind(')');
  if (name_end == std::string::npos) {
    return stat;
  }
  std::istringstream fields(line.substr(name_end + 1));
  std::string skipped;
  double user = 0, system = 0, ended_user = 0, ended_system = 0;
  fields >> skipped >> stat.parent;
  for (int i = 5; i < 14; ++i) {
    fields >> skipped;
  }
  fields >> user >> system >> ended_user >> ended_system;
  stat.own_ticks = user + system;
  stat.ended_ticks = ended_user + ended_system;
  return stat;
}

double Seconds(double ticks) {
  return ticks / static_cast<double>(sysconf(_SC_CLK_TCK));
}

}  // namespace

double CpuSecondsOf(int pid) {
  return Seconds(ReadStat(std::to_string(pid)).own_ticks);
}

double CpuSecondsWithChildren(int pid) {
  const std::string name_of_parent = std::to_string(pid);
  const Stat self = ReadStat(name_of_parent);
  double ticks = self.own_ticks + self.ended_ticks;
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    const std::string name = entry.path().filename();
    if (std::isdigit(static_cast<unsigned char>(name[0]))) {
      const Stat other = ReadStat(name);
      ticks += other.parent == pid ? other.own_ticks : 0;
    }
  }
  // A child that ended while the others were read stood in neither.
  return ReadStat(name_of_parent).ended_ticks == self.ended_ticks
             ? Seconds(ticks)
             : CpuSecondsWithChildren(pid);
}

}  // namespace masa
