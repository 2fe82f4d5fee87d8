// The audit log of RFC 8995 section 5.8.1, version 1.
#ifndef SERVICES_WIRE_AUDIT_LOG_JSON_H_
#define SERVICES_WIRE_AUDIT_LOG_JSON_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "proto/masa/v1/policy.pb.h"

namespace masa::wire {

struct AuditLogEvent {
  absl::Time date;
  std::string domain_id;             // octets, written base64 once (PN-12)
  std::optional<std::string> nonce;  // null when absent (AL-12)
  masa::v1::Assertion assertion = masa::v1::ASSERTION_UNSPECIFIED;
};

// Encodes events, newest first, of which there is at least one (AL-09).
std::string EncodeAuditLogJson(const std::vector<AuditLogEvent>& events);

}  // namespace masa::wire

#endif  // SERVICES_WIRE_AUDIT_LOG_JSON_H_
