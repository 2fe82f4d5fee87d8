#include "services/masactl/history_pages.h"

#include "services/masactl/service.h"
#include "services/status/macros.h"

namespace masa::masactl {

absl::StatusOr<masa::v1::GetOwnershipHistoryResponse> ReadHistory(
    masa::v1::TransferService::Stub& stub, const masa::v1::DeviceKey& device) {
  masa::v1::GetOwnershipHistoryRequest request;
  *request.mutable_device() = device;
  masa::v1::GetOwnershipHistoryResponse all;
  do {
    grpc::ClientContext call;
    Prepare(&call);
    masa::v1::GetOwnershipHistoryResponse page;
    MASA_RETURN_IF_ERROR(
        StatusOf(stub.GetOwnershipHistory(&call, request, &page)));
    request.set_page_token(page.next_page_token());
    page.mutable_entries()->Swap(all.mutable_entries());
    page.mutable_entries()->MergeFrom(all.entries());
    all.Swap(&page);
  } while (!request.page_token().empty());
  return all;
}

}  // namespace masa::masactl
