#include "services/edge/test_client.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "openssl/bio.h"
#include "openssl/err.h"
#include "openssl/pem.h"
#include "openssl/x509.h"
#include "services/status/macros.h"

namespace masa::edge {
namespace {

// A test that would hang fails instead.
constexpr int kSocketSeconds = 20;

absl::StatusOr<int> ConnectSocket(uint16_t port) {
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  const timeval limit = {kSocketSeconds, 0};
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
  setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
  const int at_once = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &at_once, sizeof(at_once));
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)) !=
      0) {
    close(fd);
    return absl::UnavailableError("connection refused");
  }
  return fd;
}

absl::Status TlsFault(const char* what) {
  const uint32_t code = ERR_get_error();
  ERR_clear_error();
  const char* reason = code == 0 ? nullptr : ERR_reason_error_string(code);
  return absl::UnavailableError(
      absl::StrCat(what, ": ", reason == nullptr ? "closed" : reason));
}

absl::Status UseCertificate(SSL_CTX* context,
                            const TestClientOptions& options) {
  bssl::UniquePtr<BIO> key_reader(
      BIO_new_mem_buf(options.key_pem.data(), options.key_pem.size()));
  bssl::UniquePtr<EVP_PKEY> key(
      PEM_read_bio_PrivateKey(key_reader.get(), nullptr, nullptr, nullptr));
  bssl::UniquePtr<BIO> reader(BIO_new_mem_buf(options.certificate_pem.data(),
                                              options.certificate_pem.size()));
  bssl::UniquePtr<X509> leaf(
      PEM_read_bio_X509(reader.get(), nullptr, nullptr, nullptr));
  if (leaf == nullptr || key == nullptr ||
      SSL_CTX_use_certificate(context, leaf.get()) != 1 ||
      SSL_CTX_use_PrivateKey(context, key.get()) != 1) {
    return TlsFault("client certificate");
  }
  while (X509* issuer =
             PEM_read_bio_X509(reader.get(), nullptr, nullptr, nullptr)) {
    SSL_CTX_add_extra_chain_cert(context, issuer);
  }
  ERR_clear_error();
  return absl::OkStatus();
}

absl::StatusOr<TestAnswer> ParseHead(const std::string& head) {
  const std::vector<std::string> lines = absl::StrSplit(head, "\r\n");
  TestAnswer answer;
  if (lines[0].size() < 12 ||
      !absl::SimpleAtoi(lines[0].substr(9, 3), &answer.status)) {
    return absl::InternalError(absl::StrCat("not HTTP: ", lines[0]));
  }
  for (size_t i = 1; i < lines.size(); ++i) {
    const std::vector<std::string> field =
        absl::StrSplit(lines[i], absl::MaxSplits(": ", 1));
    if (field.size() == 2) {
      answer.headers[absl::AsciiStrToLower(field[0])] = field[1];
    }
  }
  return answer;
}

}  // namespace

absl::StatusOr<std::unique_ptr<TestClient>> TestClient::Connect(
    const TestClientOptions& options) {
  std::unique_ptr<TestClient> client(new TestClient());
  client->host_ =
      options.server_name.empty() ? "localhost" : options.server_name;
  MASA_ASSIGN_OR_RETURN(client->socket_, ConnectSocket(options.port));
  if (write(client->socket_, options.preface.data(), options.preface.size()) !=
      static_cast<ssize_t>(options.preface.size())) {
    return absl::UnavailableError("the preface cannot be sent");
  }
  MASA_RETURN_IF_ERROR(client->Shake(options));
  return client;
}

TestClient::~TestClient() {
  if (ssl_ != nullptr) {
    SSL_shutdown(ssl_.get());
  }
  ERR_clear_error();
  if (socket_ >= 0) {
    close(socket_);
  }
}

int TestClient::KeepSession(SSL* ssl, SSL_SESSION* session) {
  auto* client = static_cast<TestClient*>(SSL_get_app_data(ssl));
  client->session_.reset(session);
  return 1;
}

absl::Status TestClient::Shake(const TestClientOptions& options) {
  context_.reset(SSL_CTX_new(TLS_method()));
  // The newest that BoringSSL has; 1.0 and 1.1 are there only when asked for.
  SSL_CTX_set_min_proto_version(context_.get(), options.min_version);
  SSL_CTX_set_max_proto_version(context_.get(), options.max_version);
  SSL_CTX_set_session_cache_mode(context_.get(), SSL_SESS_CACHE_CLIENT);
  SSL_CTX_sess_set_new_cb(context_.get(), KeepSession);
  if (!options.certificate_pem.empty()) {
    MASA_RETURN_IF_ERROR(UseCertificate(context_.get(), options));
  }
  if (options.signs_with != 0) {
    SSL_CTX_set_signing_algorithm_prefs(context_.get(), &options.signs_with, 1);
  }
  if (!options.tickets) {
    SSL_CTX_set_options(context_.get(), SSL_OP_NO_TICKET);
  }
  ssl_.reset(SSL_new(context_.get()));
  SSL_set_app_data(ssl_.get(), this);
  SSL_set_fd(ssl_.get(), socket_);
  if (!options.server_name.empty()) {
    SSL_set_tlsext_host_name(ssl_.get(), options.server_name.c_str());
  }
  if (options.session != nullptr) {
    SSL_set_session(ssl_.get(), options.session);
  }
  return SSL_connect(ssl_.get()) == 1 ? absl::OkStatus()
                                      : TlsFault("handshake");
}

absl::Status TestClient::Write(const std::string& bytes) {
  const int written = SSL_write(ssl_.get(), bytes.data(), bytes.size());
  return written == static_cast<int>(bytes.size()) ? absl::OkStatus()
                                                   : TlsFault("write");
}

absl::Status TestClient::ReadMore() {
  char buffer[16384];
  const int count = SSL_read(ssl_.get(), buffer, sizeof(buffer));
  if (count <= 0) {
    return TlsFault("read");
  }
  received_.append(buffer, count);
  return absl::OkStatus();
}

absl::StatusOr<TestAnswer> TestClient::ReadAnswer(bool head) {
  size_t end = 0;
  while ((end = received_.find("\r\n\r\n")) == std::string::npos) {
    MASA_RETURN_IF_ERROR(ReadMore());
  }
  MASA_ASSIGN_OR_RETURN(TestAnswer answer, ParseHead(received_.substr(0, end)));
  received_.erase(0, end + 4);
  size_t length = 0;
  if (!head && !absl::SimpleAtoi(answer.headers["content-length"], &length) &&
      answer.status != 100) {
    return absl::InternalError("no Content-Length");
  }
  while (received_.size() < length) {
    MASA_RETURN_IF_ERROR(ReadMore());
  }
  answer.body = received_.substr(0, length);
  received_.erase(0, length);
  return answer;
}

absl::StatusOr<TestAnswer> TestClient::Post(const std::string& path,
                                            const std::string& body,
                                            const std::string& headers) {
  MASA_RETURN_IF_ERROR(Write(
      absl::StrCat("POST ", path, " HTTP/1.1\r\nHost: ", host_, "\r\n", headers,
                   "Content-Length: ", body.size(), "\r\n\r\n", body)));
  return ReadAnswer();
}

bool TestClient::WaitForClose() {
  if (!received_.empty()) {
    return false;
  }
  const bool closed = !ReadMore().ok();
  return closed && errno != EAGAIN;
}

std::string TestClient::ServerCertificateDer() const {
  const STACK_OF(CRYPTO_BUFFER)* chain = SSL_get0_peer_certificates(ssl_.get());
  const CRYPTO_BUFFER* leaf = sk_CRYPTO_BUFFER_value(chain, 0);
  return std::string(reinterpret_cast<const char*>(CRYPTO_BUFFER_data(leaf)),
                     CRYPTO_BUFFER_len(leaf));
}

std::string TestClient::Version() const { return SSL_get_version(ssl_.get()); }

absl::StatusOr<std::string> ExchangePlain(uint16_t port,
                                          const std::string& bytes) {
  MASA_ASSIGN_OR_RETURN(const int fd, ConnectSocket(port));
  send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
  std::string received;
  char buffer[4096];
  ssize_t count = 0;
  while ((count = recv(fd, buffer, sizeof(buffer), 0)) > 0) {
    received.append(buffer, count);
  }
  close(fd);
  return received;
}

}  // namespace masa::edge
