#include "services/authority/audit_calls.h"

#include <algorithm>
#include <cctype>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "services/authority/convert.h"
#include "services/status/field_faults.h"
#include "services/status/macros.h"
#include "services/wire/checkpoint.h"
#include "services/wire/uuid_text.h"

namespace masa::authority {
namespace {

// A note's text stands before its first empty line.
constexpr char kEmptyLine[] = "\n\n";

// Absent: no bound.
absl::StatusOr<absl::Time> BoundOf(bool is_set,
                                   const google::protobuf::Timestamp& time,
                                   absl::Time otherwise,
                                   const std::string& field) {
  // 0001-01-01 to 9999-12-31, as the message's own definition has it.
  if (is_set &&
      (time.seconds() < -62'135'596'800 || time.seconds() > 253'402'300'799 ||
       time.nanos() < 0 || time.nanos() > 999'999'999)) {
    return RefuseFields(Reason::kInvalidArgument, {{field, "is no time"}});
  }
  return is_set ? TimeOf(time) : otherwise;
}

}  // namespace

masa::v1::AuditLogEntry EntryOf(const storage::IssuedVoucher& voucher) {
  masa::v1::AuditLogEntry entry;
  entry.set_event_id(wire::UuidTextOf(voucher.audit_event_id));
  *entry.mutable_at() = TimestampOf(voucher.created_on);
  entry.set_voucher_id(wire::UuidTextOf(voucher.voucher_id));
  entry.set_domain_id(voucher.domain_id);
  if (voucher.nonce) {
    entry.set_nonce(*voucher.nonce);
  }
  entry.set_assertion(voucher.assertion);
  entry.set_format(voucher.format);
  if (voucher.expires_on) {
    *entry.mutable_expires_on() = TimestampOf(*voucher.expires_on);
  }
  entry.set_actor(voucher.actor);
  entry.set_request_id(voucher.request_id);
  return entry;
}

masa::v1::AuditEvent MessageOf(const issuance::ListedEvent& listed) {
  masa::v1::AuditEvent message;
  message.set_event_id(wire::UuidTextOf(listed.entry.event_id));
  message.set_entry(listed.entry.commitment);
  if (listed.index) {
    message.set_log_index(*listed.index);
  }
  if (!listed.event) {
    return message;
  }
  const storage::LogEvent& event = *listed.event;
  *message.mutable_at() = TimestampOf(event.at);
  message.set_kind(event.kind);
  message.set_device_id(event.device_id);
  if (!event.voucher_id.empty()) {
    message.set_voucher_id(wire::UuidTextOf(event.voucher_id));
  }
  message.set_actor(event.who.actor);
  message.set_request_id(event.who.request_id);
  message.set_payload(event.payload);
  message.set_event(storage::CanonicalEvent(event));
  message.set_salt(event.salt);
  message.set_who_salt(event.who.salt);
  return message;
}

masa::v1::Checkpoint MessageOf(const storage::LogCheckpoint& checkpoint) {
  masa::v1::Checkpoint message;
  message.set_size(checkpoint.size);
  *message.mutable_at() = TimestampOf(checkpoint.at);
  message.set_signed_note(checkpoint.note);
  const auto said = wire::ParseCheckpoint(
      checkpoint.note.substr(0, checkpoint.note.find(kEmptyLine) + 1));
  if (said.ok()) {
    message.set_origin(said->origin);
    message.set_root_hash(said->root);
  }
  return message;
}

absl::StatusOr<issuance::EventFilter> FilterOf(
    const masa::v1::ListAuditEventsRequest& request) {
  issuance::EventFilter filter;
  if (request.has_device()) {
    MASA_ASSIGN_OR_RETURN(filter.device, KeyIn(request));
  }
  if (!request.event_id().empty()) {
    MASA_ASSIGN_OR_RETURN(filter.event_id,
                          OctetsOfUuid(request.event_id(), "event_id"));
  }
  filter.organization_id = request.organization_id();
  MASA_ASSIGN_OR_RETURN(filter.from, BoundOf(request.has_from(), request.from(),
                                             absl::InfinitePast(), "from"));
  MASA_ASSIGN_OR_RETURN(filter.until,
                        BoundOf(request.has_until(), request.until(),
                                absl::InfiniteFuture(), "until"));
  filter.kind = request.kind();
  filter.actor = request.actor();
  return filter;
}

absl::StatusOr<std::string> OctetsOfUuid(const std::string& text,
                                         const std::string& field) {
  const std::string hex = absl::StrReplaceAll(text, {{"-", ""}});
  const bool is_hex = std::all_of(hex.begin(), hex.end(), [](char c) {
    return std::isxdigit(static_cast<unsigned char>(c)) != 0;
  });
  return hex.size() == 32 && is_hex
             ? absl::StatusOr<std::string>(absl::HexStringToBytes(hex))
             : RefuseFields(Reason::kInvalidArgument,
                            {{field,
                              "is no UUID of 32 hexadecimal digits, as lists "
                              "show it"}});
}

}  // namespace masa::authority
