#include "services/status/reason.h"
#include "services/voucher/rules.h"

namespace masa::voucher {

absl::Status CheckSerialNumber(const wire::VoucherRequest& request,
                               const PledgeRequest& pledge) {
  const std::string& serial = request.leaves.serial_number;
  if (pledge.request.leaves.serial_number != serial) {
    return Refuse(Reason::kSerialMismatch,
                  "the serial-number of the registrar's and the pledge's "
                  "request differ");
  }
  if (pledge.idevid->subject_serial_number != serial) {
    return Refuse(Reason::kSerialMismatch,
                  "the serial-number is not the one in the subject of the "
                  "IDevID that signed the pledge's request");
  }
  return absl::OkStatus();
}

}  // namespace masa::voucher
