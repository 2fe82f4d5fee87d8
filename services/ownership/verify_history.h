// Whether a device's ownership history is what its signatures say, without
// trust in who keeps it. Pure.
#ifndef SERVICES_OWNERSHIP_VERIFY_HISTORY_H_
#define SERVICES_OWNERSHIP_VERIFY_HISTORY_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "services/verifier/verifier.h"
#include "storage/ownership_entry.h"

namespace masa::ownership {

// A signature over a batch's root, as it came.
struct RootClaim {
  std::string signed_root;  // the octets of wire/ownership_root.h
  std::string signature;    // in the algorithm of the first certificate's key
  std::vector<std::string> chain_der;  // signer first
  absl::Time signed_at;                // the keeper's word; nothing proves it
};

struct EntryClaim {
  storage::OwnershipEntry entry;
  uint32_t leaf_index = 0;
  std::vector<std::string> proof;  // 32 octets each, the nearest first
  std::optional<RootClaim> root;   // none: not signed yet
};

struct HistoryTerms {
  std::string tenant_id;
  std::string device_id;   // 16 octets
  std::string anchor_der;  // what signatures must chain to
  absl::Time now;
};

// What was found, in words for a person, and whether all holds.
struct HistoryFinding {
  std::vector<std::string> faults;  // each names its entry
  int signed_entries = 0;
  int unsigned_entries = 0;  // the newest ones may wait for their signature
  // The first number that was shown: entries before it were not.
  int32_t first_number = 0;

  bool holds() const { return faults.empty() && unsigned_entries == 0; }
};

// Holds each entry against the one before, its proof, its root's signature and
// that one's chain. An entry beyond the last cannot be missed by looking at
// those before it: who wants to know that there is none asks for the device's
// owner. The chain's dates are judged at signed_at.
HistoryFinding VerifyHistory(absl::Span<const EntryClaim> claims,
                             const HistoryTerms& terms,
                             const Verifier& verifier);

}  // namespace masa::ownership

#endif  // SERVICES_OWNERSHIP_VERIFY_HISTORY_H_
