// The stream of audit events, as several commands read it.
#ifndef SERVICES_MASACTL_AUDIT_STREAM_H_
#define SERVICES_MASACTL_AUDIT_STREAM_H_

#include <cstdint>
#include <functional>
#include <string>

#include "absl/status/status.h"
#include "proto/masa/v1/audit.pb.h"
#include "services/masactl/lasting_call.h"
#include "services/masactl/service.h"

namespace masa::masactl {

// One event on each line, JSON as the .proto file has it.
inline constexpr char kEventsFile[] = "events.jsonl";

// Calls `hear` with each message until it returns false, the events end, or
// `call` is stopped; over as many streams as that takes.
absl::Status StreamAudit(
    const CommonOptions& options, LastingCall& call, uint64_t from, bool follow,
    const std::function<bool(const masa::v1::StreamAuditEventsResponse&)>&
        hear);

std::string JsonLineOf(const masa::v1::AuditEvent& event);

}  // namespace masa::masactl

#endif  // SERVICES_MASACTL_AUDIT_STREAM_H_
