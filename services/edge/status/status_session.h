// One connection of the status port: reads, answers, again. Lives in its own
// handlers, on the one thread of its loop. StatusServer's own.
#ifndef SERVICES_EDGE_STATUS_STATUS_SESSION_H_
#define SERVICES_EDGE_STATUS_STATUS_SESSION_H_

#include <atomic>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core.hpp>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#pragma GCC diagnostic push
#if !defined(__clang__)
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif
#include <boost/beast/http.hpp>
#pragma GCC diagnostic pop

#include "absl/synchronization/mutex.h"
#include "services/edge/source_places.h"
#include "services/edge/status/status_cache.h"
#include "services/edge/status/status_routes.h"
#include "services/edge/status/status_server.h"

namespace masa::edge {

// What all sessions share; outlives them.
struct StatusShared {
  StatusShared(StatusOptions with, issuance::StatusDesk& to, Executor& on,
               const Clock& by)
      : options(std::move(with)),
        desk(to),
        executor(on),
        clock(by),
        places(options.source_connections),
        cache(by, options.kept, options.most_kept) {}

  const StatusOptions options;
  issuance::StatusDesk& desk;
  Executor& executor;
  const Clock& clock;
  SourcePlaces places;
  StatusCache cache;
  std::atomic<size_t> open{0};  // connections
  // Calls of the desk that are under way: the server waits for their end.
  absl::Mutex mutex;
  int calls ABSL_GUARDED_BY(mutex) = 0;
};

class StatusSession final : public std::enable_shared_from_this<StatusSession> {
 public:
  StatusSession(boost::asio::ip::tcp::socket socket, SourcePlaces::Place place,
                StatusShared& shared);
  ~StatusSession();
  StatusSession(const StatusSession&) = delete;
  StatusSession& operator=(const StatusSession&) = delete;

  void Read();

 private:
  using Request = boost::beast::http::request<boost::beast::http::string_body>;
  using Response =
      boost::beast::http::response<boost::beast::http::string_body>;

  void Handle();
  void AskDesk(StatusQuestion question, std::string key);
  void OnDesk(const StatusQuestion& question, const std::string& key,
              absl::StatusOr<issuance::StatusAnswer> answer);
  void Say(const StatusQuestion& question, const std::string& der);
  // `allow`: the methods, with 405 alone (RFC 9110 section 15.5.6).
  void Refuse(unsigned status, const std::string& sentence,
              const char* allow = "");
  void Write(Response response);

  const SourcePlaces::Place place_;
  boost::beast::tcp_stream stream_;
  StatusShared& shared_;
  boost::beast::flat_buffer buffer_;  // bounded
  std::optional<
      boost::beast::http::request_parser<boost::beast::http::string_body>>
      parser_;
  Response response_;
  std::string host_;
  bool keep_alive_ = false;
  bool is_head_ = false;
};

}  // namespace masa::edge

#endif  // SERVICES_EDGE_STATUS_STATUS_SESSION_H_
