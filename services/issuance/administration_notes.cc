#include "services/issuance/administration_notes.h"

#include <google/protobuf/struct.pb.h>
#include <google/protobuf/util/json_util.h>

#include "services/status/macros.h"
#include "storage/audit_event.h"

namespace masa::issuance {
namespace {

std::string PayloadOf(const std::map<std::string, std::string>& details) {
  google::protobuf::Struct payload;
  for (const auto& [name, value] : details) {
    (*payload.mutable_fields())[name].set_string_value(value);
  }
  std::string json;
  // Cannot fail: values came out of protobuf's own strings, or out of ours.
  (void)google::protobuf::util::MessageToJsonString(payload, &json);
  return json;
}

}  // namespace

absl::StatusOr<std::string> AdministrationNotes::Write(
    const RequestContext& context, const identity::Principal& caller,
    const char* kind, const std::map<std::string, std::string>& details) {
  const absl::Time now = clock_.Now();
  storage::AuditEvent event;
  event.event_id = storage::NewEventId(now);
  event.tenant_id = caller.tenant_id;
  event.kind = kind;
  event.at = now;
  event.actor = caller.name;
  event.request_id = context.request_id;
  event.payload = PayloadOf(details);
  MASA_RETURN_IF_ERROR(events_.WriteEvent(context, event));
  return event.event_id;
}

}  // namespace masa::issuance
