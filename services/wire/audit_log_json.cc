#include "services/wire/audit_log_json.h"

#include "services/wire/base64.h"
#include "services/wire/json_text.h"
#include "services/wire/rfc3339.h"
#include "services/wire/voucher.h"

namespace masa::wire {
namespace {

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
  out->push_back('}');
}

}  // namespace

std::string EncodeAuditLogJson(const std::vector<AuditLogEvent>& events) {
  std::string out = R"({"version":1,"events":[)";
  const char* separator = "";
  for (const AuditLogEvent& event : events) {
    out += separator;
    AppendEvent(event, &out);
    separator = ",";
  }
  out += "]}";
  return out;
}

}  // namespace masa::wire
