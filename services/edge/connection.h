// One TLS connection: handshake, then one request after the other. Everything
// runs on its strand; only the desk's blocking call runs on the executor. It
// keeps itself alive by the operation that is under way, and ends when none is.
#ifndef SERVICES_EDGE_CONNECTION_H_
#define SERVICES_EDGE_CONNECTION_H_

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/ssl/ssl_stream.hpp>
#include <memory>
#include <optional>
#include <string>
#include <utility>  // Asio 1.74 forgets it under C++20.
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/edge/answer.h"
#include "services/edge/connection_registry.h"
#include "services/edge/edge_options.h"
#include "services/edge/router.h"
#include "services/edge/source_limits.h"
#include "services/edge/tls_context.h"
#include "services/executor/executor.h"
#include "services/issuance/registrar_desk.h"
#include "services/observe/edge_events.h"

namespace masa::edge {

// What all connections of a face share; outlives them. Nothing is owned but
// the options.
struct Shared {
  EdgeOptions options;
  const TlsContext* tls = nullptr;
  boost::asio::ssl::context* asio_tls = nullptr;
  issuance::RegistrarDesk* desk = nullptr;
  Executor* executor = nullptr;
  EdgeEvents* events = nullptr;
  ConnectionRegistry* registry = nullptr;
  SourceLimits* sources = nullptr;
};

class Connection final : public std::enable_shared_from_this<Connection> {
 public:
  // `socket` runs on a strand of its own.
  Connection(boost::asio::ip::tcp::socket socket, const Shared& shared);
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection();

  // Begins with the handshake.
  void Start();

  // Ends after the request that is under way, at once when there is none.
  // Thread-safe.
  void Drain();

  // Ends now; an answer that is not out yet is lost. Thread-safe.
  void Abort();

 private:
  using Error = boost::beast::error_code;
  using Parser =
      boost::beast::http::request_parser<boost::beast::http::string_body>;
  using DeskAnswer = absl::StatusOr<issuance::RegistrarAnswer>;

  void OnHandshake(Error error);
  void AwaitRequest();
  void OnFirstBytes(Error error, size_t bytes);
  void ReadHeader();
  void OnHeader(Error error);
  void SendContinue();
  void ReadBody();
  void OnBody(Error error);
  void RefuseUnread(Error error);

  void Handle();
  bool RefuseTooFrequent();
  RequestHead HeadOfRequest() const;
  issuance::RegistrarCall TakeCall(bool fossil_path);
  void AskDesk(const Routing& routing);
  void AskForVoucher(bool fossil_path);
  void PostDeskAnswer(DeskAnswer result);
  void OnDeskAnswer(DeskAnswer result);
  void Send(const Answer& answer, absl::Status status, bool keep_alive);
  void OnSent(Error error);

  void Close();
  void Linger(size_t bytes_left);
  void ExpireAfter(absl::Duration time);

  // First, so destroyed last: once a connection has left the registry, nothing
  // of it is left that needs the event loop.
  class Membership {
   public:
    Membership(ConnectionRegistry* registry, const Connection* connection)
        : registry_(registry), connection_(connection) {}
    Membership(const Membership&) = delete;
    Membership& operator=(const Membership&) = delete;
    ~Membership() { registry_->Remove(connection_); }

   private:
    ConnectionRegistry* registry_;
    const Connection* connection_;
  };

  const Membership membership_;
  const Shared& shared_;
  boost::beast::ssl_stream<boost::beast::tcp_stream> stream_;
  boost::beast::flat_buffer buffer_;
  std::optional<Parser> parser_;
  std::string out_;
  std::string server_name_;
  std::vector<std::string> peer_chain_;

  // Of the request under way.
  EdgeRequest record_;
  absl::Time begin_;
  bool keep_alive_ = true;
  bool body_unread_ = false;

  bool opened_ = false;   // the handshake is done
  bool waiting_ = false;  // between requests
  bool draining_ = false;
  bool first_ = true;
};

}  // namespace masa::edge

#endif  // SERVICES_EDGE_CONNECTION_H_
