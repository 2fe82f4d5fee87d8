#include "load-tests/hammer/samples.h"

#include "load-tests/hammer/calls.h"
#include "load-tests/minted_requests.h"
#include "proto/masa/v1/device.grpc.pb.h"
#include "proto/masa/v1/voucher.grpc.pb.h"

namespace masa::hammer {
namespace {

using masa::v1::OwnershipService;
using masa::v1::VoucherService;

void Require(const grpc::Status& status) {
  if (!status.ok()) {
    Fail("no sample of an answer: " + status.error_message());
  }
}

masa::v1::ResolveOwnershipsResponse Resolved(int count,
                                             const Workshop& workshop) {
  masa::v1::ResolveOwnershipsRequest request;
  for (int i = 0; i < count; ++i) {
    *request.add_requests() =
        workshop
            .questions()[static_cast<size_t>(i) % workshop.questions().size()];
  }
  grpc::ClientContext call;
  SetDeadline(call);
  masa::v1::ResolveOwnershipsResponse response;
  Require(OwnershipService::NewStub(workshop.Api(0))
              ->ResolveOwnerships(&call, request, &response));
  return response;
}

// Those that were issued for the first orders, once more.
masa::v1::IssueVouchersResponse Issued(int count, const Workshop& workshop) {
  masa::v1::IssueVouchersRequest request;
  for (int i = 0; i < count; ++i) {
    *request.add_requests() =
        OrderFor(workshop.orders_from() + i, workshop.pin_der());
  }
  grpc::ClientContext call;
  SetDeadline(call);
  masa::v1::IssueVouchersResponse response;
  Require(VoucherService::NewStub(workshop.Api(0))
              ->IssueVouchers(&call, request, &response));
  if (response.results_size() == 0 || !response.results(0).has_value()) {
    Fail("no voucher is there as a sample");
  }
  return response;
}

std::string ResolvedItem(const Workshop& workshop) {
  masa::v1::StreamResolveOwnershipResponse item;
  item.set_correlation_id("100");
  *item.mutable_value() = Resolved(1, workshop).results(0).value();
  return item.SerializeAsString();
}

Sample IssuedItem(const Workshop& workshop) {
  masa::v1::StreamIssueVouchersResponse item;
  item.set_correlation_id(SerialOf(workshop.orders_from()));
  *item.mutable_value() = Issued(1, workshop).results(0).value();
  return {item.SerializeAsString(), item.value()};
}

std::string Imported(const Work& work) {
  masa::v1::ImportDevicesResponse response;
  response.mutable_progress()->set_created(BatchOf(work));
  response.mutable_progress()->set_complete(true);
  return response.SerializeAsString();
}

}  // namespace

Sample TakeSample(const Work& work, const Workshop& workshop) {
  switch (work.kind()) {
    case Work::KIND_RESOLVE:
      return {Resolved(1, workshop).results(0).value().SerializeAsString(), {}};
    case Work::KIND_RESOLVE_MANY:
      return {Resolved(BatchOf(work), workshop).SerializeAsString(), {}};
    case Work::KIND_STREAM_RESOLVE:
      return {ResolvedItem(workshop), {}};
    case Work::KIND_ISSUE_MANY: {
      const auto issued = Issued(BatchOf(work), workshop);
      return {issued.SerializeAsString(), issued.results(0).value()};
    }
    case Work::KIND_STREAM_ISSUE:
      return IssuedItem(workshop);
    case Work::KIND_IMPORT:
      return {Imported(work), {}};
    default:
      Fail("a work has a kind");
  }
}

}  // namespace masa::hammer
