#include "services/issuance/guard_logs.h"

#include <google/protobuf/struct.pb.h>
#include <google/protobuf/util/json_util.h>

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "services/issuance/mirror_log.h"
#include "services/status/macros.h"
#include "services/status/reason.h"
#include "services/transparency/log_name.h"

namespace masa::issuance {
namespace {

std::string PayloadOf(const AcceptedLoss& loss, const std::string& note) {
  google::protobuf::Struct fields;
  auto& values = *fields.mutable_fields();
  values["reason"].set_string_value(loss.reason);
  values["checkpoint"].set_string_value(note);
  std::string json;
  // Cannot fail: the fields are the texts set above.
  (void)google::protobuf::util::MessageToJsonString(fields, &json);
  return json;
}

}  // namespace

absl::Status GuardLogs::Accept(const RequestContext& context,
                               const std::string& tenant_id,
                               const transparency::NoteKey& key,
                               const absl::Status& broken) {
  MASA_ASSIGN_OR_RETURN(const auto note,
                        mirror_.Read(key.name, kCheckpointFile));
  const auto said = transparency::OpenCheckpoint(note.value_or(""), key);
  if (!said.ok()) {
    return broken;
  }
  const auto loss = std::find_if(
      accepted_.begin(), accepted_.end(), [&](const AcceptedLoss& one) {
        return one.tenant_id == tenant_id && one.checkpoint_size == said->size;
      });
  if (loss == accepted_.end()) {
    return Refuse(
        Reason::kMisconfigured,
        absl::StrCat(broken.message(),
                     "; restore a newer backup, or name the loss with its "
                     "reason in authority.audit.accepted_losses"));
  }
  storage::AuditEvent event;
  event.event_id = storage::NewEventId(clock_.Now());
  event.tenant_id = tenant_id;
  event.kind = storage::kAuditLossAccepted;
  event.at = clock_.Now();
  event.payload = PayloadOf(*loss, *note);
  // First: stopped in between, it is said twice, and not passed over.
  MASA_RETURN_IF_ERROR(sequence_.WriteEvent(context, event));
  return mirror_.SetAside(key.name, absl::StrCat("lost-", said->size));
}

absl::Status GuardLogs::CheckOne(const RequestContext& context,
                                 const std::string& tenant_id,
                                 const std::string& certificate_der) {
  MASA_ASSIGN_OR_RETURN(
      const transparency::NoteKey key,
      transparency::NoteKeyOf(transparency::OriginOf(terms_.origin, tenant_id),
                              certificate_der));
  const absl::Status checked =
      CheckMirror(context, log_, mirror_, tenant_id, key).status();
  return checked.ok() || ReasonOf(checked) != Reason::kMisconfigured
             ? checked
             : Accept(context, tenant_id, key, checked);
}

absl::Status GuardLogs::Check(const RequestContext& context,
                              const std::vector<std::string>& tenant_ids) {
  MASA_ASSIGN_OR_RETURN(const signing::KeyDescription description,
                        signer_.Describe(context, terms_.signing_key));
  MASA_RETURN_IF_ERROR(CheckOne(context, "", description.chain_der.front()));
  for (const std::string& tenant_id : tenant_ids) {
    MASA_RETURN_IF_ERROR(
        CheckOne(context, tenant_id, description.chain_der.front()));
  }
  return absl::OkStatus();
}

}  // namespace masa::issuance
