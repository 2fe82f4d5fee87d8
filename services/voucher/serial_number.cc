#include "services/status/reason.h"
#include "services/voucher/rules.h"

namespace masa::voucher {

std::optional<std::string> SerialNumberOf(const wire::Certificate& idevid,
                                          const masa::v1::Product& product) {
  switch (product.serial_source()) {
    case masa::v1::SERIAL_SOURCE_HARDWARE_MODULE_NAME:
      return idevid->hardware_serial_number;
    case masa::v1::SERIAL_SOURCE_COMMON_NAME:
      return idevid->subject_common_name;
    default:
      return idevid->subject_serial_number;
  }
}

absl::Status CheckSerialNumber(const wire::VoucherRequest& request,
                               const PledgeRequest& pledge,
                               const masa::v1::Product& product) {
  const std::string& serial = request.leaves.serial_number;
  if (pledge.request.leaves.serial_number != serial) {
    return Refuse(Reason::kSerialMismatch,
                  "the serial-number of the registrar's and the pledge's "
                  "request differ");
  }
  if (SerialNumberOf(pledge.idevid, product) != serial) {
    return Refuse(Reason::kSerialMismatch,
                  "the serial-number is not the one in the IDevID that signed "
                  "the pledge's request");
  }
  return absl::OkStatus();
}

}  // namespace masa::voucher
