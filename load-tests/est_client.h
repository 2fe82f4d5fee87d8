// Devices that enrol over EST as the sandbox's factory line asks for them,
// each with a key of its own.
#ifndef LOAD_TESTS_EST_CLIENT_H_
#define LOAD_TESTS_EST_CLIENT_H_

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "services/testing/https_client.h"

namespace masa {

class EstClient {
 public:
  // The line of the sandbox in this folder, whose HTTPS port it is.
  static absl::StatusOr<EstClient> New(const std::string& sandbox, int port);

  // A connection that stays, with the line's certificate.
  absl::StatusOr<std::unique_ptr<testing::HttpsClient>> Connect() const;

 private:
  EstClient() = default;

  testing::HttpsServer server_;
  testing::HttpsClientOptions options_;
};

// What is posted for a device of this serial number, with a new key.
std::string EnrollmentBody(const std::string& serial_number);

// The answer of simpleenroll; an error for any other status than 200.
absl::StatusOr<std::string> Enroll(testing::HttpsClient& client,
                                   const std::string& body);

}  // namespace masa

#endif  // LOAD_TESTS_EST_CLIENT_H_
