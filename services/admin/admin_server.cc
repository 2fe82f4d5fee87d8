#include "services/admin/admin_server.h"

#include <chrono>
#include <limits>
#include <optional>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "boost/asio/ip/tcp.hpp"
#include "boost/asio/steady_timer.hpp"
#include "boost/beast/core.hpp"
#include "boost/beast/http.hpp"
#include "services/admin/fence.h"
#include "services/status/macros.h"
#include "services/status/reason.h"

namespace masa::admin {
namespace {

namespace beast = boost::beast;
namespace http = boost::beast::http;
using boost::asio::ip::tcp;
using Request = http::request<http::empty_body>;
using Response = http::response<http::string_body>;

constexpr size_t kMostHeaderBytes = 8 * 1024;
constexpr std::chrono::milliseconds kPauseAfterAcceptFault{100};

struct Content {
  AdminServer::Metrics metrics;
  AdminServer::Ready ready;
  absl::Duration request_time;
};

Response Text(http::status status, absl::string_view type, std::string body) {
  Response response(status, 11);
  response.set(http::field::content_type,
               beast::string_view(type.data(), type.size()));
  response.body() = std::move(body);
  return response;
}

Response Answer(const Content& content, const Request& request) {
  constexpr char kPlain[] = "text/plain; charset=utf-8";
  const bool known = request.target() == "/metrics" ||
                     request.target() == "/healthz" ||
                     request.target() == "/readyz";
  if (!known) {
    return Text(http::status::not_found, kPlain, "there is nothing here\n");
  }
  if (request.method() != http::verb::get) {
    Response refused =
        Text(http::status::method_not_allowed, kPlain, "only GET is served\n");
    refused.set(http::field::allow, "GET");
    return refused;
  }
  if (request.target() == "/metrics") {
    return Text(http::status::ok, "text/plain; version=0.0.4",
                content.metrics());
  }
  if (request.target() == "/healthz") {
    return Text(http::status::ok, kPlain, "alive\n");
  }
  const absl::StatusOr<std::string> ready = content.ready();
  return ready.ok()
             ? Text(http::status::ok, kPlain, absl::StrCat("ready\n", *ready))
             : Text(http::status::service_unavailable, kPlain,
                    absl::StrCat(PublicMessage(ready.status()), "\n"));
}

// One connection: reads, answers, again. Lives in its own handlers.
class Session : public std::enable_shared_from_this<Session> {
 public:
  Session(tcp::socket socket, const Content& content)
      : stream_(std::move(socket)), content_(content) {}

  void Read() {
    parser_.emplace();
    parser_->header_limit(kMostHeaderBytes);
    // A body is refused by its method, not by a closed door: it is not read.
    // No limit must be a number: to Beast 1.74 every length exceeds none.
    parser_->body_limit(std::numeric_limits<uint64_t>::max());
    StartTimeLimit();
    http::async_read_header(
        stream_, buffer_, *parser_,
        [self = shared_from_this()](beast::error_code error, size_t) {
          if (!error) {
            self->Write();
          }
        });
  }

 private:
  void Write() {
    const Request& request = parser_->get();
    // What follows an unread body cannot be told from the body.
    const bool keep = request.keep_alive() && parser_->is_done();
    response_ = Answer(content_, request);
    if (request.method() == http::verb::head) {
      response_.body().clear();
    }
    response_.keep_alive(keep);
    response_.prepare_payload();
    // Anew: the answer may have taken long to find, and may be long to send.
    StartTimeLimit();
    http::async_write(
        stream_, response_,
        [self = shared_from_this(), keep](beast::error_code error, size_t) {
          if (!error && keep) {
            self->Read();
          } else {
            self->Close();
          }
        });
  }

  void StartTimeLimit() {
    stream_.expires_after(std::chrono::milliseconds(
        absl::ToInt64Milliseconds(content_.request_time)));
  }

  void Close() {
    beast::error_code ignored;
    stream_.socket().shutdown(tcp::socket::shutdown_send, ignored);
  }

  beast::tcp_stream stream_;
  const Content& content_;
  beast::flat_buffer buffer_;
  std::optional<http::request_parser<http::empty_body>> parser_;
  Response response_;
};

absl::StatusOr<tcp::endpoint> EndpointOf(const std::string& listen) {
  const size_t colon = listen.rfind(':');
  uint32_t port = 0;
  beast::error_code error;
  const auto address = boost::asio::ip::make_address(
      listen.substr(0, std::min(colon, listen.size())), error);
  if (colon == std::string::npos || error ||
      !absl::SimpleAtoi(listen.substr(colon + 1), &port) || port > 65535) {
    return Refuse(Reason::kMisconfigured,
                  absl::StrCat("admin.listen is not an address like "
                               "127.0.0.1:9445: ",
                               listen));
  }
  return tcp::endpoint(address, static_cast<uint16_t>(port));
}

}  // namespace

class AdminServer::Impl {
 public:
  Impl(std::unique_ptr<EventLoop> loop, Content content)
      : content_(std::move(content)),
        loop_(std::move(loop)),
        acceptor_(loop_->context()),
        pause_(loop_->context()) {}

  ~Impl() { loop_->Stop(); }

  absl::Status Listen(const tcp::endpoint& endpoint) {
    beast::error_code error;
    acceptor_.open(endpoint.protocol(), error);
    if (!error) {
      acceptor_.set_option(tcp::acceptor::reuse_address(true), error);
    }
    if (!error) {
      acceptor_.bind(endpoint, error);
    }
    if (!error) {
      acceptor_.listen(boost::asio::socket_base::max_listen_connections, error);
    }
    if (error) {
      return Refuse(Reason::kMisconfigured,
                    absl::StrCat("the admin port cannot be listened on: ",
                                 error.message()));
    }
    port_ = acceptor_.local_endpoint(error).port();
    Accept();
    return absl::OkStatus();
  }

  int port() const { return port_; }

 private:
  void Accept() {
    acceptor_.async_accept([this](beast::error_code error, tcp::socket socket) {
      if (error == boost::asio::error::operation_aborted) {
        return;
      }
      if (error) {
        AcceptLater();
        return;
      }
      std::make_shared<Session>(std::move(socket), content_)->Read();
      Accept();
    });
  }

  // Out of descriptors, most likely: a pause instead of a busy loop.
  void AcceptLater() {
    pause_.expires_after(kPauseAfterAcceptFault);
    pause_.async_wait([this](beast::error_code stopped) {
      if (!stopped) {
        Accept();
      }
    });
  }

  const Content content_;
  std::unique_ptr<EventLoop> loop_;
  tcp::acceptor acceptor_;
  boost::asio::steady_timer pause_;
  int port_ = 0;
};

absl::StatusOr<std::unique_ptr<AdminServer>> AdminServer::New(
    AdminOptions options, Metrics metrics, Ready ready) {
  MASA_ASSIGN_OR_RETURN(const tcp::endpoint endpoint,
                        EndpointOf(options.listen));
  MASA_ASSIGN_OR_RETURN(auto loop, StartEventLoop("admin"));
  auto impl = std::make_unique<Impl>(
      std::move(loop),
      Content{std::move(metrics), std::move(ready), options.request_time});
  MASA_RETURN_IF_ERROR(impl->Listen(endpoint));
  return std::unique_ptr<AdminServer>(new AdminServer(std::move(impl)));
}

AdminServer::AdminServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

AdminServer::~AdminServer() = default;

int AdminServer::port() const { return impl_->port(); }

}  // namespace masa::admin
