#include "services/ownership/transfer_plans.h"

#include <set>

#include "services/status/field_faults.h"
#include "services/status/macros.h"
#include "services/status/reason.h"
#include "storage/audit_kinds.h"

namespace masa::ownership {
namespace {

using storage::Device;
using storage::DeviceState;
using storage::HoldState;
using storage::Transfer;
using storage::TransferDevice;
using storage::TransferState;

absl::Status DeviceUnknown() {
  return Refuse(Reason::kDeviceUnknown,
                "there is no such device, or it is not this organisation's");
}

absl::Status InTransfer() {
  return Refuse(Reason::kDeviceInTransfer,
                "the device is offered to another organisation; the offer must "
                "be answered or cancelled first");
}

absl::Status Blocked() {
  return Refuse(Reason::kDeviceBlocked,
                "the manufacturer has blocked or scrapped the device");
}

// Whether the giver may give the device away, as it is.
absl::Status CheckGivable(const Device& device, const std::string& giver) {
  if (giver.empty() || device.organization_id != giver) {
    return DeviceUnknown();
  }
  if (device.state == DeviceState::kInTransfer) {
    return InTransfer();
  }
  return device.state == DeviceState::kScrapped ? Blocked() : absl::OkStatus();
}

// The devices that `check` lets pass, each once, with one outcome for each.
std::vector<Device> Choose(FoundDevices devices,
                           absl::Status (*check)(const Device&,
                                                 const std::string&),
                           const std::string& giver,
                           std::vector<absl::Status>& outcomes) {
  std::vector<Device> chosen;
  std::set<std::string> seen;
  for (const absl::StatusOr<Device>& device : devices) {
    absl::Status outcome =
        device.ok() ? check(*device, giver) : device.status();
    if (!outcome.ok() && ReasonOf(outcome) == Reason::kDeviceUnknown) {
      outcome = DeviceUnknown();  // of unknown and foreign alike
    }
    if (outcome.ok() && !seen.insert(device->device_id).second) {
      outcome = Refuse(Reason::kInvalidArgument, "the device is named twice");
    }
    if (outcome.ok()) {
      chosen.push_back(*device);
    }
    outcomes.push_back(std::move(outcome));
  }
  return chosen;
}

absl::Status CheckOfferable(const Device& device, const std::string& giver) {
  MASA_RETURN_IF_ERROR(CheckGivable(device, giver));
  return device.state == DeviceState::kBlocked ? Blocked() : absl::OkStatus();
}

const char* EventOf(TransferState state) {
  switch (state) {
    case TransferState::kAccepted:
      return storage::kTransferAccepted;
    case TransferState::kRejected:
      return storage::kTransferRejected;
    case TransferState::kCancelled:
      return storage::kTransferCancelled;
    case TransferState::kExpired:
      return storage::kTransferExpired;
    case TransferState::kOffered:
      break;
  }
  return storage::kTransferOffered;
}

// Whether the device still waits for the end of this transfer.
absl::Status CheckHeld(const TransferDevice& held,
                       const absl::StatusOr<Device>& device,
                       const std::string& giver) {
  MASA_RETURN_IF_ERROR(device.status());
  if (device->device_id != held.device_id) {
    return DeviceUnknown();
  }
  if (device->state == DeviceState::kBlocked ||
      device->state == DeviceState::kScrapped) {
    return Blocked();
  }
  return held.hold == HoldState::kHeld && device->organization_id == giver &&
                 device->state == DeviceState::kInTransfer
             ? absl::OkStatus()
             : Refuse(Reason::kDeviceInTransfer,
                      "the device was changed after the offer; it must be "
                      "offered again");
}

// The device as the end of the transfer leaves it.
Device Ended(Device device, const Transfer& transfer,
             const TransferDevice& held, TransferState to) {
  ++device.version;
  if (to == TransferState::kAccepted) {
    device.organization_id = transfer.to_organization_id;
    // The giver's placement says nothing of the receiver's groups, nor its
    // purchase of who may have the device after the receiver.
    device.group_id.clear();
    device.details.sales_order.clear();
    device.state = DeviceState::kAllocated;
  } else {
    device.state = held.state_before;
  }
  return device;
}

}  // namespace

absl::Status CheckOfferTerms(const OfferTerms& terms) {
  constexpr absl::Duration kLongest = absl::Hours(24 * 366);
  if (terms.from_organization_id == terms.to_organization_id) {
    return RefuseFields(
        Reason::kInvalidArgument,
        {{"to_organization_id", "is whose devices they are already"}});
  }
  if (terms.expires_at <= terms.now) {
    return RefuseFields(Reason::kLifetimeInPast,
                        {{"expire_time", "is in the past"}});
  }
  return terms.expires_at - terms.now <= kLongest
             ? absl::OkStatus()
             : RefuseFields(Reason::kInvalidArgument,
                            {{"expire_time", "is more than a year from now"}});
}

TransferPlan PlanOffer(FoundDevices devices, const OfferTerms& terms) {
  TransferPlan plan;
  plan.change.tenant_id = terms.tenant_id;
  plan.change.device_kind = storage::kDeviceOffered;
  plan.change.transfer_kind = storage::kTransferOffered;
  Transfer& transfer = plan.change.transfer.emplace();
  transfer.tenant_id = terms.tenant_id;
  transfer.transfer_id = terms.transfer_id;
  transfer.from_organization_id = terms.from_organization_id;
  transfer.to_organization_id = terms.to_organization_id;
  transfer.keep_history = terms.keep_history;
  transfer.by_operator = terms.by_operator;
  transfer.offered_at = terms.now;
  transfer.expires_at = terms.expires_at;
  for (Device& device : Choose(devices, CheckOfferable,
                               terms.from_organization_id, plan.outcomes)) {
    transfer.devices.push_back({device.bucket, device.device_id,
                                device.serial_number, device.idevid_issuer,
                                device.state, HoldState::kHeld});
    device.state = DeviceState::kInTransfer;
    ++device.version;
    plan.change.devices.push_back(std::move(device));
  }
  return plan;
}

TransferPlan PlanEnd(const Transfer& transfer, FoundDevices devices,
                     TransferState to, bool overridden, absl::Time now) {
  const bool accepted = to == TransferState::kAccepted;
  TransferPlan plan;
  plan.change.tenant_id = transfer.tenant_id;
  plan.change.device_kind =
      accepted ? storage::kDeviceTransferred : storage::kDeviceKept;
  plan.change.transfer_kind = EventOf(to);
  plan.change.owner_change = overridden || transfer.by_operator
                                 ? storage::OwnerChange::kOverridden
                                 : storage::OwnerChange::kTransferred;
  plan.change.opens_past = transfer.keep_history;
  Transfer& ended = plan.change.transfer.emplace(transfer);
  ended.state = to;
  ended.ended_at = now;
  ++ended.version;
  for (size_t i = 0; i < ended.devices.size(); ++i) {
    TransferDevice& held = ended.devices[i];
    plan.outcomes.push_back(
        CheckHeld(held, devices[i], transfer.from_organization_id));
    if (!plan.outcomes.back().ok()) {
      held.hold = HoldState::kLost;
      continue;
    }
    plan.change.devices.push_back(Ended(*devices[i], transfer, held, to));
    held.hold = accepted ? HoldState::kMoved : HoldState::kReturned;
  }
  return plan;
}

TransferPlan PlanRelease(FoundDevices devices, const std::string& tenant_id,
                         const std::string& from_organization_id) {
  TransferPlan plan;
  plan.change.tenant_id = tenant_id;
  plan.change.device_kind = storage::kDeviceReleased;
  plan.change.owner_change = storage::OwnerChange::kReleased;
  for (Device& device :
       Choose(devices, CheckGivable, from_organization_id, plan.outcomes)) {
    device.organization_id.clear();
    device.group_id.clear();
    // Who gave it back, or knew the order, would else claim it again.
    device.details.sales_order.clear();
    if (device.state != DeviceState::kBlocked) {
      device.state = DeviceState::kReturned;
    }
    ++device.version;
    plan.change.devices.push_back(std::move(device));
  }
  return plan;
}

bool Administers(const storage::OrganizationTree& tree, const Actor& actor) {
  const bool is_own =
      actor.support || actor.account.organization_id == tree.id();
  return is_own && !tree.groups.empty() &&
         PowerIn(tree, actor, tree.id()) >= Power::kAdmin;
}

}  // namespace masa::ownership
