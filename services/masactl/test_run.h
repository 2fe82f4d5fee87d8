// masactl run within the test's process, without a terminal. For tests.
#ifndef SERVICES_MASACTL_TEST_RUN_H_
#define SERVICES_MASACTL_TEST_RUN_H_

#include <sstream>
#include <string>
#include <vector>

#include "services/masactl/command_line.h"

namespace masa::masactl {

struct Outcome {
  int status;
  std::string out;
  std::string err;
};

inline Outcome RunWith(const std::vector<std::string>& arguments) {
  std::ostringstream out, err;
  const int status = Run(arguments, {out, err, false});
  return {status, out.str(), err.str()};
}

}  // namespace masa::masactl

#endif  // SERVICES_MASACTL_TEST_RUN_H_
