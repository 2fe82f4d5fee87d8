// What hammer is told on its command line.
#ifndef LOAD_TESTS_HAMMER_ARGUMENTS_H_
#define LOAD_TESTS_HAMMER_ARGUMENTS_H_

#include <string>
#include <vector>

namespace masa::hammer {

struct Arguments {
  std::string scenario, sandbox, work, out, journal;
  // HOST:PORT of each edge and each authority; clients take them in turn.
  std::vector<std::string> https, api;
  int first = 0;           // BENCH device that nobody has asked for yet
  std::vector<int> masad;  // processes whose CPU is the service's
  int postgres = 0;        // the postmaster's
  // The service's database, and an empty one beside it with the same schema,
  // for limits.
  std::string database, bare_database;
  bool no_limit = false;
};

// Says why, and ends the program.
[[noreturn]] void Fail(const std::string& why);

}  // namespace masa::hammer

#endif  // LOAD_TESTS_HAMMER_ARGUMENTS_H_
