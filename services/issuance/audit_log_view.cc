#include "services/issuance/audit_log_view.h"

#include <map>
#include <string>
#include <utility>

namespace masa::issuance {
namespace {

wire::AuditLogEvent Shown(const storage::IssuedVoucher& event,
                          const masa::v1::Product& product) {
  // AMB-10: RFC 8995's CDDL knows three values.
  const bool mapped = product.audit_maps_agent_proximity() &&
                      event.assertion == masa::v1::ASSERTION_AGENT_PROXIMITY;
  return {event.created_on, event.domain_id, event.nonce,
          mapped ? masa::v1::ASSERTION_LOGGED : event.assertion, 0};
}

// Keeps the newest of each domain with and without nonce.
void DropDuplicates(wire::AuditLog* log) {
  std::vector<wire::AuditLogEvent> kept;
  std::map<std::pair<std::string, bool>, size_t> places;
  for (wire::AuditLogEvent& event : log->events) {
    const bool nonced = event.nonce.has_value();
    const auto [place, first] =
        places.emplace(std::pair(event.domain_id, nonced), kept.size());
    if (first) {
      kept.push_back(std::move(event));
      continue;
    }
    ++kept[place->second].truncated;
    ++(nonced ? log->nonced_duplicates : log->nonceless_duplicates);
  }
  log->events = std::move(kept);
}

}  // namespace

wire::AuditLog ViewOf(const std::vector<storage::IssuedVoucher>& events,
                      const masa::v1::Product& product, uint64_t unread,
                      const AuditLogLimits& limits) {
  wire::AuditLog log;
  log.arbitrary = unread;
  for (const storage::IssuedVoucher& event : events) {
    log.events.push_back(Shown(event, product));
  }
  if (log.events.size() > limits.most_events) {
    DropDuplicates(&log);
  }
  if (log.events.size() > limits.most_events) {
    log.arbitrary += log.events.size() - limits.most_events;
    log.events.resize(limits.most_events);
  }
  return log;
}

}  // namespace masa::issuance
