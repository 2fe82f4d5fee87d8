// One client's HTTPS connection, made anew where it broke, or each time. Not
// thread-safe.
#ifndef LOAD_TESTS_HAMMER_HTTPS_LINE_H_
#define LOAD_TESTS_HAMMER_HTTPS_LINE_H_

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "services/testing/https_client.h"

namespace masa::hammer {

class HttpsLine {
 public:
  // Shows `identity`; connects when it first posts.
  HttpsLine(testing::HttpsServer server, testing::Identity identity,
            bool one_shot);

  // The body of an answer with status 200; else what the server said, or why
  // there was no answer.
  absl::StatusOr<std::string> Post(const char* path, const std::string& type,
                                   const std::string& body);

 private:
  const testing::HttpsServer server_;
  const bool one_shot_;
  testing::HttpsClientOptions options_;
  std::unique_ptr<testing::HttpsClient> client_;
};

}  // namespace masa::hammer

#endif  // LOAD_TESTS_HAMMER_HTTPS_LINE_H_
