#include "services/issuance/audit_log_view.h"

namespace masa::issuance {
namespace {

wire::AuditLogEvent Shown(const storage::IssuedVoucher& event, uint64_t older,
                          const masa::v1::Product& product) {
  // AMB-10: RFC 8995's CDDL knows three values.
  const bool mapped = product.audit_maps_agent_proximity() &&
                      event.assertion == masa::v1::ASSERTION_AGENT_PROXIMITY;
  return {event.created_on, event.domain_id, event.nonce,
          mapped ? masa::v1::ASSERTION_LOGGED : event.assertion, older};
}

}  // namespace

wire::AuditLog ViewOf(const std::vector<storage::IssuedVoucher>& events,
                      const masa::v1::Product& product) {
  wire::AuditLog log;
  for (const storage::IssuedVoucher& event : events) {
    log.events.push_back(Shown(event, 0, product));
  }
  return log;
}

wire::AuditLog ViewOf(const storage::IssuanceSummary& summary,
                      const masa::v1::Product& product) {
  wire::AuditLog log;
  for (const auto& [newest, older] : summary.entries) {
    log.events.push_back(Shown(newest, older, product));
  }
  log.nonced_duplicates = summary.older_nonced;
  log.nonceless_duplicates = summary.older_nonceless;
  log.arbitrary = summary.unlisted;
  return log;
}

}  // namespace masa::issuance
