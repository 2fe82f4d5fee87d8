#include "services/status/reason.h"
#include "services/voucher/rules.h"

namespace masa::voucher {

absl::Status CheckOwnership(const masa::v1::Product& product,
                            const storage::OwnershipStanding& standing,
                            bool renewal) {
  if (product.ownership() != masa::v1::OWNERSHIP_RULE_REQUIRED ||
      standing.is_owner || renewal) {
    return absl::OkStatus();
  }
  if (!standing.registered_domain) {
    return DeviceUnknown();
  }
  return standing.owner_recorded
             ? Refuse(Reason::kOwnerMismatch,
                      "the device belongs to another customer")
             : Refuse(Reason::kDeviceNotOwned,
                      "the device has no recorded owner yet; the manufacturer "
                      "assigns it when it is sold");
}

absl::Status CheckNonceless(const wire::VoucherRequest& request,
                            const masa::v1::Product& product,
                            const storage::OwnershipStanding& standing,
                            bool renewal) {
  if (request.leaves.nonce) {
    return absl::OkStatus();
  }
  if (product.nonceless() != masa::v1::NONCELESS_RULE_OWNER) {
    return Refuse(Reason::kNonceRequired,
                  "devices of this product get no vouchers without a nonce");
  }
  if (!standing.is_owner && !renewal) {
    return Refuse(Reason::kRegistrarUnknown,
                  "a voucher without a nonce is for the recorded owner's "
                  "registrar only");
  }
  return absl::OkStatus();
}

}  // namespace masa::voucher
