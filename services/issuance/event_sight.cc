#include "services/issuance/event_sight.h"

#include <google/protobuf/struct.pb.h>
#include <google/protobuf/util/json_util.h>

#include <string>

#include "services/ownership/group_access.h"
#include "storage/audit_kinds.h"

namespace masa::issuance {
namespace {

// Whose the device was after the change, as the event says.
std::string OwnerIn(const storage::LogEvent& event) {
  google::protobuf::Struct payload;
  // What is no object names nobody.
  if (!google::protobuf::util::JsonStringToMessage(event.payload, &payload)
           .ok()) {
    return "";
  }
  const auto owner = payload.fields().find("organization_id");
  return owner == payload.fields().end() ? "" : owner->second.string_value();
}

}  // namespace

bool EventSight::SeesOfDevice(const storage::LogEvent& event) const {
  return caller_.role == identity::Role::kOperator ||
         event.kind == storage::kVoucherIssued ||
         (!caller_.organization_id.empty() &&
          OwnerIn(event) == caller_.organization_id);
}

bool EventSight::Sees(const storage::LoggedEvent& logged) const {
  if (caller_.role == identity::Role::kOperator) {
    return true;
  }
  return tree_ && logged.event && !logged.organization_id.empty() &&
         logged.organization_id == caller_.organization_id &&
         ownership::CheckMay(
             *tree_, ownership::ActorOf(caller_, false),
             logged.group_id.empty() ? logged.organization_id : logged.group_id,
             ownership::Act::kSee)
             .ok() &&
         SeesOfDevice(*logged.event);
}

storage::LogEvent EventSight::Shown(storage::LogEvent event,
                                    absl::Time owned_since) const {
  if (caller_.role != identity::Role::kOperator &&
      event.kind == storage::kVoucherIssued && event.at < owned_since) {
    event.who = {};
  }
  return event;
}

bool Matches(const EventFilter& filter, const storage::LogEvent& event) {
  return event.at >= filter.from && event.at < filter.until &&
         (filter.kind.empty() || filter.kind == event.kind) &&
         (filter.actor.empty() || filter.actor == event.who.actor);
}

}  // namespace masa::issuance
