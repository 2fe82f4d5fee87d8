// What a pledge tells of how it went: of a voucher (RFC 8995 section 5.7) or of
// an enrolment (section 5.9.4). Pure.
#ifndef SERVICES_WIRE_PLEDGE_STATUS_H_
#define SERVICES_WIRE_PLEDGE_STATUS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace masa::wire {

struct PledgeStatus {
  int32_t version = 0;
  bool success = false;
  std::string reason;        // at most 1,024 octets of UTF-8; may be empty
  std::string context_json;  // an object of at most 4,096 octets; or empty
  bool is_newer = false;     // of a version that is not known here
  // Names that mean nothing here: the first 8, each at most 64 octets.
  std::vector<std::string> unknown_keys;
};

// Names are lower case (erratum 6834). What is longer than it may be is cut
// (`reason`) or left out (`reason-context`). kMalformed for anything but one
// JSON object with version and status, for names that stand twice, and for
// values of other types.
absl::StatusOr<PledgeStatus> ParsePledgeStatus(absl::string_view json);

}  // namespace masa::wire

#endif  // SERVICES_WIRE_PLEDGE_STATUS_H_
