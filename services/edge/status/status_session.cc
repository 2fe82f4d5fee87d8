#include "services/edge/status/status_session.h"

#include <boost/asio/post.hpp>
#include <chrono>

#include "absl/strings/str_cat.h"
#include "services/edge/http_request.h"
#include "services/edge/router.h"
#include "services/status/reason.h"
#include "services/wire/status_lists.h"

namespace masa::edge {
namespace {

namespace http = boost::beast::http;
using Kind = StatusQuestion::Kind;

constexpr size_t kMostHeaderBytes = 8 * 1024;
constexpr size_t kMostBodyBytes = 4 * 1024;

const char* TypeOf(Kind kind) {
  return kind == Kind::kCrl ? "application/pkix-crl"
                            : "application/ocsp-response";
}

}  // namespace

StatusSession::StatusSession(boost::asio::ip::tcp::socket socket,
                             SourcePlaces::Place place, StatusShared& shared)
    : place_(std::move(place)),
      stream_(std::move(socket)),
      shared_(shared),
      // Beast counts neither a chunk's extensions nor trailers.
      buffer_(kMostHeaderBytes + kMostBodyBytes) {
  ++shared_.open;
}

StatusSession::~StatusSession() { --shared_.open; }

void StatusSession::Read() {
  parser_.emplace();
  parser_->header_limit(kMostHeaderBytes);
  parser_->body_limit(kMostBodyBytes);
  stream_.expires_after(std::chrono::milliseconds(
      absl::ToInt64Milliseconds(shared_.options.request_time)));
  http::async_read(
      stream_, buffer_, *parser_,
      [self = shared_from_this()](boost::beast::error_code error, size_t) {
        if (!error) {
          self->Handle();
        } else if (error == http::error::body_limit ||
                   error == http::error::header_limit ||
                   error == http::error::buffer_overflow) {
          self->Refuse(413, "the request is larger than allowed");
        }
      });
}

void StatusSession::Handle() {
  const Request& request = parser_->get();
  keep_alive_ = request.keep_alive();
  is_head_ = request.method() == http::verb::head;
  host_ = HostWithoutPort(FieldOf(request, http::field::host));
  const auto method = request.method_string();
  const auto target = request.target();
  StatusQuestion question =
      StatusQuestionOf({method.data(), method.size()},
                       {target.data(), target.size()}, request.body());
  if (question.kind == Kind::kNothing) {
    return Refuse(404, "there is nothing here");
  }
  if (question.kind == Kind::kWrongMethod) {
    return Refuse(405, "CRLs are asked for by GET, OCSP by GET and POST",
                  question.allow);
  }
  if (question.kind == Kind::kMalformed) {
    return Say(question,
               wire::EncodeOcspError(wire::OcspError::kMalformedRequest));
  }
  // One answer for all who ask about a certificate, whatever their nonces.
  std::string key = question.kind == Kind::kCrl
                        ? absl::StrCat("crl\n", host_, "\n", question.profile)
                        : absl::StrCat("ocsp\n", question.cert_id_der);
  if (const auto kept = shared_.cache.Find(key)) {
    return Say(question, *kept);
  }
  AskDesk(std::move(question), std::move(key));
}

void StatusSession::AskDesk(StatusQuestion question, std::string key) {
  stream_.expires_never();  // the desk has its own deadline
  RequestContext context;
  context.request_id = NewRequestId();
  context.deadline = shared_.clock.Now() + shared_.options.request_time;
  {
    absl::MutexLock lock(&shared_.mutex);
    ++shared_.calls;
  }
  const bool taken =
      shared_.executor.TrySubmit([self = shared_from_this(), context, question,
                                  key, host = host_]() mutable {
        StatusShared& shared = self->shared_;
        auto answer = question.kind == Kind::kCrl
                          ? shared.desk.Crl(context, host, question.profile)
                          : shared.desk.Ocsp(context, question.request_der);
        // The session goes back to its loop, and ends there.
        const auto loop = self->stream_.get_executor();
        boost::asio::post(loop, [self = std::move(self), question, key,
                                 answer = std::move(answer)] {
          self->OnDesk(question, key, answer);
        });
        absl::MutexLock lock(&shared.mutex);
        --shared.calls;
      });
  if (!taken) {
    absl::MutexLock lock(&shared_.mutex);
    --shared_.calls;
  }
  if (!taken) {
    Refuse(503, "too many requests are waiting; try again later");
  }
}

void StatusSession::OnDesk(const StatusQuestion& question,
                           const std::string& key,
                           absl::StatusOr<issuance::StatusAnswer> answer) {
  if (!answer.ok()) {
    return Refuse(
        static_cast<unsigned>(InfoOf(ReasonOf(answer.status())).http_status),
        PublicMessage(answer.status()));
  }
  const bool is_signed = answer->next_update != absl::InfinitePast();
  shared_.cache.Keep(key, std::make_shared<const std::string>(answer->der),
                     is_signed ? answer->next_update : absl::InfiniteFuture());
  Say(question, answer->der);
}

void StatusSession::Say(const StatusQuestion& question,
                        const std::string& der) {
  Response response(http::status::ok, 11);
  response.set(http::field::content_type, TypeOf(question.kind));
  response.set(
      http::field::cache_control,
      absl::StrCat("max-age=", absl::ToInt64Seconds(shared_.options.kept)));
  response.body() = der;
  Write(std::move(response));
}

void StatusSession::Refuse(unsigned status, const std::string& sentence,
                           const char* allow) {
  Response response(static_cast<http::status>(status), 11);
  response.set(http::field::content_type, "text/plain; charset=utf-8");
  if (*allow != '\0') {
    response.set(http::field::allow, allow);
  }
  response.body() = sentence + "\n";
  keep_alive_ = keep_alive_ && parser_->is_done();
  Write(std::move(response));
}

void StatusSession::Write(Response response) {
  response_ = std::move(response);
  response_.keep_alive(keep_alive_);
  response_.prepare_payload();
  if (is_head_) {
    response_.body().clear();
  }
  stream_.expires_after(std::chrono::milliseconds(
      absl::ToInt64Milliseconds(shared_.options.request_time)));
  http::async_write(
      stream_, response_,
      [self = shared_from_this()](boost::beast::error_code error, size_t) {
        if (!error && self->keep_alive_) {
          self->Read();
        } else {
          boost::beast::error_code ignored;
          self->stream_.socket().shutdown(
              boost::asio::ip::tcp::socket::shutdown_send, ignored);
        }
      });
}

}  // namespace masa::edge
