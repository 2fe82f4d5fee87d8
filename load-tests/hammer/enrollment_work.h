// What a factory's line does: enrol new devices over EST (RFC 7030,
// simpleenroll), each with a request that was made ahead.
#ifndef LOAD_TESTS_HAMMER_ENROLLMENT_WORK_H_
#define LOAD_TESTS_HAMMER_ENROLLMENT_WORK_H_

#include <memory>
#include <string>
#include <vector>

#include "load-tests/hammer/journal.h"
#include "load-tests/hammer/operation.h"
#include "services/testing/https_client.h"

namespace masa::hammer {

struct MintedEnrollments {
  struct Request {
    std::string serial;
    std::string body;  // base64 of PKCS#10
  };
  testing::Identity line;
  std::vector<std::vector<Request>> requests;  // of each client
};

// Requests for `count` new devices, called `prefix` and a number, by `clients`
// connections of the line. Ends the program where a key cannot be made.
MintedEnrollments MintEnrollments(testing::Identity line,
                                  const std::string& prefix, int count,
                                  int clients);

// Each enrols with the next request of its client, and writes down what it was
// given; OutOfRange after the last. `minted` and `journal` outlive it.
std::unique_ptr<Operation> MakeEnrollmentWork(
    const Work& work, const MintedEnrollments& minted, int client,
    const testing::HttpsServer& server, Journal& journal);

}  // namespace masa::hammer

#endif  // LOAD_TESTS_HAMMER_ENROLLMENT_WORK_H_
