// A voucher as it leaves towards a pledge, and as it was stored. Pure.
#ifndef SERVICES_WIRE_PLEDGE_ARTIFACT_H_
#define SERVICES_WIRE_PLEDGE_ARTIFACT_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "services/wire/voucher.h"

namespace masa::wire {

// CR-30: the COSE_Sign1 with an empty unprotected header; its signature covers
// the same as before. kMalformed for what is no COSE_Sign1.
absl::StatusOr<std::string> WithoutUnprotected(absl::string_view cose);

// The data of an artifact that we signed; its signature is not looked at.
absl::StatusOr<Voucher> ReadVoucher(masa::v1::Format format,
                                    absl::string_view artifact);

}  // namespace masa::wire

#endif  // SERVICES_WIRE_PLEDGE_ARTIFACT_H_
