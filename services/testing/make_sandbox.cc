// make_sandbox DIR [--limits] [--status-url URL]: writes the sandbox's files
// into DIR, keeping those that are there. See sandbox_files.h.
#include <cstdio>
#include <string>

#include "services/observe/clock.h"
#include "services/testing/sandbox_files.h"

int main(int argc, char** argv) {
  masa::testing::SandboxChoices choices;
  bool is_good = argc >= 2;
  for (int i = 2; i < argc; ++i) {
    const std::string word = argv[i];
    if (word == "--limits") {
      choices.limits = true;
    } else if (word == "--status-url" && i + 1 < argc) {
      choices.status_url = argv[++i];
    } else {
      is_good = false;
    }
  }
  if (!is_good) {
    std::fprintf(stderr,
                 "usage: make_sandbox DIR [--limits] [--status-url URL]\n");
    return 2;
  }
  const absl::Status status =
      masa::testing::WriteSandboxFiles(argv[1], masa::SystemClock(), choices);
  if (!status.ok()) {
    std::fprintf(stderr, "make_sandbox: %s\n",
                 std::string(status.message()).c_str());
    return 1;
  }
  return 0;
}
