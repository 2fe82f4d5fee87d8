#include "services/edge/status/status_server.h"

#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "services/edge/fence.h"
#include "services/edge/status/status_session.h"
#include "services/status/macros.h"
#include "services/status/reason.h"

namespace masa::edge {
namespace {

using boost::asio::ip::tcp;
using boost::system::error_code;

constexpr std::chrono::milliseconds kPauseAfterAcceptFault{50};

absl::Status Wrong(const std::string& listen, const std::string& why) {
  return masa::Refuse(Reason::kMisconfigured,
                      absl::StrCat("status port on ", listen, ": ", why));
}

absl::StatusOr<tcp::endpoint> EndpointOf(const std::string& listen) {
  const size_t colon = listen.rfind(':');
  uint32_t port = 0;
  error_code error;
  const auto address = boost::asio::ip::make_address(
      listen.substr(0, std::min(colon, listen.size())), error);
  if (colon == std::string::npos || error ||
      !absl::SimpleAtoi(listen.substr(colon + 1), &port) || port > 65535) {
    return Wrong(listen, "not an address like 127.0.0.1:9446");
  }
  return tcp::endpoint(address, static_cast<uint16_t>(port));
}

}  // namespace

class StatusServer::Impl {
 public:
  Impl(std::unique_ptr<EventLoop> loop, StatusOptions options,
       issuance::StatusDesk& desk, Executor& executor, const Clock& clock)
      : shared_(std::move(options), desk, executor, clock),
        loop_(std::move(loop)),
        acceptor_(loop_->context()),
        pause_(loop_->context()) {}

  // Calls under way hold their session, and post to the loop.
  ~Impl() {
    {
      absl::MutexLock lock(&shared_.mutex);
      const auto none = [this]() ABSL_NO_THREAD_SAFETY_ANALYSIS {
        return shared_.calls == 0;
      };
      shared_.mutex.Await(absl::Condition(&none));
    }
    loop_->Stop();
  }

  absl::Status Listen(const tcp::endpoint& endpoint) {
    error_code error;
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
      return Wrong(shared_.options.listen, error.message());
    }
    port_ = acceptor_.local_endpoint(error).port();
    Accept();
    return absl::OkStatus();
  }

  int port() const { return port_; }

 private:
  void Accept() {
    acceptor_.async_accept([this](error_code error, tcp::socket socket) {
      if (error == boost::asio::error::operation_aborted) {
        return;
      }
      if (error) {
        AcceptLater();
        return;
      }
      Open(std::move(socket));
      Accept();
    });
  }

  void Open(tcp::socket socket) {
    error_code ignored;
    const auto peer = socket.remote_endpoint(ignored).address();
    auto place = shared_.options.proxies.Allows(peer)
                     ? uncounted_.Take(peer)
                     : shared_.places.Take(peer);
    if (place.has_value() && shared_.open < shared_.options.most_connections) {
      socket.set_option(tcp::no_delay(true), ignored);
      std::make_shared<StatusSession>(std::move(socket), *std::move(place),
                                      shared_)
          ->Read();
    }
  }

  // Out of descriptors, most likely: a pause instead of a busy loop.
  void AcceptLater() {
    pause_.expires_after(kPauseAfterAcceptFault);
    pause_.async_wait([this](error_code stopped) {
      if (!stopped) {
        Accept();
      }
    });
  }

  StatusShared shared_;
  SourcePlaces uncounted_{0};
  std::unique_ptr<EventLoop> loop_;
  tcp::acceptor acceptor_;
  boost::asio::steady_timer pause_;
  int port_ = 0;
};

absl::StatusOr<std::unique_ptr<StatusServer>> StatusServer::New(
    StatusOptions options, issuance::StatusDesk& desk, Executor& executor,
    const Clock& clock) {
  MASA_ASSIGN_OR_RETURN(const tcp::endpoint endpoint,
                        EndpointOf(options.listen));
  MASA_ASSIGN_OR_RETURN(auto loop, StartEventLoop("status", 1));
  auto impl = std::make_unique<Impl>(std::move(loop), std::move(options), desk,
                                     executor, clock);
  MASA_RETURN_IF_ERROR(impl->Listen(endpoint));
  return std::unique_ptr<StatusServer>(new StatusServer(std::move(impl)));
}

StatusServer::StatusServer(std::unique_ptr<Impl> impl)
    : impl_(std::move(impl)) {}

StatusServer::~StatusServer() = default;

int StatusServer::port() const { return impl_->port(); }

}  // namespace masa::edge
