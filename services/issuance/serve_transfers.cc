#include "services/issuance/serve_transfers.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/issuance/account_sights.h"
#include "services/issuance/check_ien.h"
#include "services/issuance/ids.h"
#include "services/issuance/operators_only.h"
#include "services/issuance/repeats.h"
#include "services/issuance/transfer_memo.h"
#include "services/ownership/group_plans.h"
#include "services/status/field_faults.h"
#include "services/status/macros.h"
#include "services/status/reason.h"

namespace masa::issuance {
namespace {

using ownership::Party;
using ownership::TransferAct;
using ownership::TransferPlan;
using storage::Device;
using storage::Transfer;

constexpr size_t kMostDevices = 1000;
constexpr int kMostPlans = 8;

ownership::Actor ActorOf(const GroupCall& call) {
  return ownership::ActorOf(call.caller, false);
}

bool IsOperator(const GroupCall& call) {
  return call.caller.role == identity::Role::kOperator;
}

absl::Status TransferUnknown() {
  return Refuse(Reason::kTransferUnknown,
                "there is no such transfer, or this account administers "
                "neither of its organisations");
}

absl::Status OrganizationUnknown() {
  return Refuse(Reason::kOrganizationUnknown,
                "there is no such organisation, or this account does not "
                "administer its root group");
}

// What a lookup says of one device, and not of the store.
bool IsAboutTheDevice(const absl::Status& status) {
  return ReasonOf(status) == Reason::kDeviceUnknown ||
         ReasonOf(status) == Reason::kDeviceAmbiguous ||
         ReasonOf(status) == Reason::kIenNotServed;
}

// What a repeat may be answered with as well.
bool IsFinal(const std::vector<absl::Status>& outcomes) {
  return std::none_of(outcomes.begin(), outcomes.end(), IsOfTheStore);
}

void Remember(const GroupCall& call, const TransferOutcome& outcome,
              storage::TransferChange& change) {
  change.once = {change.tenant_id, call.caller.name, call.once_id};
  change.once_digest = call.once_digest;
  change.result = EncodeMemo(
      {change.transfer ? change.transfer->transfer_id : std::string(),
       outcome.outcomes});
}

// Whether there is anything to change. An end counts without devices; what
// begins with none does not begin.
bool DropUnbegun(storage::TransferChange& change) {
  const bool ends = change.transfer && change.transfer->version > 1;
  if (change.devices.empty() && !ends) {
    change.transfer.reset();
  }
  return !change.devices.empty() || ends;
}

// As the store keeps it.
absl::Time ToMicros(absl::Time time) {
  return absl::FromUnixMicros(absl::ToUnixMicros(time));
}

}  // namespace

absl::Status ServeTransfers::CheckDeviceCount(size_t count, const char* field) {
  return count > 0 && count <= kMostDevices
             ? absl::OkStatus()
             : AtField(Refuse(Reason::kTooManyItems,
                              absl::StrCat("a call takes 1 to ", kMostDevices,
                                           " devices, not ", count)),
                       field);
}

absl::StatusOr<bool> ServeTransfers::Administers(
    const GroupCall& call, const std::string& organization_id) {
  MASA_ASSIGN_OR_RETURN(
      const auto trees,
      tools_.groups.ReadTrees(
          call.context,
          {call.caller.tenant_id, storage::TreeQuestion::By::kOrganization,
           organization_id}));
  return trees.empty() ? absl::StatusOr<bool>(OrganizationUnknown())
                       : ownership::Administers(trees.front(), ActorOf(call));
}

absl::Status ServeTransfers::CheckGiver(const GroupCall& call,
                                        const std::string& organization_id) {
  MASA_ASSIGN_OR_RETURN(const bool may, Administers(call, organization_id));
  return may ? absl::OkStatus() : OrganizationUnknown();
}

absl::StatusOr<Party> ServeTransfers::PartyOf(const GroupCall& call,
                                              const Transfer& transfer) {
  // Nobody is the party of an organisation that has gone since.
  const auto administers = [&](const std::string& id) {
    const absl::StatusOr<bool> may = Administers(call, id);
    return !may.ok() && ReasonOf(may.status()) == Reason::kOrganizationUnknown
               ? false
               : may;
  };
  Party party;
  MASA_ASSIGN_OR_RETURN(party.gives,
                        administers(transfer.from_organization_id));
  MASA_ASSIGN_OR_RETURN(party.receives,
                        administers(transfer.to_organization_id));
  return party;
}

absl::StatusOr<Transfer> ServeTransfers::FindFor(const GroupCall& call,
                                                 const std::string& transfer_id,
                                                 Party* party) {
  auto transfer =
      transfers_.FindTransfer(call.context, call.caller.tenant_id, transfer_id);
  if (!transfer.ok()) {
    return ReasonOf(transfer.status()) == Reason::kTransferUnknown
               ? TransferUnknown()
               : transfer.status();
  }
  MASA_ASSIGN_OR_RETURN(*party, PartyOf(call, *transfer));
  return party->is_any() ? std::move(transfer) : TransferUnknown();
}

ServeTransfers::FoundDevices ServeTransfers::FindEach(
    const RequestContext& context, const std::string& tenant_id,
    std::vector<storage::DeviceKey> keys) {
  std::vector<storage::DeviceQuestion> questions;
  for (storage::DeviceKey& key : keys) {
    key.tenant_id = tenant_id;
    questions.push_back({std::move(key), ""});
  }
  FoundDevices devices;
  for (auto& answer : tools_.devices.Find(context, questions)) {
    const absl::Status served = CheckIen(tools_.policies, context, tenant_id,
                                         questions[devices.size()].key.ien);
    devices.push_back(!served.ok()  ? absl::StatusOr<Device>(served)
                      : answer.ok() ? std::move(answer->device)
                                    : absl::StatusOr<Device>(answer.status()));
  }
  return devices;
}

absl::StatusOr<ServeTransfers::FoundDevices> ServeTransfers::Find(
    const RequestContext& context, const std::string& tenant_id,
    std::vector<storage::DeviceKey> keys) {
  FoundDevices devices = FindEach(context, tenant_id, std::move(keys));
  for (const absl::StatusOr<Device>& device : devices) {
    if (!device.ok() && !IsAboutTheDevice(device.status())) {
      return device.status();
    }
  }
  return devices;
}

absl::StatusOr<ServeTransfers::FoundDevices> ServeTransfers::FindNamed(
    const GroupCall& call, std::vector<storage::DeviceKey> keys) {
  MASA_ASSIGN_OR_RETURN(
      FoundDevices devices,
      Find(call.context, call.caller.tenant_id, std::move(keys)));
  for (absl::StatusOr<Device>& device : devices) {
    if (!device.ok()) {
      device = AsPublic(device.status(), call.caller);
    }
  }
  return devices;
}

absl::StatusOr<ServeTransfers::FoundDevices> ServeTransfers::DevicesOf(
    const RequestContext& context, const Transfer& transfer) {
  std::vector<storage::DeviceKey> keys;
  for (const storage::TransferDevice& device : transfer.devices) {
    keys.push_back({"", device.serial_number, device.idevid_issuer});
  }
  return Find(context, transfer.tenant_id, std::move(keys));
}

absl::StatusOr<std::optional<TransferOutcome>> ServeTransfers::Recall(
    const GroupCall& call) {
  std::optional<TransferOutcome> none;
  if (call.once_id.empty()) {
    return none;
  }
  MASA_ASSIGN_OR_RETURN(
      const auto known,
      tools_.groups.Recall(call.context, {call.caller.tenant_id,
                                          call.caller.name, call.once_id}));
  if (!known) {
    return none;
  }
  if (known->digest != call.once_digest) {
    return Refuse(Reason::kRequestIdReused,
                  "request_id was used for another change");
  }
  TransferMemo memo = ParseMemo(known->result);
  TransferOutcome outcome;
  outcome.outcomes = std::move(memo.outcomes);
  if (!memo.transfer_id.empty()) {
    MASA_ASSIGN_OR_RETURN(
        outcome.transfer,
        transfers_.FindTransfer(call.context, call.caller.tenant_id,
                                memo.transfer_id));
  }
  return std::optional<TransferOutcome>(std::move(outcome));
}

absl::StatusOr<TransferOutcome> ServeTransfers::Edit(const GroupCall& call,
                                                     const Plan& plan) {
  absl::Status status;
  for (int i = 0; i < kMostPlans; ++i) {
    MASA_ASSIGN_OR_RETURN(auto known, Recall(call));
    if (known) {
      return *std::move(known);
    }
    absl::StatusOr<TransferPlan> planned = plan();
    if (!planned.ok()) {
      return RecalledOr<TransferOutcome>(planned.status(),
                                         [&] { return Recall(call); });
    }
    storage::TransferChange& change = planned->change;
    const bool changes = DropUnbegun(change);
    TransferOutcome outcome{change.transfer, std::move(planned->outcomes)};
    const bool remembers = !call.once_id.empty() && IsFinal(outcome.outcomes);
    // That all was refused is an answer too, which an id stands for.
    if (call.validate_only || (!changes && !remembers)) {
      return outcome;
    }
    if (remembers) {
      Remember(call, outcome, change);
    }
    status = transfers_.Change(call.context, call.caller.name,
                               tools_.clock.Now(), change);
    if (status.ok()) {
      return outcome;
    }
    if (ReasonOf(status) != Reason::kStoreConflict) {
      break;
    }
  }
  return status;
}

absl::StatusOr<TransferOutcome> ServeTransfers::Offer(const GroupCall& call,
                                                      const OfferOrder& order) {
  constexpr absl::Duration kUsual = absl::Hours(24 * 30);
  MASA_RETURN_IF_ERROR(CheckDeviceCount(order.devices.size(), "devices"));
  const absl::Time now = tools_.clock.Now();
  ownership::OfferTerms terms;
  terms.tenant_id = call.caller.tenant_id;
  terms.transfer_id = NewId(now);
  terms.from_organization_id = order.from_organization_id.empty()
                                   ? call.caller.organization_id
                                   : order.from_organization_id;
  terms.to_organization_id = order.to_organization_id;
  terms.now = ToMicros(now);
  terms.expires_at = order.expires_at.value_or(terms.now + kUsual);
  terms.keep_history = order.keep_history;
  terms.by_operator = IsOperator(call);
  MASA_RETURN_IF_ERROR(CheckNamesOrganization(terms.from_organization_id,
                                              "from_organization_id"));
  MASA_RETURN_IF_ERROR(CheckGiver(call, terms.from_organization_id));
  MASA_RETURN_IF_ERROR(ownership::CheckOfferTerms(terms));
  MASA_RETURN_IF_ERROR(
      AtField(Administers(call, terms.to_organization_id).status(),
              "to_organization_id"));
  return Edit(call, [&]() -> absl::StatusOr<TransferPlan> {
    MASA_ASSIGN_OR_RETURN(const auto devices, FindNamed(call, order.devices));
    return ownership::PlanOffer(devices, terms);
  });
}

absl::StatusOr<TransferPlan> ServeTransfers::PlanEnd(
    const RequestContext& context, const Transfer& transfer, TransferAct act,
    const Party& party, bool overridden) {
  const absl::Time now = ToMicros(tools_.clock.Now());
  MASA_ASSIGN_OR_RETURN(const storage::TransferState to,
                        ownership::NextState(transfer, act, party, now));
  MASA_ASSIGN_OR_RETURN(const auto devices, DevicesOf(context, transfer));
  return ownership::PlanEnd(transfer, devices, to, overridden, now);
}

absl::StatusOr<TransferOutcome> ServeTransfers::End(
    const GroupCall& call, const std::string& transfer_id, TransferAct act,
    const std::optional<int64_t>& expected) {
  return Edit(call, [&]() -> absl::StatusOr<TransferPlan> {
    Party party;
    MASA_ASSIGN_OR_RETURN(const Transfer transfer,
                          FindFor(call, transfer_id, &party));
    if (expected && *expected != transfer.version) {
      return Refuse(Reason::kEtagMismatch,
                    "the transfer was changed meanwhile; read it again");
    }
    return PlanEnd(call.context, transfer, act, party, IsOperator(call));
  });
}

absl::StatusOr<Transfer> ServeTransfers::GetTransfer(
    const GroupCall& call, const std::string& transfer_id) {
  Party party;
  return FindFor(call, transfer_id, &party);
}

absl::StatusOr<std::vector<Transfer>> ServeTransfers::ListTransfers(
    const GroupCall& call, const std::string& organization_id,
    const std::string& after, int limit) {
  MASA_RETURN_IF_ERROR(
      CheckNamesOrganization(organization_id, "organization_id"));
  MASA_RETURN_IF_ERROR(CheckGiver(call, organization_id));
  return transfers_.ListTransfers(call.context, call.caller.tenant_id,
                                  organization_id, after, limit);
}

absl::StatusOr<TransferOutcome> ServeTransfers::Release(
    const GroupCall& call, const std::string& from_organization_id,
    const std::vector<storage::DeviceKey>& devices) {
  MASA_RETURN_IF_ERROR(CheckDeviceCount(devices.size(), "devices"));
  const std::string from = from_organization_id.empty()
                               ? call.caller.organization_id
                               : from_organization_id;
  MASA_RETURN_IF_ERROR(CheckNamesOrganization(from, "from_organization_id"));
  MASA_RETURN_IF_ERROR(CheckGiver(call, from));
  return Edit(call, [&]() -> absl::StatusOr<TransferPlan> {
    MASA_ASSIGN_OR_RETURN(const auto found, FindNamed(call, devices));
    return ownership::PlanRelease(found, call.caller.tenant_id, from);
  });
}

absl::StatusOr<int> ServeTransfers::ExpireOffers(const RequestContext& context,
                                                 int limit) {
  MASA_ASSIGN_OR_RETURN(
      const std::vector<Transfer> lapsed,
      transfers_.ListLapsed(context, tools_.clock.Now(), limit));
  Party clock;
  clock.is_clock = true;
  int ended = 0;
  for (const Transfer& listed : lapsed) {
    GroupCall call;
    call.context = context;
    call.caller.name = "masad";
    const auto outcome = Edit(call, [&]() -> absl::StatusOr<TransferPlan> {
      MASA_ASSIGN_OR_RETURN(const Transfer transfer,
                            transfers_.FindTransfer(context, listed.tenant_id,
                                                    listed.transfer_id));
      return PlanEnd(context, transfer, TransferAct::kExpire, clock, false);
    });
    // Another replica, or one of the parties, may have been first.
    if (outcome.ok()) {
      ++ended;
    } else if (ReasonOf(outcome.status()) != Reason::kTransferEnded) {
      return outcome.status();
    }
  }
  return ended;
}

}  // namespace masa::issuance
