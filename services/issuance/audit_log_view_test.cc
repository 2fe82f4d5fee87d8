#include "services/issuance/audit_log_view.h"

#include <string>

#include "gtest/gtest.h"

namespace masa::issuance {
namespace {

// `count` events of `domain`, newest first, with a nonce or none.
void Add(int count, const std::string& domain, bool nonced,
         std::vector<storage::IssuedVoucher>* events) {
  for (int i = 0; i < count; ++i) {
    storage::IssuedVoucher event;
    event.domain_id = domain;
    event.created_on =
        absl::FromUnixSeconds(1'000'000 - static_cast<int>(events->size()));
    event.assertion = masa::v1::ASSERTION_LOGGED;
    if (nonced) {
      event.nonce = "nonce-" + std::to_string(i);
    }
    events->push_back(event);
  }
}

// AL-01, AL-15: a log of ordinary length is shown whole.
TEST(AuditLogView, ShowsAShortLogWhole) {
  std::vector<storage::IssuedVoucher> events;
  Add(8, "d", true, &events);
  const auto log = ViewOf(events, {}, 0);
  EXPECT_EQ(log.events.size(), 8u);
  EXPECT_EQ(log.nonced_duplicates + log.nonceless_duplicates + log.arbitrary,
            0u);
}

// AL-14, AL-16: the newest of each kind stays, the others are counted.
TEST(AuditLogView, ShortensToTheNewestOfEachDomain) {
  std::vector<storage::IssuedVoucher> events;
  Add(5, "d", true, &events);
  Add(3, "d", false, &events);
  const auto log = ViewOf(events, {}, 0, {7});
  ASSERT_EQ(log.events.size(), 2u);
  EXPECT_EQ(log.events[0].nonce, "nonce-0");
  EXPECT_EQ(log.events[0].truncated, 4u);
  EXPECT_FALSE(log.events[1].nonce.has_value());
  EXPECT_EQ(log.events[1].truncated, 2u);
  EXPECT_EQ(log.nonced_duplicates, 4u);
  EXPECT_EQ(log.nonceless_duplicates, 2u);
  EXPECT_EQ(log.arbitrary, 0u);
}

// AL-17: what is cut besides is counted, with what was never read.
TEST(AuditLogView, CountsWhatIsCut) {
  std::vector<storage::IssuedVoucher> events;
  for (int domain = 0; domain < 150; ++domain) {
    Add(1, "d" + std::to_string(domain), true, &events);
  }
  const auto log = ViewOf(events, {}, 7);
  EXPECT_EQ(log.events.size(), 100u);
  EXPECT_EQ(log.events[0].domain_id, "d0");
  EXPECT_EQ(log.arbitrary, 57u);
}

// PR-13, AMB-10: agent-proximity as it is, or mapped for readers of RFC 8995's
// three values.
TEST(AuditLogView, MapsAgentProximityWhereTheProductSaysSo) {
  std::vector<storage::IssuedVoucher> events;
  Add(1, "d", true, &events);
  events[0].assertion = masa::v1::ASSERTION_AGENT_PROXIMITY;
  masa::v1::Product product;
  EXPECT_EQ(ViewOf(events, product, 0).events[0].assertion,
            masa::v1::ASSERTION_AGENT_PROXIMITY);
  product.set_audit_maps_agent_proximity(true);
  EXPECT_EQ(ViewOf(events, product, 0).events[0].assertion,
            masa::v1::ASSERTION_LOGGED);
}

}  // namespace
}  // namespace masa::issuance
