#include "services/issuance/serve_keys.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/issuance/chain_rules.h"
#include "services/issuance/operators_only.h"
#include "services/issuance/repeats.h"
#include "services/signing/key_chain.h"
#include "services/status/field_faults.h"
#include "services/status/macros.h"
#include "services/status/reason.h"
#include "storage/audit_kinds.h"

namespace masa::issuance {
namespace {

using signing::KeyName;

// Of a key, whatever its number.
constexpr int32_t kNewest = -1;

absl::Status Unknown(const KeyName& name) {
  return Refuse(Reason::kKeyUnknown, absl::StrCat("there is no signing key ",
                                                  signing::NameOf(name)));
}

absl::Status NotNow(const KeyName& name, absl::string_view what) {
  return Refuse(Reason::kStateNotAllowed,
                absl::StrCat(CalledInRefusals(name), " ", what));
}

// The moment that was asked for, or the earliest.
absl::StatusOr<absl::Time> MomentOf(const std::optional<absl::Time>& asked,
                                    absl::Time now, const char* field) {
  // What a store can hold without loss, and people can mean.
  constexpr absl::Duration kFarthest = absl::Hours(24 * 366 * 10);
  const absl::Time moment = asked.value_or(now + kKeyNotice);
  if (moment < now + kKeyNotice || moment > now + kFarthest) {
    return AtField(Refuse(Reason::kInvalidArgument,
                          "the moment is at least 10 seconds ahead, so that "
                          "all replicas know it, and at most ten years"),
                   field);
  }
  return moment;
}

// That the configuration has for the key; empty: none.
std::vector<std::string> ChainOf(const std::vector<signing::KeySlot>& slots,
                                 const std::string& key) {
  for (const signing::KeySlot& slot : slots) {
    if (slot.name == key) {
      return slot.chain_der;
    }
  }
  return {};
}

// That the configuration has for the key; empty: it is not there any more.
std::vector<signing::Kind> KindsOf(const std::vector<signing::KeySlot>& slots,
                                   const std::string& key) {
  for (const signing::KeySlot& slot : slots) {
    if (slot.name == key) {
      return slot.kinds;
    }
  }
  return {};
}

// Version 0 of a key has no record while it is as the configuration has it.
storage::KeyVersion Configured(const signing::KeySlot& slot) {
  storage::KeyVersion version;
  version.key = slot.name;
  version.tenant_id = slot.tenant_id;
  version.chain_der = slot.chain_der;
  version.created_at = absl::UnixEpoch();
  return version;
}

}  // namespace

std::string CalledInRefusals(const KeyName& name) {
  return name.version == 0
             ? absl::StrCat("version 0 of signing key ", name.key)
             : absl::StrCat("signing key ", signing::NameOf(name));
}

absl::StatusOr<ServeKeys::State> ServeKeys::Read(
    const RequestContext& context, const identity::Principal& caller) {
  MASA_RETURN_IF_ERROR(CheckIsOperator(caller));
  State state;
  MASA_ASSIGN_OR_RETURN(state.slots, maker_.Slots(context, caller.tenant_id));
  MASA_ASSIGN_OR_RETURN(const auto stored, keys_.ReadKeys(context));
  std::vector<storage::KeyVersion> ours;
  for (const signing::KeySlot& slot : state.slots) {
    if (!slot.chain_der.empty()) {
      ours.push_back(Configured(slot));
    }
  }
  for (const storage::KeyVersion& version : stored) {
    if (version.tenant_id == caller.tenant_id) {
      ours.push_back(version);
      if (version.version == 0) {
        ours.back().chain_der = ChainOf(state.slots, version.key);
      }
    }
  }
  state.ring = signing::KeyRing(ours);
  return state;
}

KeyView ServeKeys::ViewOf(const State& state,
                          const storage::KeyVersion& record) const {
  const absl::Time now = tools_.clock.Now();
  KeyView view;
  view.record = record;
  view.state = signing::StateOf(record, now);
  const auto in_force = state.ring.InForce(record.key, now);
  view.in_force = in_force.ok() && in_force->version == record.version &&
                  view.state == signing::KeyState::kActive;
  // Version 0 is known by its chain alone.
  view.algorithm = signing::AlgorithmOfSpki(
      record.spki_der.empty()
          ? signing::SpkiOfChain(record.chain_der).value_or("")
          : record.spki_der);
  view.certificate_not_after = signing::NotAfterOf(record.chain_der);
  return view;
}

absl::StatusOr<std::vector<KeyView>> ServeKeys::List(
    const RequestContext& context, const identity::Principal& caller) {
  MASA_ASSIGN_OR_RETURN(const State state, Read(context, caller));
  std::vector<KeyView> views;
  for (const std::string& key : state.ring.Keys()) {
    for (const storage::KeyVersion& version : state.ring.VersionsOf(key)) {
      views.push_back(ViewOf(state, version));
    }
  }
  return views;
}

absl::StatusOr<storage::KeyVersion> ServeKeys::Find(const State& state,
                                                    const KeyName& name) const {
  const storage::KeyVersion* found = state.ring.Find(name);
  if (found == nullptr) {
    return Unknown(name);
  }
  return *found;
}

absl::StatusOr<KeyView> ServeKeys::Now(const RequestContext& context,
                                       const identity::Principal& caller,
                                       const KeyName& name) {
  MASA_ASSIGN_OR_RETURN(const State state, Read(context, caller));
  const auto versions = state.ring.VersionsOf(name.key);
  if (name.version < 0 && !versions.empty()) {
    return ViewOf(state, versions.back());
  }
  MASA_ASSIGN_OR_RETURN(const auto version, Find(state, name));
  return ViewOf(state, version);
}

absl::Status ServeKeys::Write(const RequestContext& context,
                              const identity::Principal& caller,
                              const storage::KeyChange& change,
                              const Once& once) {
  // What replicas read is five seconds old at most: what takes longer to be
  // written than this could be read too late, and is not written.
  constexpr absl::Duration kLongestWrite = absl::Seconds(4);
  const absl::Time now = tools_.clock.Now();
  RequestContext brief = context;
  brief.deadline = std::min(context.deadline, now + kLongestWrite);
  storage::KeyChange whole = change;
  whole.once = OrderOf(caller, once);
  return keys_.WriteKey(brief, caller.name, now, whole);
}

absl::StatusOr<KeyView> ServeKeys::MakeNext(const RequestContext& context,
                                            const identity::Principal& caller,
                                            const std::string& key,
                                            const char* kind, const Make& make,
                                            const Once& once) {
  // Numbers that a signer has used without a record, since an answer got lost.
  constexpr int kMostPassedOver = 16;
  constexpr int32_t kMostVersions = 1000;
  MASA_ASSIGN_OR_RETURN(const State state, Read(context, caller));
  const auto versions = state.ring.VersionsOf(key);
  KeyName name = {key, versions.empty() ? 0 : versions.back().version};
  absl::StatusOr<signing::KeyDescription> made;
  for (int i = 0; i < kMostPassedOver; ++i) {
    if (++name.version > kMostVersions) {
      return Refuse(Reason::kTooManyItems, "a key has at most 1000 versions");
    }
    made = make(name);
    if (made.ok() || ReasonOf(made.status()) != Reason::kStateNotAllowed) {
      break;
    }
  }
  MASA_RETURN_IF_ERROR(made.status());
  storage::KeyVersion version;
  version.key = key;
  version.version = name.version;
  version.tenant_id = caller.tenant_id;
  version.spki_der = made->spki_der;
  version.created_at = tools_.clock.Now();
  // If the process stops here the signer has a key that nobody uses.
  MASA_RETURN_IF_ERROR(Write(context, caller, {kind, version}, once));
  return Now(context, caller, name);
}

absl::StatusOr<KeyView> ServeKeys::Change(
    const RequestContext& context, const identity::Principal& caller,
    const KeyName& name, const Once& once,
    const std::function<absl::StatusOr<KeyView>()>& change) {
  MASA_RETURN_IF_ERROR(CheckIsOperator(caller));
  return MakeOnce<KeyView>(
      tools_.groups, context, caller, once,
      [&] { return Now(context, caller, name); }, change);
}

absl::StatusOr<KeyView> ServeKeys::Create(const RequestContext& context,
                                          const identity::Principal& caller,
                                          const std::string& key,
                                          SignatureAlgorithm algorithm,
                                          const Once& once) {
  return Change(context, caller, {key, kNewest}, once, [&] {
    return MakeNext(
        context, caller, key, storage::kKeyCreated,
        [&](const KeyName& name) {
          return maker_.Create(context, caller.tenant_id, name, algorithm);
        },
        once);
  });
}

absl::StatusOr<KeyView> ServeKeys::Import(
    const RequestContext& context, const identity::Principal& caller,
    const std::string& key, const std::string& encrypted_pkcs8_pem,
    const Once& once) {
  return Change(context, caller, {key, kNewest}, once, [&] {
    return MakeNext(
        context, caller, key, storage::kKeyImported,
        [&](const KeyName& name) {
          return maker_.Import(context, caller.tenant_id, name,
                               encrypted_pkcs8_pem);
        },
        once);
  });
}

absl::StatusOr<KeyView> ServeKeys::Activate(const RequestContext& context,
                                            const identity::Principal& caller,
                                            const Activation& activation,
                                            const Once& once) {
  return Change(context, caller, activation.name, once, [&] {
    return MakeActivation(context, caller, activation, once);
  });
}

absl::StatusOr<KeyView> ServeKeys::MakeActivation(
    const RequestContext& context, const identity::Principal& caller,
    const Activation& activation, const Once& once) {
  const KeyName& name = activation.name;
  MASA_ASSIGN_OR_RETURN(const State state, Read(context, caller));
  MASA_ASSIGN_OR_RETURN(storage::KeyVersion version, Find(state, name));
  if (name.version == 0 || version.not_before || version.retired_at) {
    return NotNow(name, "was activated or retired before; make a new version");
  }
  MASA_ASSIGN_OR_RETURN(
      version.not_before,
      MomentOf(activation.not_before, tools_.clock.Now(), "not_before"));
  version.chain_der = activation.chain_der;
  MASA_RETURN_IF_ERROR(CheckChain(context, state, version));
  MASA_RETURN_IF_ERROR(
      Try(context, signing::NameOf(name), version.spki_der).status());
  if (activation.validate_only) {
    return ViewOf(state, version);
  }
  MASA_RETURN_IF_ERROR(
      Write(context, caller, {storage::kKeyActivated, version}, once));
  return Now(context, caller, name);
}

absl::StatusOr<KeyView> ServeKeys::Retire(const RequestContext& context,
                                          const identity::Principal& caller,
                                          const Retirement& retirement,
                                          const Once& once) {
  return Change(context, caller, retirement.name, once, [&] {
    return MakeRetirement(context, caller, retirement, once);
  });
}

absl::StatusOr<KeyView> ServeKeys::MakeRetirement(
    const RequestContext& context, const identity::Principal& caller,
    const Retirement& retirement, const Once& once) {
  const KeyName& name = retirement.name;
  const absl::Time now = tools_.clock.Now();
  MASA_ASSIGN_OR_RETURN(const State state, Read(context, caller));
  MASA_ASSIGN_OR_RETURN(storage::KeyVersion version, Find(state, name));
  if (version.retired_at && *version.retired_at <= now) {
    return NotNow(name, "is retired");
  }
  MASA_ASSIGN_OR_RETURN(version.retired_at, MomentOf(retirement.at, now, "at"));
  std::vector<storage::KeyVersion> then = state.ring.VersionsOf(name.key);
  for (storage::KeyVersion& one : then) {
    one = one.version == version.version ? version : one;
  }
  const auto next =
      signing::KeyRing(then).InForce(name.key, *version.retired_at);
  const bool is_any = next.ok() && (next->version != 0 ||
                                    !ChainOf(state.slots, name.key).empty());
  if (!is_any && !retirement.last) {
    return NotNow(name,
                  "is the last that signs; activate another version first, or "
                  "say that it is the last");
  }
  if (name.version == 0) {
    version.chain_der.clear();  // stays where it is, with the signer
  }
  MASA_RETURN_IF_ERROR(
      Write(context, caller, {storage::kKeyRetired, version}, once));
  return Now(context, caller, name);
}

// As the version would be described once it signs.
absl::Status ServeKeys::CheckChain(const RequestContext& context,
                                   const State& state,
                                   const storage::KeyVersion& version) {
  absl::Status status =
      signing::CheckKeyChain(version.chain_der, version.spki_der,
                             *version.not_before, tools_.verifier);
  if (status.ok()) {
    MASA_ASSIGN_OR_RETURN(const masa::v1::Catalog catalog,
                          tools_.catalog.ReadPolicies(context));
    signing::KeyDescription key = {};
    key.name = signing::NameOf({version.key, version.version});
    key.chain_der = version.chain_der;
    key.kinds = KindsOf(state.slots, version.key);
    key.tenant_id = version.tenant_id;
    status = CheckChainServes(key, catalog);
  }
  if (status.ok()) {
    return status;
  }
  return AtField(ReasonOf(status) == Reason::kMisconfigured
                     ? Refuse(Reason::kInvalidArgument, status.message())
                     : status,
                 "chain_der");
}

}  // namespace masa::issuance
