#include "services/edge/connection.h"

#include <boost/asio/dispatch.hpp>
#include <boost/asio/post.hpp>
#include <boost/beast/http/error.hpp>

#include "absl/strings/match.h"
#include "absl/time/clock.h"
#include "services/edge/http_request.h"
#include "services/edge/proxy_header.h"
#include "services/status/reason.h"
#include "services/wire/secret_octets.h"

namespace masa::edge {
namespace {

namespace net = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;

// What a refused client may still send before it is cut off.
constexpr size_t kLingerBytes = 1024 * 1024;

net::const_buffer BufferOf(absl::string_view octets) {
  return net::const_buffer(octets.data(), octets.size());
}

}  // namespace

Connection::Connection(Socket socket, const Shared& shared)
    : membership_(shared.registry, this),
      shared_(shared),
      socket_(std::move(socket)),
      context_(shared.tls->Get()),
      tls_(context_->default_context()),
      deadline_(socket_.get_executor(), [this] { OnExpired(); }) {
  Error ignored;  // gone already: the first read says so
  peer_ = socket_.remote_endpoint(ignored).address();
  awaits_proxy_ = shared_.options.proxies.Allows(peer_);
  socket_.non_blocking(true, ignored);
}

Connection::~Connection() {
  if (opened_) {
    shared_.events->ConnectionClosed();
  }
}

void Connection::Start() {
  net::dispatch(socket_.get_executor(), [self = shared_from_this()] {
    self->ExpireAfter(self->shared_.options.limits.handshake_time);
    if (self->awaits_proxy_ || self->TakePlace()) {
      self->Receive();
    }
  });
}

void Connection::Drain() {
  net::dispatch(socket_.get_executor(), [self = shared_from_this()] {
    self->draining_ = true;
    if (self->phase_ == Phase::kIdle) {
      // Ends the read, whose handler then closes in order.
      Error ignored;
      self->socket_.cancel(ignored);
    }
  });
}

void Connection::Abort() {
  net::dispatch(socket_.get_executor(), [self = shared_from_this()] {
    self->draining_ = true;
    self->keep_alive_ = false;
    Error ignored;
    self->socket_.close(ignored);
  });
}

void Connection::Enter(Phase phase, absl::Duration time) {
  if (phase_ != phase) {
    phase_ = phase;
    ExpireAfter(time);
  }
}

void Connection::ExpireAfter(absl::Duration time) {
  deadline_.Set(time, weak_from_this());
}

// Ends what is under way, and with it the connection.
void Connection::OnExpired() {
  expired_ = true;
  Error ignored;
  socket_.close(ignored);
}

// False when the source has its share: then nothing keeps the connection.
bool Connection::TakePlace() {
  auto place = shared_.places->Take(peer_);
  if (!place.has_value()) {
    shared_.events->ConnectionRefused();
    return false;
  }
  place_.emplace(*std::move(place));
  return true;
}

void Connection::Receive() {
  socket_.async_read_some(
      net::buffer(received_),
      [self = shared_from_this()](Error error, size_t octets) {
        self->OnReceived(error, octets);
      });
}

void Connection::OnReceived(Error error, size_t octets) {
  if (error) {
    if (phase_ == Phase::kHandshake) {
      return OnHandshakeFailed(error.message());
    }
    if (error == net::error::operation_aborted && draining_ &&
        phase_ == Phase::kIdle && socket_.is_open()) {
      Close();
    }
    return;
  }
  if (awaits_proxy_) {
    return OnProxyOctets({received_.data(), octets});
  }
  tls_.Feed({received_.data(), octets});
  switch (phase_) {
    case Phase::kHandshake:
      return Shake();
    case Phase::kGoodbye:
      lingered_ += octets;
      return Linger();
    default:
      return ReadRequest();
  }
}

// Of a balancer, which says whose connection it is before TLS begins.
void Connection::OnProxyOctets(absl::string_view octets) {
  proxy_octets_.append(octets.data(), octets.size());
  const auto header = ReadProxyHeader(proxy_octets_);
  if (!header.ok()) {
    return OnHandshakeFailed(std::string(header.status().message()));
  }
  if (!header->has_value()) {
    return Receive();
  }
  awaits_proxy_ = false;
  peer_ = (*header)->source.value_or(peer_);
  if (!TakePlace()) {
    return;
  }
  tls_.Feed(absl::string_view(proxy_octets_).substr((*header)->octets));
  proxy_octets_.clear();
  Shake();
}

// Moves what can be decrypted to the buffer: no more than one read brings.
void Connection::Decrypt() {
  TlsStep step = TlsStep::kDone;
  while (step == TlsStep::kDone) {
    const auto space = buffer_.prepare(received_.size());
    size_t read = 0;
    step = tls_.Read(space.data(), space.size(), &read);
    buffer_.commit(read);
  }
  ended_ = step != TlsStep::kWantsInput;
  if (step == TlsStep::kFailed) {
    DrainTlsErrors();
  }
}

// Sends what TLS has to send, then goes on with `next`, also when the peer has
// gone: whatever it does next with the socket fails.
void Connection::Flush(Next next) {
  Error error;
  while (!error && !tls_.Output().empty()) {
    tls_.Sent(socket_.write_some(BufferOf(tls_.Output()), error));
  }
  if (error != net::error::would_block) {
    if (error) {
      socket_.close(error);
    }
    return (this->*next)();
  }
  if (phase_ != Phase::kHandshake && phase_ != Phase::kGoodbye) {
    Enter(Phase::kWrite, shared_.options.limits.write_time);
  }
  socket_.async_wait(Socket::wait_write,
                     [self = shared_from_this(), next](Error failed) {
                       if (failed) {
                         self->socket_.close(failed);
                       }
                       self->Flush(next);
                     });
}

void Connection::Shake() {
  switch (tls_.Handshake()) {
    case TlsStep::kDone:
      return Flush(&Connection::OnShaken);
    case TlsStep::kWantsInput:
      return Flush(&Connection::Receive);
    default:
      OnHandshakeFailed(DrainTlsErrors());
      Error ignored;  // the alert: for a client that is still there
      socket_.write_some(BufferOf(tls_.Output()), ignored);
  }
}

void Connection::OnHandshakeFailed(const std::string& why) {
  shared_.events->HandshakeFailed(expired_ ? "timeout" : why);
}

void Connection::OnShaken() {
  opened_ = true;
  shared_.events->ConnectionOpened();
  server_name_ = ServerNameOf(tls_.ssl());
  peer_chain_ = PeerChainOf(tls_.ssl());
  Decrypt();  // what came in one piece with the handshake's end
  AwaitRequest();
}

void Connection::AwaitRequest() {
  if (draining_ || (ended_ && buffer_.size() == 0)) {
    return Close();
  }
  const EdgeLimits& limits = shared_.options.limits;
  phase_ = Phase::kIdle;
  ExpireAfter(first_ ? limits.header_time : limits.idle_time);
  first_ = false;
  parser_.reset();
  if (buffer_.size() == 0) {
    return Receive();
  }
  // Pipelined; from the loop, so that many of them are no recursion.
  net::post(socket_.get_executor(),
            [self = shared_from_this()] { self->ReadRequest(); });
}

// Takes what has come one step further: to a request, or to waiting for more.
void Connection::ReadRequest() {
  Decrypt();
  if (phase_ == Phase::kIdle && buffer_.size() == 0) {
    return ended_ || draining_ ? Close() : Receive();
  }
  if (!parser_.has_value()) {
    parser_.emplace();
    parser_->header_limit(shared_.options.limits.header_bytes);
    parser_->body_limit(shared_.options.limits.body_bytes);
  }
  const bool in_header = !parser_->is_header_done();
  const Error error = Parse();
  if (in_header && (error || parser_->is_header_done())) {
    OnHeader();
  }
  if (error) {
    return RefuseUnread(error);
  }
  if (parser_->is_done()) {
    return Handle();
  }
  if (ended_) {
    return Close();
  }
  if (in_header && parser_->is_header_done() && buffer_.size() == 0 &&
      // RFC 9110 section 10.1.1: in any case of letters.
      absl::EqualsIgnoreCase(FieldOf(parser_->get(), http::field::expect),
                             "100-continue")) {
    return SayContinue();
  }
  AwaitRest();
}

// Parses what is there; no error where more is needed.
Connection::Error Connection::Parse() {
  Error error;
  while (!error && !parser_->is_done() && buffer_.size() > 0) {
    buffer_.consume(parser_->put(buffer_.cdata(), error));
  }
  if (error != http::error::need_more) {
    return error;
  }
  // Beast counts neither a chunk's extensions nor trailers.
  return buffer_.size() > shared_.options.limits.header_bytes
             ? Error(http::error::header_limit)
             : Error();
}

void Connection::OnHeader() {
  record_ = EdgeRequest();
  record_.request_id = NewRequestId();
  record_.route = NameOf(Route::kOther);
  begin_ = absl::Now();
  keep_alive_ = false;
}

void Connection::SayContinue() {
  tls_.Write("HTTP/1.1 100 Continue\r\n\r\n");
  Flush(&Connection::AwaitRest);
}

void Connection::AwaitRest() {
  const EdgeLimits& limits = shared_.options.limits;
  if (parser_->is_header_done()) {
    Enter(Phase::kBody, limits.body_time);
  } else {
    Enter(Phase::kHeader, limits.header_time);
  }
  Receive();
}

void Connection::RefuseUnread(Error error) {
  const EdgeLimits& limits = shared_.options.limits;
  const uint64_t most = error == http::error::body_limit ? limits.body_bytes
                                                         : limits.header_bytes;
  auto [answer, status] =
      UnreadAnswer(error, most, shared_.options.retry_after);
  Send(answer, std::move(status), false);
}

void Connection::Handle() {
  keep_alive_ = parser_->get().keep_alive();
  const Routing routing = RouteRequest(
      HeadOf(parser_->get(), server_name_), shared_.options.base_paths,
      [&](const auto& host) { return context_->IdentityOf(host) > 0; });
  record_.route = NameOf(routing);
  record_.host = routing.host;
  if (RefuseTooFrequent()) {
    return;
  }
  if (routing.answer.has_value()) {
    return Send(*routing.answer, absl::OkStatus(), keep_alive_);
  }
  Ask(routing);
}

// True when the source has used up its allowance, and has been told so.
bool Connection::RefuseTooFrequent() {
  const absl::Duration wait = shared_.sources->Take(peer_, begin_);
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

void Connection::Send(const Answer& answer, absl::Status status,
                      bool keep_alive) {
  record_.http_status = answer.status;
  record_.status = std::move(status);
  keep_alive_ = keep_alive && !draining_;
  const bool head =
      parser_->is_header_done() && parser_->get().method() == http::verb::head;
  std::string octets = EncodeAnswer(answer, {.request_id = record_.request_id,
                                             .date = absl::Now(),
                                             .keep_alive = keep_alive_,
                                             .omit_body = head});
  tls_.Write(octets);
  if (answer.is_secret) {
    wire::Wipe(&octets);
  }
  Flush(&Connection::OnSent);
}

void Connection::OnSent() {
  record_.duration = absl::Now() - begin_;
  shared_.events->RequestFinished(record_);
  keep_alive_ ? AwaitRequest() : Close();
}

// Says goodbye, then reads on until the client has seen it and leaves: a socket
// closed over unread bytes resets, and may take the answer with it.
void Connection::Close() {
  phase_ = Phase::kGoodbye;
  ExpireAfter(shared_.options.limits.linger_time);
  tls_.EndWriting();
  Flush(&Connection::Linger);
}

void Connection::Linger() {
  Decrypt();
  buffer_.consume(buffer_.size());
  if (!ended_ && lingered_ < kLingerBytes) {
    Receive();
  }
}

}  // namespace masa::edge
