// An HTTP or HTTPS server of canned answers on a free port of the loopback, for
// tests.
#ifndef SERVICES_FETCH_TEST_SERVER_H_
#define SERVICES_FETCH_TEST_SERVER_H_

#include <atomic>
#include <functional>
#include <string>
#include <thread>

#include "absl/types/optional.h"
#include "openssl/ssl.h"
#include "services/testing/test_pki.h"

namespace masa::fetch {

class TestServer {
 public:
  // `answer` gets the whole request and gives the whole response; one
  // connection after the other. Over TLS where there is an `identity`, whose
  // certificate alone is sent.
  explicit TestServer(
      std::function<std::string(const std::string&)> answer,
      absl::optional<testing::Identity> identity = absl::nullopt);
  ~TestServer();

  // http://127.0.0.1:PORT, or https.
  std::string url() const;
  int asked() const { return asked_; }

 private:
  void Serve();

  const std::function<std::string(const std::string&)> answer_;
  bssl::UniquePtr<SSL_CTX> tls_;
  int listener_ = -1;
  int port_ = 0;
  std::atomic<int> asked_{0};
  std::thread thread_;
};

// A response of status 200 with this body.
std::string Ok(const std::string& body);

}  // namespace masa::fetch

#endif  // SERVICES_FETCH_TEST_SERVER_H_
