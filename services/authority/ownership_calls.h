// Questions and answers of masa.v1.OwnershipService as the use case has them:
// what unary calls and streams share. Pure, but for statuses of items, of which
// the log may have to hear.
#ifndef SERVICES_AUTHORITY_OWNERSHIP_CALLS_H_
#define SERVICES_AUTHORITY_OWNERSHIP_CALLS_H_

#include <string>

#include "absl/status/statusor.h"
#include "google/rpc/status.pb.h"
#include "proto/masa/v1/device.pb.h"
#include "services/issuance/resolve_desk.h"
#include "services/rpc/item_faults.h"

namespace masa::authority {

// kInvalidArgument with each fault; `prefix` leads to the question's fields.
// What the store could not compare is refused here, alone, so that it spoils no
// look-up that it shares with others.
absl::StatusOr<issuance::OwnershipQuestion> QuestionOf(
    const masa::v1::ResolveOwnershipRequest& request,
    const std::string& prefix);

void Fill(const issuance::Ownership& ownership, bool want_pinned_cert,
          masa::v1::ResolveOwnershipResponse* response);

// As google.rpc.Status, with the reason. `faults` sees it.
void SetStatus(const absl::Status& status, rpc::ItemFaults& faults,
               google::rpc::Status* message);

}  // namespace masa::authority

#endif  // SERVICES_AUTHORITY_OWNERSHIP_CALLS_H_
