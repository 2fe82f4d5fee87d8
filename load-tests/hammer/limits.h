// The irreducible work beside each figure, measured in the same run.
#ifndef LOAD_TESTS_HAMMER_LIMITS_H_
#define LOAD_TESTS_HAMMER_LIMITS_H_

#include <string>
#include <vector>

#include "load-tests/echo_server.h"
#include "load-tests/hammer/arguments.h"
#include "load-tests/hammer/scenario.h"
#include "load-tests/hammer/workshop.h"

namespace masa::hammer {

// Something that the work cannot do without, measured bare.
struct Part {
  std::string what;
  double microseconds = 0;  // of one core's time, for one item
};
using Limit = std::vector<Part>;

// What the scenario's only kind of work cannot do without: its signatures and
// handshakes by BoringSSL's own calls, the same calls at a server that answers
// them with as many octets and does nothing else, and the service's own
// statements or COPY at the database. Empty for a mix of several kinds, and
// where the arguments name no databases that it needs. After the run, since it
// asks for the answers once more; takes some seconds.
Limit LimitOf(const Scenario& scenario, const Arguments& arguments,
              const EchoKeys& keys, EchoServer& echo, Workshop& workshop);

}  // namespace masa::hammer

#endif  // LOAD_TESTS_HAMMER_LIMITS_H_
