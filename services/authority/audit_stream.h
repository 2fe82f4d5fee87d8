// StreamAuditEvents of masa.v1.AuditService: the log from one place on. The
// next events are read when those before have gone out, so nothing is held for
// a reader that is slow; who follows is looked after twice a second.
#ifndef SERVICES_AUTHORITY_AUDIT_STREAM_H_
#define SERVICES_AUTHORITY_AUDIT_STREAM_H_

#include <atomic>

#include "proto/masa/v1/audit.pb.h"
#include "services/issuance/audit_desk.h"
#include "services/rpc/serve_unary.h"

namespace masa::authority {

// The streams of one server. Thread-safe.
class AuditStreams {
 public:
  // Serves one call. `desk`, what `serving` names, and this outlive the stream.
  // At most 100 at a time follow; kOverloaded for one more.
  grpc::ServerWriteReactor<masa::v1::StreamAuditEventsResponse>* Serve(
      grpc::CallbackServerContext* context, const rpc::Serving& serving,
      issuance::AuditDesk& desk,
      const masa::v1::StreamAuditEventsRequest& request);

  // From here on those who follow are sent away (kDraining), to come again.
  void Drain() { draining_ = true; }

 private:
  friend class AuditStream;

  std::atomic<bool> draining_{false};
  std::atomic<int> followers_{0};
};

}  // namespace masa::authority

#endif  // SERVICES_AUTHORITY_AUDIT_STREAM_H_
