#include "services/rpc/call_end.h"

#include "services/rpc/status_codec.h"
#include "services/status/reason.h"

namespace masa::rpc {

bool IsOurFault(const absl::Status& status) {
  return !status.ok() && ReasonOf(status) == Reason::kInternal &&
         !absl::IsCancelled(status);
}

grpc::Status CallEnd::Tell(const absl::Status& status) const {
  if (status.ok()) {
    return grpc::Status::OK;
  }
  call_->AddTrailingMetadata(kRequestIdKey, request_id_);
  if (IsOurFault(status)) {
    gate_.TellFailed({service_, request_id_, traceparent_, status});
  }
  return ToGrpc(status);
}

}  // namespace masa::rpc
