// The irreducible work beside each figure, measured in the same run.
#ifndef LOAD_TESTS_HAMMER_LIMITS_H_
#define LOAD_TESTS_HAMMER_LIMITS_H_

#include <deque>

#include "load-tests/echo_server.h"
#include "load-tests/hammer/arguments.h"
#include "load-tests/hammer/mix_limit.h"
#include "load-tests/hammer/runner.h"
#include "load-tests/hammer/scenario.h"
#include "load-tests/hammer/workshop.h"

namespace masa::hammer {

// One for each work of a scenario: each serves once.
using Echoes = std::deque<EchoServer>;

// What the scenario's works cannot do without, each by its share of the items:
// its signatures and handshakes by BoringSSL's own calls, the same calls at a
// server that answers them with as many octets and does nothing else, and the
// service's own statements or COPY at the database. Empty where the arguments
// name no databases that it needs. After the run, since it asks for the answers
// once more; takes some seconds for each work.
Limit LimitOf(const Scenario& scenario, const Result& result,
              const Arguments& arguments, const EchoKeys& keys, Echoes& echoes,
              Workshop& workshop);

}  // namespace masa::hammer

#endif  // LOAD_TESTS_HAMMER_LIMITS_H_
