#include "services/edge/https_edge.h"

#include <boost/asio/dispatch.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "services/edge/connection.h"
#include "services/edge/connection_registry.h"
#include "services/edge/fence.h"
#include "services/edge/source_limits.h"
#include "services/edge/source_places.h"
#include "services/edge/tls_context.h"
#include "services/executor/loop_lag.h"
#include "services/status/macros.h"
#include "services/status/reason.h"

namespace masa::edge {
namespace {

namespace net = boost::asio;
using boost::system::error_code;
using net::ip::tcp;

constexpr absl::Duration kLagPeriod = absl::Seconds(1);
constexpr auto kPauseAfterAcceptFault = std::chrono::milliseconds(50);

// One thread each: what runs in a loop shares nothing and wakes nobody.
using Loops = std::vector<std::unique_ptr<EventLoop>>;

absl::Status CheckPaths(const std::vector<std::string>& base_paths) {
  for (const std::string& path : base_paths) {
    if (!absl::StartsWith(path, "/") || absl::EndsWith(path, "/")) {
      return Refuse(Reason::kMisconfigured,
                    absl::StrCat("base path '", path,
                                 "' must begin with a slash and end without"));
    }
  }
  return absl::OkStatus();
}

}  // namespace

class HttpsEdge::Impl {
 public:
  Impl(std::unique_ptr<TlsContext> tls, Loops loops, Shared shared)
      : tls_(std::move(tls)),
        registry_(shared.options.limits.connections),
        sources_(shared.options.limits.source_rate),
        places_(shared.options.limits.source_connections),
        shared_(std::move(shared)),
        loops_(std::move(loops)),
        acceptor_(loops_.front()->context()),
        pause_(loops_.front()->context()) {
    shared_.tls = &tls_;
    shared_.registry = &registry_;
    shared_.sources = &sources_;
    shared_.places = &places_;
    if (shared_.events == nullptr) {
      shared_.events = &no_events_;
    }
    MeasureLags();
  }

  // No handler runs while the members go.
  ~Impl() {
    for (const auto& loop : loops_) {
      loop->Stop();
    }
  }

  absl::Status Listen() {
    error_code error;
    const auto address = net::ip::make_address(shared_.options.address, error);
    const tcp::endpoint endpoint(address, shared_.options.port);
    if (!error) {
      acceptor_.open(endpoint.protocol(), error);
    }
    if (!error) {
      acceptor_.set_option(net::socket_base::reuse_address(true), error);
    }
    if (!error) {
      acceptor_.bind(endpoint, error);
    }
    if (!error) {
      acceptor_.listen(net::socket_base::max_listen_connections, error);
    }
    if (!error) {
      port_ = acceptor_.local_endpoint(error).port();
    }
    if (error) {
      return Refuse(Reason::kMisconfigured,
                    absl::StrCat("https on ", shared_.options.address, ":",
                                 shared_.options.port, ": ", error.message()));
    }
    net::dispatch(acceptor_.get_executor(), [this] { Accept(); });
    return absl::OkStatus();
  }

  bool Drain(absl::Duration grace) {
    StopListening();
    registry_.CloseAndVisit([](Connection& open) { open.Drain(); });
    if (registry_.WaitUntilEmpty(grace)) {
      return true;
    }
    registry_.CloseAndVisit([](Connection& open) { open.Abort(); });
    // Desk calls under way hold their connection until they return.
    registry_.WaitUntilEmpty(absl::InfiniteDuration());
    return false;
  }

  absl::Status UseIdentities(const std::vector<TlsIdentity>& identities) {
    MASA_ASSIGN_OR_RETURN(
        std::unique_ptr<TlsContext> renewed,
        TlsContext::New(identities,
                        shared_.options.client_certificate_required));
    tls_.Set(std::move(renewed));
    return absl::OkStatus();
  }

  uint16_t port() const { return port_; }

 private:
  void MeasureLags() {
    for (size_t i = 0; i < loops_.size(); ++i) {
      lags_.push_back(std::make_unique<LoopLag>(
          loops_[i]->context(), kLagPeriod,
          [events = shared_.events, i](absl::Duration lag) {
            events->LoopRan(i, lag);
          }));
    }
  }

  // Each connection stays with one loop, the next with the next.
  void Accept() {
    next_ = (next_ + 1) % loops_.size();
    acceptor_.async_accept(loops_[next_]->context().get_executor(),
                           [this](error_code error, Connection::Socket socket) {
                             OnAccept(error, std::move(socket));
                           });
  }

  void OnAccept(error_code error, Connection::Socket socket) {
    if (!acceptor_.is_open()) {
      return;
    }
    if (error) {
      // Out of descriptors, most likely: a pause instead of a busy loop.
      pause_.expires_after(kPauseAfterAcceptFault);
      pause_.async_wait([this](error_code stopped) {
        if (!stopped && acceptor_.is_open()) {
          Accept();
        }
      });
      return;
    }
    error_code ignored;
    socket.set_option(tcp::no_delay(true), ignored);
    auto connection = std::make_shared<Connection>(std::move(socket), shared_);
    if (registry_.Add(connection)) {
      connection->Start();
    } else {
      shared_.events->ConnectionRefused();
    }
    Accept();
  }

  void StopListening() {
    absl::Notification stopped;
    net::dispatch(acceptor_.get_executor(), [this, &stopped] {
      error_code ignored;
      acceptor_.close(ignored);
      pause_.cancel();
      stopped.Notify();
    });
    stopped.WaitForNotification();
  }

  NoEdgeEvents no_events_;
  CurrentTls tls_;
  ConnectionRegistry registry_;
  SourceLimits sources_;
  SourcePlaces places_;
  Shared shared_;
  // Below what its handlers use: it is destroyed, and they with it, first.
  Loops loops_;
  size_t next_ = 0;
  tcp::acceptor acceptor_;
  net::steady_timer pause_;
  std::vector<std::unique_ptr<LoopLag>> lags_;  // by loop
  uint16_t port_ = 0;
};

absl::StatusOr<std::unique_ptr<HttpsEdge>> HttpsEdge::New(
    EdgeOptions options, issuance::RegistrarDesk* desk, Executor* executor,
    EdgeEvents* events, issuance::EnrollmentDesk* enrollment,
    issuance::PledgeDesk* pledges) {
  MASA_RETURN_IF_ERROR(CheckPaths(options.base_paths));
  MASA_ASSIGN_OR_RETURN(
      std::unique_ptr<TlsContext> tls,
      TlsContext::New(options.identities, options.client_certificate_required));
  Loops loops;
  for (int i = 0; i < options.threads || i == 0; ++i) {
    MASA_ASSIGN_OR_RETURN(loops.emplace_back(),
                          StartEventLoop(absl::StrCat("edge-", i), 1));
  }
  Shared shared;
  shared.options = std::move(options);
  shared.desk = desk;
  shared.enrollment = enrollment;
  shared.pledges = pledges;
  shared.executor = executor;
  shared.events = events;
  auto impl = std::make_unique<Impl>(std::move(tls), std::move(loops),
                                     std::move(shared));
  MASA_RETURN_IF_ERROR(impl->Listen());
  return std::unique_ptr<HttpsEdge>(new HttpsEdge(std::move(impl)));
}

HttpsEdge::HttpsEdge(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

HttpsEdge::~HttpsEdge() { Drain(absl::ZeroDuration()); }

uint16_t HttpsEdge::port() const { return impl_->port(); }

absl::Status HttpsEdge::UseIdentities(
    const std::vector<TlsIdentity>& identities) {
  return impl_->UseIdentities(identities);
}

bool HttpsEdge::Drain(absl::Duration grace) { return impl_->Drain(grace); }

}  // namespace masa::edge
