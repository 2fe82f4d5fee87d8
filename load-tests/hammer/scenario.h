// Scenarios, under the names that this folder calls them.
#ifndef LOAD_TESTS_HAMMER_SCENARIO_H_
#define LOAD_TESTS_HAMMER_SCENARIO_H_

#include "proto/masa/hammer/v1/scenario.pb.h"

namespace masa::hammer {

using v1::Budget;
using v1::Scenario;
using v1::Work;

}  // namespace masa::hammer

#endif  // LOAD_TESTS_HAMMER_SCENARIO_H_
