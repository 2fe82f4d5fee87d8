// masactl: the operator's command line.
#include <unistd.h>

#include <iostream>

#include "services/masactl/command_line.h"
#include "services/rpc/end_process.h"
#include "services/rpc/library_log.h"

int main(int argc, char** argv) {
  // What goes wrong is told once, by the command.
  masa::rpc::SilenceLibraryLog();
  masa::rpc::EndProcess(
      masa::masactl::Run(std::vector<std::string>(argv + 1, argv + argc),
                         {std::cout, std::cerr, isatty(STDERR_FILENO) == 1}));
}
