// What the service answers to a work, for a server that shall answer as much.
#ifndef LOAD_TESTS_HAMMER_SAMPLES_H_
#define LOAD_TESTS_HAMMER_SAMPLES_H_

#include <string>

#include "load-tests/hammer/scenario.h"
#include "load-tests/hammer/workshop.h"
#include "proto/masa/v1/voucher.pb.h"

namespace masa::hammer {

struct Sample {
  std::string octets;  // of one answer, or of a stream's one item
  masa::v1::IssueVoucherResponse voucher;  // where the answer has some
};

// Asks what the work's first client asked first, over gRPC. Ends the program
// where that fails.
Sample TakeSample(const Work& work, const Workshop& workshop);

}  // namespace masa::hammer

#endif  // LOAD_TESTS_HAMMER_SAMPLES_H_
