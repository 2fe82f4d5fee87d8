// Faults of ours in the items of one call. The call itself ends well, and whose
// item it was hears "internal" alone, so that the log has to have the rest.
#ifndef SERVICES_RPC_ITEM_FAULTS_H_
#define SERVICES_RPC_ITEM_FAULTS_H_

#include <atomic>
#include <cstdint>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "services/observe/request_context.h"
#include "services/rpc/gate.h"

namespace masa::rpc {

// Thread-safe.
class ItemFaults {
 public:
  // `gate` outlives this; of `context` the ids are kept.
  ItemFaults(const Gate& gate, std::string service,
             const RequestContext& context)
      : gate_(gate),
        service_(std::move(service)),
        request_id_(context.request_id),
        traceparent_(context.traceparent) {}

  // What an item ended with. Of those that say INTERNAL the gate's listener is
  // told the first, the second, the fourth, the eighth and so on: a call all of
  // whose items fail alike does not flood the log.
  void See(const absl::Status& status);

 private:
  const Gate& gate_;
  const std::string service_;
  const std::string request_id_;
  const std::string traceparent_;
  std::atomic<uint64_t> faults_{0};
};

}  // namespace masa::rpc

#endif  // SERVICES_RPC_ITEM_FAULTS_H_
