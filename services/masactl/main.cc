// masactl: the operator's command line.
#include <unistd.h>

#include <iostream>

#include "services/executor/no_core_dumps.h"
#include "services/masactl/command_line.h"
#include "services/rpc/end_process.h"
#include "services/rpc/library_log.h"

int main(int argc, char** argv) {
  // Ceremonies and escrow have private keys in memory.
  if (!masa::ForbidCoreDumps()) {
    std::cerr << "masactl: the system does not let it forbid core dumps\n";
    return 1;
  }
  // What goes wrong is told once, by the command.
  masa::rpc::SilenceLibraryLog();
  masa::rpc::EndProcess(
      masa::masactl::Run(std::vector<std::string>(argv + 1, argv + argc),
                         {std::cout, std::cerr, isatty(STDERR_FILENO) == 1}));
}
