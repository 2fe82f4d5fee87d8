#include "services/edge/connection.h"

#include <algorithm>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/bind_handler.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/read.hpp>
#include <chrono>

#include "absl/strings/escaping.h"
#include "absl/time/clock.h"
#include "openssl/rand.h"
#include "services/status/reason.h"

namespace masa::edge {
namespace {

namespace net = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;

constexpr size_t kFirstRead = 8 * 1024;
// What a refused client may still send before it is cut off.
constexpr size_t kLingerBytes = 1024 * 1024;

std::string NewRequestId() {
  char random[16];
  RAND_bytes(reinterpret_cast<uint8_t*>(random), sizeof(random));
  return absl::BytesToHexString(absl::string_view(random, sizeof(random)));
}

std::string FieldOf(const http::request<http::string_body>& request,
                    http::field field) {
  const auto value = request[field];
  return std::string(value.data(), value.size());
}

bool IsHttpFault(const beast::error_code& error) {
  return error.category() ==
             beast::error_code(http::error::bad_method).category() &&
         error != http::error::end_of_stream &&
         error != http::error::partial_message;
}

}  // namespace

Connection::Connection(net::ip::tcp::socket socket, const Shared& shared)
    : membership_(shared.registry, this),
      shared_(shared),
      stream_(std::move(socket), *shared.asio_tls) {}

Connection::~Connection() {
  if (opened_) {
    shared_.events->ConnectionClosed();
  }
}

void Connection::Start() {
  net::dispatch(stream_.get_executor(), [self = shared_from_this()] {
    self->ExpireAfter(self->shared_.options.limits.handshake_time);
    self->stream_.async_handshake(
        net::ssl::stream_base::server,
        beast::bind_front_handler(&Connection::OnHandshake, self));
  });
}

void Connection::Drain() {
  net::dispatch(stream_.get_executor(), [self = shared_from_this()] {
    self->draining_ = true;
    if (self->waiting_) {
      // Ends the read, whose handler then closes in order.
      beast::get_lowest_layer(self->stream_).cancel();
    }
  });
}

void Connection::Abort() {
  net::dispatch(stream_.get_executor(), [self = shared_from_this()] {
    self->draining_ = true;
    self->keep_alive_ = false;
    beast::get_lowest_layer(self->stream_).close();
  });
}

void Connection::ExpireAfter(absl::Duration time) {
  beast::get_lowest_layer(stream_).expires_after(
      std::chrono::nanoseconds(absl::ToInt64Nanoseconds(time)));
}

void Connection::OnHandshake(Error error) {
  if (error) {
    const std::string detail = DrainTlsErrors();
    shared_.events->HandshakeFailed(
        error == beast::error::timeout ? "timeout" : error.message());
    return;
  }
  opened_ = true;
  shared_.events->ConnectionOpened();
  server_name_ = ServerNameOf(stream_.native_handle());
  peer_chain_ = PeerChainOf(stream_.native_handle());
  AwaitRequest();
}

void Connection::AwaitRequest() {
  if (draining_) {
    return Close();
  }
  if (buffer_.size() > 0) {
    return ReadHeader();  // pipelined
  }
  waiting_ = true;
  const EdgeLimits& limits = shared_.options.limits;
  ExpireAfter(first_ ? limits.header_time : limits.idle_time);
  first_ = false;
  stream_.async_read_some(
      buffer_.prepare(kFirstRead),
      beast::bind_front_handler(&Connection::OnFirstBytes, shared_from_this()));
}

void Connection::OnFirstBytes(Error error, size_t bytes) {
  waiting_ = false;
  buffer_.commit(bytes);
  if (error == net::error::operation_aborted && draining_) {
    return Close();
  }
  if (error == net::error::eof) {
    return Close();
  }
  if (!error) {
    ReadHeader();
  }
}

void Connection::ReadHeader() {
  parser_.emplace();
  parser_->header_limit(shared_.options.limits.header_bytes);
  parser_->body_limit(shared_.options.limits.body_bytes);
  ExpireAfter(shared_.options.limits.header_time);
  http::async_read_header(stream_, buffer_, *parser_,
                          [self = shared_from_this()](Error error, size_t) {
                            self->OnHeader(error);
                          });
}

void Connection::OnHeader(Error error) {
  record_ = EdgeRequest();
  record_.request_id = NewRequestId();
  record_.route = NameOf(Route::kOther);
  begin_ = absl::Now();
  keep_alive_ = false;
  if (error) {
    return RefuseUnread(error);
  }
  if (FieldOf(parser_->get(), http::field::expect) == "100-continue" &&
      !parser_->is_done() && buffer_.size() == 0) {
    return SendContinue();
  }
  ReadBody();
}

void Connection::SendContinue() {
  out_ = "HTTP/1.1 100 Continue\r\n\r\n";
  ExpireAfter(shared_.options.limits.write_time);
  net::async_write(stream_, net::buffer(out_),
                   [self = shared_from_this()](Error error, size_t) {
                     if (!error) {
                       self->ReadBody();
                     }
                   });
}

void Connection::ReadBody() {
  ExpireAfter(shared_.options.limits.body_time);
  http::async_read(stream_, buffer_, *parser_,
                   [self = shared_from_this()](Error error, size_t) {
                     self->OnBody(error);
                   });
}

void Connection::OnBody(Error error) {
  if (error) {
    return RefuseUnread(error);
  }
  Handle();
}

// Answers what does not parse, or is too large to be read to its end; silent
// when the client left or was too slow.
void Connection::RefuseUnread(Error error) {
  if (!IsHttpFault(error)) {
    return;
  }
  body_unread_ = true;
  absl::Status status = Refuse(Reason::kMalformed, "not an HTTP/1.1 request");
  Answer answer = ErrorAnswer(status, shared_.options.retry_after);
  if (error == http::error::body_limit) {
    status = Refuse(Reason::kBodyTooLarge, "the body is larger than allowed");
    answer = ErrorAnswer(status, shared_.options.retry_after);
  } else if (error == http::error::header_limit) {
    answer = PlainAnswer(431, "the header is larger than allowed");
  }
  Send(answer, std::move(status), false);
}

RequestHead Connection::HeadOfRequest() const {
  const auto& request = parser_->get();
  RequestHead head;
  head.method = std::string(request.method_string());
  head.target = std::string(request.target());
  head.host_required = request.version() >= 11;
  head.server_name = server_name_;
  const auto hosts = request.equal_range(http::field::host);
  for (auto host = hosts.first; host != hosts.second; ++host) {
    head.hosts.emplace_back(host->value());
  }
  return head;
}

void Connection::Handle() {
  keep_alive_ = parser_->get().keep_alive();
  const TlsContext& tls = *shared_.tls;
  const Routing routing = RouteRequest(
      HeadOfRequest(), shared_.options.base_paths,
      [&tls](const std::string& host) { return tls.IdentityOf(host) > 0; });
  record_.route = NameOf(routing.route);
  record_.host = routing.host;
  if (RefuseTooFrequent()) {
    return;
  }
  if (routing.answer.has_value()) {
    return Send(*routing.answer, absl::OkStatus(), keep_alive_);
  }
  AskDesk(routing);
}

// True when the source has used up its allowance, and has been told so.
bool Connection::RefuseTooFrequent() {
  Error error;
  const auto peer =
      beast::get_lowest_layer(stream_).socket().remote_endpoint(error);
  // Gone already: the answer will not arrive either.
  const absl::Duration wait =
      error ? absl::ZeroDuration()
            : shared_.sources->Take(peer.address(), begin_);
  if (wait == absl::ZeroDuration()) {
    return false;
  }
  absl::Status status =
      RefuseFor(wait, Reason::kRateLimited,
                "too many requests from this address; try again later");
  const Answer answer = ErrorAnswer(status, shared_.options.retry_after);
  Send(answer, std::move(status), keep_alive_);
  return true;
}

issuance::RegistrarCall Connection::TakeCall(bool fossil_path) {
  auto& request = parser_->get();
  const auto traceparent = request["traceparent"];
  return {
      .context = {.request_id = record_.request_id,
                  .traceparent = AcceptTraceparent(std::string(traceparent)),
                  .deadline = begin_ + shared_.options.call_time},
      .host = record_.host,
      .content_type = FieldOf(request, http::field::content_type),
      .accept = FieldOf(request, http::field::accept),
      .body = std::move(request.body()),
      .tls_peer_chain_der = peer_chain_,
      .authorization = FieldOf(request, http::field::authorization),
      .evidence = {},
      .fossil_path = fossil_path,
  };
}

void Connection::AskDesk(const Routing& routing) {
  // The desk has its own deadline; the socket has none meanwhile.
  beast::get_lowest_layer(stream_).expires_never();
  if (routing.route == Route::kRequestVoucher) {
    return AskForVoucher(routing.fossil_path);
  }
  auto call =
      std::make_shared<issuance::RegistrarCall>(TakeCall(routing.fossil_path));
  const bool taken =
      shared_.executor->TrySubmit([self = shared_from_this(), call] {
        self->PostDeskAnswer(self->shared_.desk->RequestAuditLog(*call));
      });
  if (!taken) {
    OnDeskAnswer(Refuse(Reason::kOverloaded,
                        "too many requests are waiting; try again later"));
  }
}

void Connection::AskForVoucher(bool fossil_path) {
  std::vector<issuance::PendingCall> calls;
  calls.push_back(
      {TakeCall(fossil_path), [self = shared_from_this()](DeskAnswer result) {
         self->PostDeskAnswer(std::move(result));
       }});
  shared_.desk->RequestVouchers(std::move(calls));
}

// Back to the strand, from any thread.
void Connection::PostDeskAnswer(DeskAnswer result) {
  net::post(stream_.get_executor(),
            [self = shared_from_this(), result = std::move(result)]() mutable {
              self->OnDeskAnswer(std::move(result));
            });
}

void Connection::OnDeskAnswer(DeskAnswer result) {
  if (!result.ok()) {
    const Answer refusal =
        ErrorAnswer(result.status(), shared_.options.retry_after);
    return Send(refusal, result.status(), keep_alive_);
  }
  Answer answer;
  answer.content_type = std::move(result->content_type);
  answer.body = std::move(result->body);
  Send(answer, absl::OkStatus(), keep_alive_);
}

void Connection::Send(const Answer& answer, absl::Status status,
                      bool keep_alive) {
  record_.http_status = answer.status;
  record_.status = std::move(status);
  keep_alive_ = keep_alive && !draining_;
  const bool head =
      parser_->is_header_done() && parser_->get().method() == http::verb::head;
  out_ = EncodeAnswer(answer, {.request_id = record_.request_id,
                               .date = absl::Now(),
                               .keep_alive = keep_alive_,
                               .omit_body = head});
  ExpireAfter(shared_.options.limits.write_time);
  net::async_write(stream_, net::buffer(out_),
                   [self = shared_from_this()](Error error, size_t) {
                     self->OnSent(error);
                   });
}

void Connection::OnSent(Error error) {
  record_.duration = absl::Now() - begin_;
  shared_.events->RequestFinished(record_);
  if (error) {
    return;
  }
  if (keep_alive_) {
    return AwaitRequest();
  }
  if (body_unread_) {
    ExpireAfter(shared_.options.limits.linger_time);
    return Linger(kLingerBytes);
  }
  Close();
}

// Reads on until the client has seen the refusal and leaves: a socket closed
// over unread bytes resets, and may take the answer with it.
void Connection::Linger(size_t bytes_left) {
  buffer_.consume(buffer_.size());
  stream_.async_read_some(
      buffer_.prepare(kFirstRead),
      [self = shared_from_this(), bytes_left](Error error, size_t bytes) {
        if (!error && bytes < bytes_left) {
          self->Linger(bytes_left - bytes);
        }
      });
}

void Connection::Close() {
  ExpireAfter(shared_.options.limits.linger_time);
  // The handler holds the connection until both sides have said goodbye.
  stream_.async_shutdown(
      [self = shared_from_this()](Error) { DrainTlsErrors(); });
}

}  // namespace masa::edge
