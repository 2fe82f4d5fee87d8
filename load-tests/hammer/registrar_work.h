// What registrars do: ask for vouchers and audit logs over HTTPS.
#ifndef LOAD_TESTS_HAMMER_REGISTRAR_WORK_H_
#define LOAD_TESTS_HAMMER_REGISTRAR_WORK_H_

#include <memory>
#include <string>
#include <vector>

#include "load-tests/hammer/journal.h"
#include "load-tests/hammer/operation.h"
#include "load-tests/minted_requests.h"
#include "services/testing/https_client.h"

namespace masa::hammer {

// Fresh devices' requests in one format, by client; made before anything is
// measured.
struct MintedRequests {
  struct Request {
    std::string serial;
    std::string body;
  };
  testing::Container container = testing::Container::kCms;
  std::vector<Domain> domains;                 // one for each client
  std::vector<std::vector<Request>> requests;  // of each client
};

// `count` requests for the devices from `first` on, of `clients` registrars.
// The devices are on record (MintDevices wrote their file).
MintedRequests MintRequests(testing::Container container,
                            const std::vector<testing::Identity>& issuers,
                            int first, int count, int clients);

// Each asks with the next request of its client; OutOfRange after the last.
// `minted` and `journal` outlive it.
std::unique_ptr<Operation> MakeRegistrarWork(const Work& work,
                                             const MintedRequests& minted,
                                             int client,
                                             const testing::HttpsServer& server,
                                             Journal& journal);

}  // namespace masa::hammer

#endif  // LOAD_TESTS_HAMMER_REGISTRAR_WORK_H_
