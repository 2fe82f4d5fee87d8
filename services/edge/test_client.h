// A blocking HTTPS client on BoringSSL for tests, close to the wire: it can
// send what a polite client would not, and sees each answer as it came. Not
// thread-safe; one object is one connection. It checks no server certificate.
#ifndef SERVICES_EDGE_TEST_CLIENT_H_
#define SERVICES_EDGE_TEST_CLIENT_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "openssl/ssl.h"

namespace masa::edge {

struct TestClientOptions {
  uint16_t port = 0;                 // on 127.0.0.1
  std::string server_name = "";      // SNI; empty: none
  std::string certificate_pem = "";  // client's chain; empty: none
  std::string key_pem = "";
  uint16_t max_version = 0;  // TLS1_2_VERSION ...; 0: the newest
  uint16_t min_version = 0;
  SSL_SESSION* session = nullptr;  // to resume; not owned
  uint16_t signs_with = 0;         // SSL_SIGN_...; 0: as the library chooses
  bool tickets = true;             // TLS 1.2: whether it takes them
  std::string preface = "";        // octets before anything of TLS
};

struct TestAnswer {
  int status = 0;
  std::map<std::string, std::string> headers;  // names in lower case
  std::string body;
};

class TestClient {
 public:
  // Connected and shaken hands, or why not.
  static absl::StatusOr<std::unique_ptr<TestClient>> Connect(
      const TestClientOptions& options);

  TestClient(const TestClient&) = delete;
  TestClient& operator=(const TestClient&) = delete;
  ~TestClient();

  // Sends bytes inside TLS as they are.
  absl::Status Write(const std::string& bytes);

  // The next answer, by its Content-Length; `head`: to a HEAD request, so
  // without body. kUnavailable when the server closed first.
  absl::StatusOr<TestAnswer> ReadAnswer(bool head = false);

  // A whole POST and its answer. `headers` are full lines with CRLF.
  absl::StatusOr<TestAnswer> Post(const std::string& path,
                                  const std::string& body,
                                  const std::string& headers = "");

  // True when the server closes, and sends nothing before.
  bool WaitForClose();

  // DER of the server's leaf.
  std::string ServerCertificateDer() const;

  // "TLSv1.2", "TLSv1.3".
  std::string Version() const;

  // The newest session the server gave, or null. TLS 1.3 gives it with the
  // first bytes read.
  SSL_SESSION* session() const { return session_.get(); }
  bool Resumed() const { return SSL_session_reused(ssl_.get()) == 1; }

 private:
  TestClient() = default;
  absl::Status Shake(const TestClientOptions& options);
  absl::Status ReadMore();
  static int KeepSession(SSL* ssl, SSL_SESSION* session);

  std::string host_;
  std::string received_;
  int socket_ = -1;
  bssl::UniquePtr<SSL_CTX> context_;
  bssl::UniquePtr<SSL> ssl_;
  bssl::UniquePtr<SSL_SESSION> session_;
};

// A TCP connection to 127.0.0.1:`port`, for what is not TLS. Sends `bytes` and
// returns all that comes until the other side closes.
absl::StatusOr<std::string> ExchangePlain(uint16_t port,
                                          const std::string& bytes);

}  // namespace masa::edge

#endif  // SERVICES_EDGE_TEST_CLIENT_H_
