#include "services/wire/audit_log_json.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/wire/base64.h"
#include "services/wire/json_text.h"
#include "services/wire/rfc3339.h"
#include "services/wire/voucher.h"

namespace masa::wire {
namespace {

uint64_t Stuck(uint64_t count) {
  constexpr uint64_t kMost = 1024;
  return std::min(count, kMost);
}

void AppendEvent(const AuditLogEvent& event, std::string* out) {
  out->append(R"({"date":")");
  AppendRfc3339(event.date, out);
  out->append(R"(","domainID":")");
  AppendBase64(event.domain_id, out);
  out->append(R"(","nonce":)");
  if (event.nonce) {
    AppendJsonString(*event.nonce, out);
  } else {
    out->append("null");
  }
  out->append(R"(,"assertion":)");
  AppendJsonString(AssertionName(event.assertion), out);
  if (event.truncated > 0) {
    absl::StrAppend(out, ",\"truncated\":", Stuck(event.truncated));
  }
  out->push_back('}');
}

void AppendTruncation(const AuditLog& log, std::string* out) {
  const std::pair<const char*, uint64_t> counters[] = {
      {"nonced duplicates", log.nonced_duplicates},
      {"nonceless duplicates", log.nonceless_duplicates},
      {"arbitrary", log.arbitrary}};
  const char* separator = R"(,"truncation":{)";
  for (const auto& [name, count] : counters) {
    if (count > 0) {
      absl::StrAppend(out, separator, "\"", name, "\":", Stuck(count));
      separator = ",";
    }
  }
  if (*separator == ',' && separator[1] == '\0') {
    out->push_back('}');
  }
}

}  // namespace

std::string EncodeAuditLogJson(const AuditLog& log) {
  std::string out = R"({"version":1,"events":[)";
  const char* separator = "";
  for (const AuditLogEvent& event : log.events) {
    out += separator;
    AppendEvent(event, &out);
    separator = ",";
  }
  out += "]";
  AppendTruncation(log, &out);
  out += "}";
  return out;
}

}  // namespace masa::wire
