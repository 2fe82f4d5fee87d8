// The words of masactl: parses argv and runs the command they name. The only
// place of this room that knows CLI11, whose exceptions end here.
#ifndef SERVICES_MASACTL_COMMAND_LINE_H_
#define SERVICES_MASACTL_COMMAND_LINE_H_

#include <string>
#include <vector>

#include "services/masactl/commands.h"

namespace masa::masactl {

// `arguments` without the program's name. Returns the exit status: the
// command's own, 0 for help, 1 for words or calls that failed or an output that
// cannot be written, with one line on `terminal.err`.
int Run(const std::vector<std::string>& arguments, Terminal terminal);

}  // namespace masa::masactl

#endif  // SERVICES_MASACTL_COMMAND_LINE_H_
