// What every implementation asks of a record before it is written, so that
// all of them refuse the same. Pure; thread-safe.
#ifndef STORAGE_RECORD_CHECKS_H_
#define STORAGE_RECORD_CHECKS_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "proto/masa/v1/policy.pb.h"
#include "storage/device.h"
#include "storage/issuance_log.h"

namespace masa::storage {

// True for UTF-8 without a zero octet: what a text column can hold.
bool IsStorableText(const std::string& text);

// Of C0, or DEL: what no string of a voucher may have (RFC 7950 section 9.4),
// nor a terminal that shows it.
bool HasControlCharacter(const std::string& text);

// kInvalidArgument when a name is empty or a text cannot be stored.
absl::Status CheckDevice(const Device& device);

// kInvalidArgument when a name is empty or a certificate does not parse.
absl::Status CheckCatalog(const masa::v1::Catalog& catalog);

// kStoreConflict when ids or hashes do not have their length, or a text cannot
// be stored: our own mistake, which must not take its neighbours along.
absl::Status CheckVoucher(const IssuedVoucher& voucher);

// SHA-256 of the subject public key info of a certificate; kCertMalformed.
absl::StatusOr<std::string> SpkiSha256Of(const std::string& certificate_der);

// Whether every store and every message can hold it: of years 1 to 9999.
bool IsStorableTime(absl::Time time);

// As a store keeps it.
absl::Time ToMicros(absl::Time time);

// kStoreConflict: a caller's own id stands for a change already.
absl::Status RequestIsKnown();

}  // namespace masa::storage

#endif  // STORAGE_RECORD_CHECKS_H_
