#include "storage/key_rules.h"

#include <google/protobuf/struct.pb.h>
#include <google/protobuf/util/json_util.h>

#include "absl/strings/escaping.h"
#include "openssl/sha.h"
#include "services/status/reason.h"
#include "storage/record_checks.h"

namespace masa::storage {
namespace {

std::string HashOf(const std::string& octets) {
  uint8_t hash[SHA256_DIGEST_LENGTH];
  SHA256(reinterpret_cast<const uint8_t*>(octets.data()), octets.size(), hash);
  return absl::BytesToHexString(
      absl::string_view(reinterpret_cast<const char*>(hash), sizeof(hash)));
}

std::string Text(absl::Time time) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%E*SZ", time, absl::UTCTimeZone());
}

google::protobuf::Struct Describe(const KeyVersion& version) {
  google::protobuf::Struct fields;
  auto& values = *fields.mutable_fields();
  values["key"].set_string_value(version.key);
  values["version"].set_number_value(version.version);
  values["spki_sha256"].set_string_value(HashOf(version.spki_der));
  if (!version.chain_der.empty()) {
    values["certificate_sha256"].set_string_value(
        HashOf(version.chain_der.front()));
  }
  if (version.not_before) {
    values["not_before"].set_string_value(Text(*version.not_before));
  }
  if (version.retired_at) {
    values["retired_at"].set_string_value(Text(*version.retired_at));
  }
  if (version.destroy_asked_at) {
    values["destroy_asked_at"].set_string_value(
        Text(*version.destroy_asked_at));
  }
  if (version.destroyed_at) {
    values["destroyed_at"].set_string_value(Text(*version.destroyed_at));
  }
  return fields;
}

}  // namespace

absl::Status CheckKeyVersion(const KeyVersion& version) {
  constexpr size_t kLongestName = 64;
  const bool is_named = !version.key.empty() && !version.tenant_id.empty() &&
                        version.key.size() <= kLongestName &&
                        IsStorableText(version.key) &&
                        IsStorableText(version.tenant_id) &&
                        IsStorableText(version.destroy_asked_by);
  if (!is_named || version.version < 0) {
    return Refuse(Reason::kInvalidArgument,
                  "a key version needs a name of at most 64 octets, a tenant "
                  "and a number");
  }
  size_t octets = 0;
  for (const std::string& der : version.chain_der) {
    octets += der.size();
  }
  if (octets > kMostChainOctets ||
      version.chain_der.size() > kMostChainLength) {
    return Refuse(Reason::kInvalidArgument,
                  "a chain has at most 8 certificates and 64 KiB");
  }
  return absl::OkStatus();
}

AuditEvent KeyEvent(const KeyChange& change,
                    const std::optional<KeyVersion>& before,
                    const std::string& actor, absl::Time at,
                    const std::string& request_id) {
  AuditEvent event;
  event.event_id = NewEventId(at);
  event.tenant_id = change.after.tenant_id;
  event.kind = change.kind;
  event.at = at;
  event.actor = actor;
  event.request_id = request_id;
  google::protobuf::Struct fields = Describe(change.after);
  if (before) {
    *(*fields.mutable_fields())["before"].mutable_struct_value() =
        Describe(*before);
  }
  // Cannot fail: numbers, and texts that were checked.
  (void)google::protobuf::util::MessageToJsonString(fields, &event.payload);
  return event;
}

absl::Status KeyHasChanged() {
  return Refuse(Reason::kEtagMismatch,
                "the key was changed meanwhile; look at it and try again");
}

KeyVersion AsStored(KeyVersion version) {
  version.created_at = ToMicros(version.created_at);
  for (auto* time : {&version.not_before, &version.retired_at,
                     &version.destroy_asked_at, &version.destroyed_at}) {
    if (time->has_value()) {
      *time = ToMicros(**time);
    }
  }
  ++version.revision;
  return version;
}

}  // namespace masa::storage
