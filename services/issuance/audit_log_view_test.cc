#include "services/issuance/audit_log_view.h"

#include <string>

#include "gtest/gtest.h"

namespace masa::issuance {
namespace {

storage::IssuedVoucher Event(const std::string& domain, bool nonced) {
  storage::IssuedVoucher event;
  event.domain_id = domain;
  event.created_on = absl::FromUnixSeconds(1'000'000);
  event.assertion = masa::v1::ASSERTION_LOGGED;
  if (nonced) {
    event.nonce = "nonce";
  }
  return event;
}

// AL-01, AL-15: a log of ordinary length is shown whole.
TEST(AuditLogView, ShowsAShortLogWhole) {
  const auto log =
      ViewOf(std::vector<storage::IssuedVoucher>(8, Event("d", true)), {});
  EXPECT_EQ(log.events.size(), 8u);
  EXPECT_EQ(log.events[7].domain_id, "d");
  EXPECT_EQ(log.events[7].nonce, "nonce");
  EXPECT_EQ(log.events[7].truncated, 0u);
  EXPECT_EQ(log.nonced_duplicates + log.nonceless_duplicates + log.arbitrary,
            0u);
}

// AL-14, AL-16, AL-17: what is left out is counted, beside its like and in all.
TEST(AuditLogView, CountsWhatIsCut) {
  storage::IssuanceSummary summary;
  summary.entries = {{Event("d", true), 4}, {Event("d", false), 2}};
  summary.older_nonced = 5;
  summary.older_nonceless = 3;
  summary.unlisted = 57;
  const auto log = ViewOf(summary, {});
  ASSERT_EQ(log.events.size(), 2u);
  EXPECT_EQ(log.events[0].nonce, "nonce");
  EXPECT_EQ(log.events[0].truncated, 4u);
  EXPECT_FALSE(log.events[1].nonce.has_value());
  EXPECT_EQ(log.events[1].truncated, 2u);
  EXPECT_EQ(log.nonced_duplicates, 5u);
  EXPECT_EQ(log.nonceless_duplicates, 3u);
  EXPECT_EQ(log.arbitrary, 57u);
}

// PR-13, AMB-10: agent-proximity as it is, or mapped for readers of RFC 8995's
// three values.
TEST(AuditLogView, MapsAgentProximityWhereTheProductSaysSo) {
  std::vector<storage::IssuedVoucher> events = {Event("d", true)};
  events[0].assertion = masa::v1::ASSERTION_AGENT_PROXIMITY;
  masa::v1::Product product;
  EXPECT_EQ(ViewOf(events, product).events[0].assertion,
            masa::v1::ASSERTION_AGENT_PROXIMITY);
  product.set_audit_maps_agent_proximity(true);
  EXPECT_EQ(ViewOf(events, product).events[0].assertion,
            masa::v1::ASSERTION_LOGGED);
  EXPECT_EQ(ViewOf({{{events[0], 1}}, 1, 0, 0}, product).events[0].assertion,
            masa::v1::ASSERTION_LOGGED);
}

}  // namespace
}  // namespace masa::issuance
