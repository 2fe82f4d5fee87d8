// What all stores ask of statuses that they keep: one place, so that they
// decide alike. Pure.
#ifndef STORAGE_STATUS_RULES_H_
#define STORAGE_STATUS_RULES_H_

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "storage/status_store.h"

namespace masa::storage {

// kInvalidArgument for more than kMostStatuses, for a serial number that is
// none of ours or twice there, and for a response without its question.
absl::Status CheckStatuses(absl::Span<const SignedStatus> statuses);

// Whether it still says what stands.
bool Holds(const SignedStatus& status, const IssuedCertificate& certificate);

}  // namespace masa::storage

#endif  // STORAGE_STATUS_RULES_H_
