// What gRPC and TLS take of a server for a scenario's calls.
#ifndef LOAD_TESTS_HAMMER_ECHO_LIMIT_H_
#define LOAD_TESTS_HAMMER_ECHO_LIMIT_H_

#include <string>

#include "load-tests/echo_server.h"
#include "load-tests/hammer/limits.h"
#include "load-tests/hammer/scenario.h"
#include "load-tests/hammer/workshop.h"

namespace masa::hammer {

// The scenario's own clients and calls, at a server that answers them with
// these octets. Served here for the first time. Ends the program where a call
// fails.
Part Echo(const Scenario& scenario, const std::string& octets,
          const EchoKeys& keys, EchoServer& echo, Workshop& workshop);

}  // namespace masa::hammer

#endif  // LOAD_TESTS_HAMMER_ECHO_LIMIT_H_
