// What a run is told as: JSON for whoever makes tables and plots of it.
#ifndef LOAD_TESTS_HAMMER_REPORT_JSON_H_
#define LOAD_TESTS_HAMMER_REPORT_JSON_H_

#include <string>

#include "load-tests/hammer/limits.h"
#include "load-tests/hammer/runner.h"
#include "load-tests/hammer/scenario.h"

namespace masa::hammer {

// `limit` is empty where there is none; `cpu_seconds`: of the service and its
// database meanwhile; 0 where it is not known.
std::string ReportJson(const Scenario& scenario, const Result& result,
                       const Limit& limit, double cpu_seconds);

}  // namespace masa::hammer

#endif  // LOAD_TESTS_HAMMER_REPORT_JSON_H_
