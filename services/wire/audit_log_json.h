// The audit log of RFC 8995 section 5.8.1, version 1.
#ifndef SERVICES_WIRE_AUDIT_LOG_JSON_H_
#define SERVICES_WIRE_AUDIT_LOG_JSON_H_

#include <cstdint>
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
  uint64_t truncated = 0;  // omitted events like it (AL-14)
};

struct AuditLog {
  std::vector<AuditLogEvent> events;  // newest first, at least one (AL-09)
  // What was left out (AL-15).
  uint64_t nonced_duplicates = 0;
  uint64_t nonceless_duplicates = 0;
  uint64_t arbitrary = 0;
};

// Counters of zero are not written; others stick at 1024 (AL-18).
std::string EncodeAuditLogJson(const AuditLog& log);

}  // namespace masa::wire

#endif  // SERVICES_WIRE_AUDIT_LOG_JSON_H_
