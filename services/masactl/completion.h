// Shell completion, written from the table of words itself, so that it cannot
// say other words than the parser takes.
#ifndef SERVICES_MASACTL_COMPLETION_H_
#define SERVICES_MASACTL_COMPLETION_H_

#include <string>

namespace CLI {
class App;
}

namespace masa::masactl {

// A script to be sourced by `shell`, `bash` or `zsh`: commands where one is
// expected, options behind them, the values of what takes one of a few, and
// file names elsewhere.
std::string CompletionScript(const CLI::App& app, const std::string& shell);

}  // namespace masa::masactl

#endif  // SERVICES_MASACTL_COMPLETION_H_
