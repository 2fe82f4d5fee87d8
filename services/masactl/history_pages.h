// A device's ownership history over gRPC, all pages in one.
#ifndef SERVICES_MASACTL_HISTORY_PAGES_H_
#define SERVICES_MASACTL_HISTORY_PAGES_H_

#include "absl/status/statusor.h"
#include "proto/masa/v1/transfer.grpc.pb.h"

namespace masa::masactl {

// The service's refusal as StatusOf has it.
absl::StatusOr<masa::v1::GetOwnershipHistoryResponse> ReadHistory(
    masa::v1::TransferService::Stub& stub, const masa::v1::DeviceKey& device);

}  // namespace masa::masactl

#endif  // SERVICES_MASACTL_HISTORY_PAGES_H_
