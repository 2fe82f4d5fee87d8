// What the HTTPS face tells about itself, so that metrics and logs are made
// beside it and not inside it. Implementations are thread-safe and do not
// block: the face calls them on its I/O threads.
#ifndef SERVICES_OBSERVE_EDGE_EVENTS_H_
#define SERVICES_OBSERVE_EDGE_EVENTS_H_

#include <cstddef>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"

namespace masa {

// One request that was answered, or whose client left before the answer.
struct EdgeRequest {
  std::string request_id;
  std::string route;  // the resource's name, as requestvoucher; or "other"
  std::string host;   // lower case, without port; may be empty
  int http_status = 0;
  absl::Status status;      // whole, for the log: never shown outside
  absl::Duration duration;  // from the whole request to the written answer
};

class EdgeEvents {
 public:
  virtual ~EdgeEvents() = default;

  virtual void RequestFinished(const EdgeRequest& request) = 0;
  virtual void ConnectionOpened() = 0;
  virtual void ConnectionClosed() = 0;
  // Closed at once because the limit of connections is reached.
  virtual void ConnectionRefused() = 0;
  // `why` is the TLS library's word, or "timeout".
  virtual void HandshakeFailed(const std::string& why) = 0;
  // Loop `loop`, counted from 0, ran a timer this much later than it was due;
  // once a second.
  virtual void LoopRan(size_t loop, absl::Duration lag) = 0;
};

// Listens to nothing.
class NoEdgeEvents final : public EdgeEvents {
 public:
  void RequestFinished(const EdgeRequest& request) override {}
  void ConnectionOpened() override {}
  void ConnectionClosed() override {}
  void ConnectionRefused() override {}
  void HandshakeFailed(const std::string& why) override {}
  void LoopRan(size_t loop, absl::Duration lag) override {}
};

}  // namespace masa

#endif  // SERVICES_OBSERVE_EDGE_EVENTS_H_
