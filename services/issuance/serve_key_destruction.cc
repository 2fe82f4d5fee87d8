// The end of a key: two operators, and time between them to think better of it.
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/issuance/serve_keys.h"
#include "services/status/macros.h"
#include "services/status/reason.h"
#include "storage/audit_kinds.h"

namespace masa::issuance {
namespace {

absl::Status NotNow(const storage::KeyVersion& version,
                    absl::string_view what) {
  return Refuse(Reason::kStateNotAllowed,
                absl::StrCat(CalledInRefusals({version.key, version.version}),
                             " ", what));
}

absl::Status CheckIsOver(const storage::KeyVersion& version, absl::Time now) {
  if (version.version == 0) {
    return NotNow(version,
                  "is that of the signer's configuration; take it out there");
  }
  switch (signing::StateOf(version, now)) {
    case signing::KeyState::kRetired:
      return absl::OkStatus();
    case signing::KeyState::kDestroyed:
      return NotNow(version, "is destroyed");
    default:
      return NotNow(version, "is not retired; retire it first");
  }
}

// Whether it is being destroyed.
bool IsConfirmed(const storage::KeyVersion& version) {
  return version.destroy_asked_at.has_value() &&
         version.destroy_asked_by.empty();
}

// Whether `caller` may ask for it: without a name it would look confirmed.
absl::Status CheckMayAsk(const identity::Principal& caller) {
  return caller.name.empty()
             ? Refuse(Reason::kPermissionDenied,
                      "who asks for the end of a key has a name")
             : absl::OkStatus();
}

// Whether `caller` may confirm what somebody asked for.
absl::Status CheckMayConfirm(const storage::KeyVersion& version,
                             const identity::Principal& caller,
                             absl::Time now) {
  if (version.destroy_asked_by == caller.name) {
    return NotNow(version,
                  "is destroyed when another operator than you confirms it");
  }
  const absl::Time from = *version.destroy_asked_at + kDestructionCoolDown;
  return from <= now
             ? absl::OkStatus()
             : NotNow(version,
                      absl::StrCat("can be destroyed from ",
                                   absl::FormatTime(from, absl::UTCTimeZone()),
                                   " on"));
}

// What a call changes: the event, and the record as it shall stand.
storage::KeyChange Asked(storage::KeyVersion version,
                         const identity::Principal& caller, absl::Time now) {
  version.destroy_asked_at = now;
  version.destroy_asked_by = caller.name;
  return {storage::kKeyDestructionAsked, std::move(version)};
}

storage::KeyChange Confirmed(storage::KeyVersion version) {
  version.destroy_asked_by.clear();
  return {storage::kKeyDestructionConfirmed, std::move(version)};
}

storage::KeyChange Settled(const char* kind, storage::KeyVersion version) {
  version.destroy_asked_at.reset();
  version.destroy_asked_by.clear();
  return {kind, std::move(version)};
}

storage::KeyChange Destroyed(storage::KeyVersion version, absl::Time now) {
  version.destroyed_at = now;
  return Settled(storage::kKeyDestroyed, std::move(version));
}

}  // namespace

absl::StatusOr<storage::KeyChange> ServeKeys::PlanDestruction(
    const storage::KeyVersion& version, const identity::Principal& caller,
    bool withdraw) const {
  const absl::Time now = tools_.clock.Now();
  MASA_RETURN_IF_ERROR(CheckIsOver(version, now));
  if (withdraw) {
    if (!version.destroy_asked_at) {
      return NotNow(version, "is not asked to be destroyed");
    }
    return IsConfirmed(version)
               ? absl::StatusOr<storage::KeyChange>(
                     NotNow(version, "is being destroyed"))
               : Settled(storage::kKeyDestructionWithdrawn, version);
  }
  if (!version.destroy_asked_at) {
    MASA_RETURN_IF_ERROR(CheckMayAsk(caller));
    return Asked(version, caller, now);
  }
  if (IsConfirmed(version)) {
    return Destroyed(version, now);
  }
  MASA_RETURN_IF_ERROR(CheckMayConfirm(version, caller, now));
  return Confirmed(version);
}

absl::StatusOr<KeyView> ServeKeys::Destroy(const RequestContext& context,
                                           const identity::Principal& caller,
                                           const Destruction& destruction,
                                           const Once& once) {
  return Change(context, caller, destruction.name, once, [&] {
    return MakeDestruction(context, caller, destruction, once);
  });
}

absl::StatusOr<KeyView> ServeKeys::MakeDestruction(
    const RequestContext& context, const identity::Principal& caller,
    const Destruction& destruction, const Once& once) {
  const signing::KeyName& name = destruction.name;
  MASA_ASSIGN_OR_RETURN(const State state, Read(context, caller));
  MASA_ASSIGN_OR_RETURN(const storage::KeyVersion version, Find(state, name));
  MASA_ASSIGN_OR_RETURN(storage::KeyChange change,
                        PlanDestruction(version, caller, destruction.withdraw));
  if (destruction.validate_only) {
    return ViewOf(state, version);
  }
  if (IsConfirmed(change.after)) {
    // First, so that nobody is told that it was taken back while it goes. The
    // id of the request stands for the whole, which a repeat ends.
    MASA_RETURN_IF_ERROR(Write(context, caller, change, {}));
    ++change.after.revision;
    change = Destroyed(std::move(change.after), tools_.clock.Now());
  }
  if (change.after.destroyed_at) {
    // If the process stops behind this the record says that it is being
    // destroyed, and whoever calls again finds nothing to destroy.
    MASA_RETURN_IF_ERROR(maker_.Destroy(context, caller.tenant_id, name));
  }
  MASA_RETURN_IF_ERROR(Write(context, caller, change, once));
  return Now(context, caller, name);
}

}  // namespace masa::issuance
