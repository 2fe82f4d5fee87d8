// What a caller's request id stands for after a call about several devices: the
// transfer and each device's outcome, as one text. Pure.
#ifndef SERVICES_ISSUANCE_TRANSFER_MEMO_H_
#define SERVICES_ISSUANCE_TRANSFER_MEMO_H_

#include <string>
#include <vector>

#include "absl/status/status.h"

namespace masa::issuance {

struct TransferMemo {
  std::string transfer_id;  // 16 octets, or empty
  std::vector<absl::Status> outcomes;
};

// The id in hexadecimal, then a line for each outcome: nothing, or the reason
// and its sentence.
std::string EncodeMemo(const TransferMemo& memo);
TransferMemo ParseMemo(const std::string& text);

}  // namespace masa::issuance

#endif  // SERVICES_ISSUANCE_TRANSFER_MEMO_H_
