// make_sandbox DIR [--limits]: writes the sandbox's files into DIR, keeping
// those that are there. See sandbox_files.h.
#include <cstdio>
#include <string>

#include "services/observe/clock.h"
#include "services/testing/sandbox_files.h"

int main(int argc, char** argv) {
  const bool limits = argc == 3 && std::string(argv[2]) == "--limits";
  if (argc != 2 && !limits) {
    std::fprintf(stderr, "usage: make_sandbox DIR [--limits]\n");
    return 2;
  }
  const absl::Status status =
      masa::testing::WriteSandboxFiles(argv[1], masa::SystemClock(), limits);
  if (!status.ok()) {
    std::fprintf(stderr, "make_sandbox: %s\n",
                 std::string(status.message()).c_str());
    return 1;
  }
  return 0;
}
