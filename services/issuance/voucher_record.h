// What is stored of a voucher with its audit event, as far as the voucher and
// its device say it. The caller adds who asked and how.
#ifndef SERVICES_ISSUANCE_VOUCHER_RECORD_H_
#define SERVICES_ISSUANCE_VOUCHER_RECORD_H_

#include "services/voucher/case.h"
#include "services/wire/voucher.h"
#include "storage/device_store.h"
#include "storage/issuance_log.h"

namespace masa::issuance {

// With new ids; without artifact, request digest, signing key, actor, request
// id. It hangs on the device as it was given here, and on no other voucher of
// it being first where rules of its product look at these.
storage::IssuedVoucher RecordOf(const wire::Voucher& voucher,
                                const storage::Device& device,
                                const masa::v1::Product& product,
                                const voucher::Pin& pin, absl::Time now);

}  // namespace masa::issuance

#endif  // SERVICES_ISSUANCE_VOUCHER_RECORD_H_
