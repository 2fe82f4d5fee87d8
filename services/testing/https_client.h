// A small HTTPS client on BoringSSL, over real sockets and with mutual TLS:
// what a registrar uses to reach a MASA. Blocking; one thread per client.
#ifndef SERVICES_TESTING_HTTPS_CLIENT_H_
#define SERVICES_TESTING_HTTPS_CLIENT_H_

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/testing/test_pki.h"

namespace masa::testing {

struct HttpsServer {
  std::string address = "127.0.0.1";
  int port = 0;
  // SNI, Host, and what the server's certificate must name. An IP address is
  // checked as one, and no SNI is sent for it.
  std::string name = "localhost";
  // Roots for the server's certificate, DER; all of them are trusted.
  std::vector<std::string> roots_der;
};

struct HttpsClientOptions {
  // Client certificate and key, and issuers' certificates to send with it.
  std::optional<Identity> identity;
  std::vector<std::string> chain_der;
  // For each of: connecting with the handshake, and one request.
  absl::Duration timeout = absl::Seconds(30);
  // When the server's certificate is judged; now when absent.
  std::optional<absl::Time> verify_at;
  // The highest protocol offered: TLS 1.2 instead of 1.3.
  bool only_tls12 = false;
};

struct HttpRequest {
  std::string method = "POST";
  std::string target;
  std::string body;
  std::map<std::string, std::string> headers;  // Host and length are added
};

struct HttpAnswer {
  int status = 0;
  std::string body;
  std::map<std::string, std::string> headers;  // names in lower case
};

// One connection, kept alive over requests.
class HttpsClient {
 public:
  // Connects and shakes hands. Unauthenticated when the server's certificate
  // does not hold, Unavailable for whatever else does not come about.
  static absl::StatusOr<std::unique_ptr<HttpsClient>> Connect(
      const HttpsServer& server, const HttpsClientOptions& options = {});
  ~HttpsClient();
  HttpsClient(const HttpsClient&) = delete;
  HttpsClient& operator=(const HttpsClient&) = delete;

  // Sends one request and reads its answer. With TLS 1.3 a server's refusal
  // of the client certificate shows here and not in Connect. After an error
  // the client is of no further use.
  absl::StatusOr<HttpAnswer> Send(const HttpRequest& request);

  // The server's certificate, DER.
  std::string ServerCertificateDer() const;

 private:
  struct Connection;
  explicit HttpsClient(std::unique_ptr<Connection> connection);
  std::unique_ptr<Connection> connection_;
};

}  // namespace masa::testing

#endif  // SERVICES_TESTING_HTTPS_CLIENT_H_
