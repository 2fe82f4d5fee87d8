// One TLS connection: handshake, then one request after the other. Everything
// runs on the one thread of its event loop; only the desk's blocking call runs
// on the executor. It keeps itself alive by the operation that is under way,
// and ends when none is.
#ifndef SERVICES_EDGE_CONNECTION_H_
#define SERVICES_EDGE_CONNECTION_H_

#include <array>
#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/error.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/string_body.hpp>
#include <memory>
#include <optional>
#include <string>
#include <utility>  // Asio 1.74 forgets it under C++20.
#include <vector>

// With the sanitizers gcc takes the empty optional in it for a mistake.
#pragma GCC diagnostic push
#if !defined(__clang__)
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif
#include <boost/beast/http/parser.hpp>
#pragma GCC diagnostic pop

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/edge/answer.h"
#include "services/edge/connection_registry.h"
#include "services/edge/deadline.h"
#include "services/edge/edge_options.h"
#include "services/edge/router.h"
#include "services/edge/source_limits.h"
#include "services/edge/source_places.h"
#include "services/edge/tls_context.h"
#include "services/edge/tls_engine.h"
#include "services/executor/executor.h"
#include "services/issuance/enrollment_desk.h"
#include "services/issuance/pledge_desk.h"
#include "services/issuance/registrar_desk.h"
#include "services/observe/edge_events.h"

namespace masa::edge {

// What all connections of a face share; outlives them. Nothing is owned but
// the options.
struct Shared {
  EdgeOptions options;
  const CurrentTls* tls = nullptr;
  issuance::RegistrarDesk* desk = nullptr;
  issuance::EnrollmentDesk* enrollment = nullptr;  // null: no EST here
  issuance::PledgeDesk* pledges = nullptr;  // null: no cloud registrar here
  Executor* executor = nullptr;
  EdgeEvents* events = nullptr;
  ConnectionRegistry* registry = nullptr;
  SourceLimits* sources = nullptr;
  SourcePlaces* places = nullptr;
};

class Connection final : public std::enable_shared_from_this<Connection> {
 public:
  // Of an event loop with one thread: what is not thread-safe runs there.
  using Loop = Deadline::Loop;
  using Socket = boost::asio::basic_stream_socket<boost::asio::ip::tcp, Loop>;

  Connection(Socket socket, const Shared& shared);
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

  using Next = void (Connection::*)();

  // What it waits for; each has one limit of time, from its beginning.
  enum class Phase {
    kHandshake = 0,
    kIdle = 1,
    kHeader = 2,
    kBody = 3,
    kDesk = 4,
    kWrite = 5,
    kGoodbye = 6
  };

  void Shake();
  void OnShaken();
  void OnHandshakeFailed(const std::string& why);

  void AwaitRequest();
  void ReadRequest();
  Error Parse();
  void OnHeader();
  void SayContinue();
  void AwaitRest();
  void RefuseUnread(Error error);

  void Handle();
  bool RefuseTooFrequent();
  issuance::RegistrarCall TakeCall(bool fossil_path);
  void Ask(const Routing& routing);
  void AskDesk(const Routing& routing);
  void AskForVoucher(bool fossil_path);
  static void PostDeskAnswer(std::shared_ptr<Connection> self,
                             DeskAnswer result);
  void OnDeskAnswer(DeskAnswer result);
  void AskForEnrollment(const EstRoute& route);
  static void PostEstAnswer(std::shared_ptr<Connection> self,
                            issuance::EstOperation operation, bool wrapped,
                            absl::StatusOr<issuance::EstAnswer> result);
  void OnEstAnswer(issuance::EstOperation operation, bool wrapped,
                   absl::StatusOr<issuance::EstAnswer> result);
  void AskForPledge(issuance::PledgeOperation operation);
  void OnPledgeAnswer(issuance::PledgeOperation operation,
                      absl::StatusOr<issuance::PledgeAnswer> result);
  void Send(const Answer& answer, absl::Status status, bool keep_alive);
  void OnSent();

  bool TakePlace();
  void Receive();
  void OnProxyOctets(absl::string_view octets);
  void OnReceived(Error error, size_t octets);
  void Decrypt();
  void Flush(Next next);

  void Close();
  void Linger();

  void Enter(Phase phase, absl::Duration time);
  void ExpireAfter(absl::Duration time);
  void OnExpired();

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
  Socket socket_;
  boost::asio::ip::address peer_;
  std::optional<SourcePlaces::Place> place_;  // the peer's
  bool awaits_proxy_ = false;  // a header, before anything of TLS
  std::string proxy_octets_;   // what came of it
  const std::shared_ptr<const TlsContext> context_;
  TlsEngine tls_;
  std::array<char, 8 * 1024> received_;  // from the network, as it came
  boost::beast::flat_buffer buffer_;     // decrypted, not parsed yet
  std::optional<Parser> parser_;
  std::string server_name_;
  std::vector<std::string> peer_chain_;
  std::optional<std::string> channel_binding_;  // once it was asked for

  Phase phase_ = Phase::kHandshake;
  Deadline deadline_;  // of the phase
  bool expired_ = false;

  // Of the request under way.
  EdgeRequest record_;
  absl::Time begin_;
  bool keep_alive_ = true;

  bool opened_ = false;  // the handshake is done
  bool ended_ = false;   // the client says no more
  bool draining_ = false;
  bool first_ = true;
  size_t lingered_ = 0;  // octets read after the end, and thrown away
};

}  // namespace masa::edge

#endif  // SERVICES_EDGE_CONNECTION_H_
