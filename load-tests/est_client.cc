#include "load-tests/est_client.h"

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "openssl/ec_key.h"
#include "openssl/evp.h"
#include "openssl/nid.h"
#include "services/testing/certification_requests.h"
#include "services/testing/files.h"

namespace masa {

absl::StatusOr<EstClient> EstClient::New(const std::string& sandbox, int port) {
  const auto root = testing::ReadIdentity(sandbox + "/sandbox/tls-root.pem",
                                          sandbox + "/secrets/tls-root.key");
  if (!root.ok()) {
    return root.status();
  }
  const auto line = testing::ReadIdentity(sandbox + "/sandbox/line.pem",
                                          sandbox + "/sandbox/line.key");
  if (!line.ok()) {
    return line.status();
  }
  EstClient client;
  client.server_.port = port;
  client.server_.roots_der = {root->CertificateDer()};
  client.options_.identity = *line;
  return client;
}

absl::StatusOr<std::unique_ptr<testing::HttpsClient>> EstClient::Connect()
    const {
  return testing::HttpsClient::Connect(server_, options_);
}

std::string EnrollmentBody(const std::string& serial_number) {
  const bssl::UniquePtr<EC_KEY> ec(
      EC_KEY_new_by_curve_name(NID_X9_62_prime256v1));
  const bssl::UniquePtr<EVP_PKEY> key(EVP_PKEY_new());
  EC_KEY_generate_key(ec.get());
  EVP_PKEY_set1_EC_KEY(key.get(), ec.get());
  return absl::Base64Escape(
      testing::MakeRequest(testing::ForDevice(serial_number), key.get()));
}

absl::StatusOr<std::string> Enroll(testing::HttpsClient& client,
                                   const std::string& body) {
  testing::HttpRequest request;
  request.target = "/.well-known/est/simpleenroll";
  request.headers["Content-Type"] = "application/pkcs10";
  request.body = body;
  auto answer = client.Send(request);
  if (!answer.ok()) {
    return answer.status();
  }
  if (answer->status != 200) {
    return absl::InternalError(
        absl::StrCat("status ", answer->status, ": ", answer->body));
  }
  return std::move(answer->body);
}

}  // namespace masa
