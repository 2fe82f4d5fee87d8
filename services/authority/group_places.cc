// The call of GroupService that is about devices.
#include "services/authority/convert.h"
#include "services/authority/device_calls.h"
#include "services/authority/group_calls.h"
#include "services/authority/group_face.h"
#include "services/status/field_faults.h"
#include "services/status/macros.h"

namespace masa::authority {

using identity::Principal;

grpc::ServerUnaryReactor* GroupFace::PlaceDevices(
    grpc::CallbackServerContext* context,
    const masa::v1::PlaceDevicesRequest* request,
    masa::v1::PlaceDevicesResponse* response) {
  return rpc::ServeUnary(
      context, serving_, masa::v1::GroupService::service_full_name(),
      [=, this](const RequestContext& ours,
                const Principal& caller) -> absl::Status {
        FieldChecker check;
        check.Need("group_id", !request->group_id().empty());
        MASA_RETURN_IF_ERROR(check.Finish());
        MASA_ASSIGN_OR_RETURN(const auto keys, KeysOf(request->devices()));
        MASA_ASSIGN_OR_RETURN(issuance::GroupCall call,
                              ChangeOf(ours, caller, *request));
        call.validate_only = request->validate_only();
        MASA_ASSIGN_OR_RETURN(
            const auto outcome,
            transfers_.Place(call, keys, request->group_id()));
        FillOutcomes(outcome.outcomes, serving_,
                     masa::v1::GroupService::service_full_name(), ours,
                     response);
        return absl::OkStatus();
      });
}

}  // namespace masa::authority
