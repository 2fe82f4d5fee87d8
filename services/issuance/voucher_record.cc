#include "services/issuance/voucher_record.h"

#include "services/issuance/ids.h"
#include "services/voucher/product_policy.h"

namespace masa::issuance {

storage::IssuedVoucher RecordOf(const wire::Voucher& voucher,
                                const storage::Device& device,
                                const masa::v1::Product& product,
                                const voucher::Pin& pin, absl::Time now) {
  storage::IssuedVoucher issued;
  issued.voucher_id = NewId(now);
  issued.audit_event_id = NewId(now);
  issued.tenant_id = device.tenant_id;
  issued.device_id = device.device_id;
  issued.bucket = device.bucket;
  issued.assertion = voucher.assertion;
  issued.nonce = voucher.nonce;
  issued.created_on = voucher.created_on;
  issued.expires_on = voucher.expires_on;
  issued.domain_id = pin.DomainId();
  issued.pinned_spki_sha256 = pin.certificate->spki_sha256;
  issued.issuer_spki_sha256 = pin.issuer_spki_sha256;
  issued.device_version = device.version;
  issued.is_alone = voucher::LooksAtClaims(product);
  return issued;
}

}  // namespace masa::issuance
