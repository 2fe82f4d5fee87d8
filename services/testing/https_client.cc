#include "services/testing/https_client.h"

#include <utility>

// Asio 1.74 uses std::exchange without including it, so <utility> is first.
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl.hpp>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "openssl/ssl.h"
#include "services/status/macros.h"

namespace masa::testing {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using ErrorCode = boost::system::error_code;

absl::Status Failed(const std::string& what, const ErrorCode& error) {
  return absl::UnavailableError(
      absl::StrCat(what, ": ", error.message(), " (", error.value(), ")"));
}

bssl::UniquePtr<X509> ParseDer(const std::string& der) {
  const uint8_t* cursor = reinterpret_cast<const uint8_t*>(der.data());
  return bssl::UniquePtr<X509>(
      d2i_X509(nullptr, &cursor, static_cast<long>(der.size())));
}

absl::Status UseIdentity(SSL_CTX* context, const HttpsClientOptions& options) {
  if (!options.identity) {
    return absl::OkStatus();
  }
  if (SSL_CTX_use_certificate(context, options.identity->certificate.get()) !=
          1 ||
      SSL_CTX_use_PrivateKey(context, options.identity->key.get()) != 1) {
    return absl::InvalidArgumentError(
        "the client certificate and key do not belong together");
  }
  for (const std::string& der : options.chain_der) {
    const bssl::UniquePtr<X509> one = ParseDer(der);
    if (one == nullptr || SSL_CTX_add1_chain_cert(context, one.get()) != 1) {
      return absl::InvalidArgumentError(
          "a certificate of the client's chain does not parse");
    }
  }
  return absl::OkStatus();
}

absl::Status TrustRoots(SSL_CTX* context, const HttpsServer& server) {
  X509_STORE* store = SSL_CTX_get_cert_store(context);
  for (const std::string& der : server.roots_der) {
    const bssl::UniquePtr<X509> root = ParseDer(der);
    if (root == nullptr || X509_STORE_add_cert(store, root.get()) != 1) {
      return absl::InvalidArgumentError("a root of the server does not parse");
    }
  }
  return absl::OkStatus();
}

// Whom the certificate must name, and when.
absl::Status ExpectServer(SSL* ssl, const HttpsServer& server,
                          const HttpsClientOptions& options) {
  X509_VERIFY_PARAM* param = SSL_get0_param(ssl);
  ErrorCode not_an_address;
  asio::ip::make_address(server.name, not_an_address);
  const bool held =
      not_an_address
          ? X509_VERIFY_PARAM_set1_host(param, server.name.data(),
                                        server.name.size()) == 1 &&
                SSL_set_tlsext_host_name(ssl, server.name.c_str()) == 1
          : X509_VERIFY_PARAM_set1_ip_asc(param, server.name.c_str()) == 1;
  if (!held) {
    return absl::InvalidArgumentError(
        absl::StrCat("no server can have the name ", server.name));
  }
  if (options.verify_at) {
    X509_VERIFY_PARAM_set_time(param, absl::ToTimeT(*options.verify_at));
  }
  SSL_set_verify(ssl, SSL_VERIFY_PEER, nullptr);
  if (options.only_tls12) {
    SSL_set_max_proto_version(ssl, TLS1_2_VERSION);
  }
  return absl::OkStatus();
}

}  // namespace

struct HttpsClient::Connection {
  Connection(asio::ssl::context context, const HttpsServer& server,
             const HttpsClientOptions& options)
      : host(absl::StrCat(server.name, ":", server.port)),
        timeout(absl::ToInt64Milliseconds(options.timeout)),
        tls(std::move(context)),
        stream(io, tls) {}

  // Runs one asynchronous step to its end: Beast's timeouts exist only for
  // asynchronous operations.
  template <typename Start>
  ErrorCode Run(Start start) {
    ErrorCode result = asio::error::operation_aborted;
    io.restart();
    beast::get_lowest_layer(stream).expires_after(timeout);
    start([&result](const ErrorCode& error, auto&&...) { result = error; });
    io.run();
    return result;
  }

  const std::string host;
  const std::chrono::milliseconds timeout;
  asio::io_context io;
  asio::ssl::context tls;
  beast::ssl_stream<beast::tcp_stream> stream;
  beast::flat_buffer buffer;
};

HttpsClient::HttpsClient(std::unique_ptr<Connection> connection)
    : connection_(std::move(connection)) {}

HttpsClient::~HttpsClient() {
  ErrorCode ignored;
  beast::get_lowest_layer(connection_->stream).socket().close(ignored);
}

absl::StatusOr<std::unique_ptr<HttpsClient>> HttpsClient::Connect(
    const HttpsServer& server, const HttpsClientOptions& options) {
  ErrorCode error;
  const auto address = asio::ip::make_address(server.address, error);
  if (error) {
    return absl::InvalidArgumentError(
        absl::StrCat(server.address, " is no IP address"));
  }
  asio::ssl::context tls(asio::ssl::context::tls_client);
  MASA_RETURN_IF_ERROR(TrustRoots(tls.native_handle(), server));
  MASA_RETURN_IF_ERROR(UseIdentity(tls.native_handle(), options));
  auto connection =
      std::make_unique<Connection>(std::move(tls), server, options);
  auto& stream = connection->stream;
  MASA_RETURN_IF_ERROR(ExpectServer(stream.native_handle(), server, options));
  const asio::ip::tcp::endpoint endpoint(address,
                                         static_cast<uint16_t>(server.port));
  error = connection->Run([&](auto done) {
    beast::get_lowest_layer(stream).async_connect(endpoint, std::move(done));
  });
  if (error) {
    return Failed(
        absl::StrCat("no connection to ", server.address, ":", server.port),
        error);
  }
  // Else the request, behind the handshake's last words, waits until the server
  // acknowledges these, which it may put off for 40 ms.
  ErrorCode ignored;
  beast::get_lowest_layer(stream).socket().set_option(
      asio::ip::tcp::no_delay(true), ignored);
  error = connection->Run([&](auto done) {
    stream.async_handshake(asio::ssl::stream_base::client, std::move(done));
  });
  const long verified = SSL_get_verify_result(stream.native_handle());
  if (error && verified != X509_V_OK) {
    return absl::UnauthenticatedError(
        absl::StrCat("the server's certificate does not hold: ",
                     X509_verify_cert_error_string(verified)));
  }
  if (error) {
    return Failed("no TLS handshake", error);
  }
  return std::unique_ptr<HttpsClient>(new HttpsClient(std::move(connection)));
}

absl::StatusOr<HttpAnswer> HttpsClient::Send(const HttpRequest& request) {
  const http::verb verb = http::string_to_verb(request.method);
  if (verb == http::verb::unknown) {
    return absl::InvalidArgumentError(
        absl::StrCat(request.method, " is no HTTP method"));
  }
  http::request<http::string_body> message(verb, request.target, 11);
  message.set(http::field::host, connection_->host);
  for (const auto& [name, value] : request.headers) {
    message.set(name, value);
  }
  message.body() = request.body;
  message.prepare_payload();
  ErrorCode error = connection_->Run([&](auto done) {
    http::async_write(connection_->stream, message, std::move(done));
  });
  // A server that refuses a body early answers and stops reading, so a failed
  // write does not mean that there is no answer.
  const ErrorCode write_error = error;
  http::response<http::string_body> response;
  error = connection_->Run([&](auto done) {
    http::async_read(connection_->stream, connection_->buffer, response,
                     std::move(done));
  });
  if (error) {
    return Failed("no answer", write_error ? write_error : error);
  }
  HttpAnswer answer;
  answer.status = static_cast<int>(response.result_int());
  answer.body = std::move(response.body());
  for (const auto& field : response) {
    answer.headers[absl::AsciiStrToLower(std::string(field.name_string()))] =
        std::string(field.value());
  }
  return answer;
}

std::string HttpsClient::ServerCertificateDer() const {
  Identity server;
  server.certificate = std::shared_ptr<X509>(
      SSL_get_peer_certificate(connection_->stream.native_handle()), X509_free);
  return server.CertificateDer();
}

}  // namespace masa::testing
