#include "services/status/reason.h"
#include "services/voucher/rules.h"

namespace masa::voucher {

absl::Status DeviceUnknown() {
  return Refuse(Reason::kDeviceUnknown,
                "this MASA knows no such device for this registrar; check the "
                "serial-number and the idevid-issuer");
}

absl::Status CheckDeviceState(const storage::Device& device) {
  switch (device.state) {
    case storage::DeviceState::kBlocked:
    case storage::DeviceState::kScrapped:
      return Refuse(Reason::kDeviceBlocked,
                    "the manufacturer issues no vouchers for this device");
    case storage::DeviceState::kInTransfer:
      return Refuse(Reason::kDeviceInTransfer,
                    "the device is on its way to another owner; its owner can "
                    "cancel the transfer, or the receiver accept it");
    case storage::DeviceState::kManufactured:
    case storage::DeviceState::kAllocated:
    case storage::DeviceState::kClaimed:
    case storage::DeviceState::kReturned:
      return absl::OkStatus();
  }
  return absl::OkStatus();
}

}  // namespace masa::voucher
