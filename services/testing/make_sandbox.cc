// make_sandbox DIR: writes the sandbox's files into DIR, keeping those that
// are there. See sandbox_files.h.
#include <cstdio>
#include <string>

#include "services/observe/clock.h"
#include "services/testing/sandbox_files.h"

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: make_sandbox DIR\n");
    return 2;
  }
  const absl::Status status =
      masa::testing::WriteSandboxFiles(argv[1], masa::SystemClock());
  if (!status.ok()) {
    std::fprintf(stderr, "make_sandbox: %s\n",
                 std::string(status.message()).c_str());
    return 1;
  }
  return 0;
}
