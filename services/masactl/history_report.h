// A device's ownership history as a person reads it, and what is wrong with it
// by the reader's own reckoning. Pure.
#ifndef SERVICES_MASACTL_HISTORY_REPORT_H_
#define SERVICES_MASACTL_HISTORY_REPORT_H_

#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "proto/masa/v1/transfer.pb.h"
#include "services/verifier/verifier.h"

namespace masa::masactl {

// What is said of a history without an entry.
inline constexpr char kNoEntry[] =
    "there is no entry: nobody has owned the device";

// What the reader asked for and trusts.
struct HistoryTrust {
  std::string serial_number;
  std::optional<std::string> idevid_issuer;  // none: whatever the answer says
  std::string anchor_der;
  absl::Time now;
};

struct HistoryReport {
  std::vector<std::string> faults;  // empty: the history holds
  std::vector<std::string> says;    // what holds, one sentence each
  // The only fault is that the newest entries are not signed yet.
  bool waits_for_signature = false;
};

// `history` has all pages in one.
HistoryReport Verify(const masa::v1::GetOwnershipHistoryResponse& history,
                     const HistoryTrust& trust, const Verifier& verifier);

// One line for each entry.
void Print(const masa::v1::GetOwnershipHistoryResponse& history,
           std::ostream& out);

}  // namespace masa::masactl

#endif  // SERVICES_MASACTL_HISTORY_REPORT_H_
