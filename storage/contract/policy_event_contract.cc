// What the log says of a change of policies: as it was before, and after.
#include "storage/contract/audit_log_contract.h"

namespace masa::storage {
namespace {

// The payload of the newest event of the catalog itself. Ids are in the order
// of time, so each is applied later than the one before.
std::string NewestPayload(AuditLog& log, AuditSequence& sequence,
                          LogAppend append) {
  append.tenant_id = "";
  append.from = log.ReadHead({}, "")->size;
  append.rows.clear();
  append.after.size = append.from;
  const auto rows = sequence.ReadOutbox({}, {}, 1000);
  EXPECT_TRUE(rows.ok()) << rows.status();
  for (const OutboxRow& row : *rows) {
    if (row.tenant_id.empty()) {
      append.rows.push_back(row);
      append.after.size += row.entries.size();
    }
  }
  EXPECT_TRUE(sequence.Append({}, append).ok());
  const auto logged = log.ReadEntries({}, "", append.after.size - 1, 1);
  return logged.ok() && logged->size() == 1 && logged->front().event
             ? logged->front().event->payload
             : "";
}

TEST_P(AuditLogContract, AChangeOfAPolicySaysHowItWasBeforeAndAfter) {
  masa::v1::Catalog change;
  auto* product = change.add_products();
  product->set_tenant_id("a");
  product->set_product_id("changed");
  product->set_signing_key("first");
  ASSERT_TRUE(catalog()
                  .Apply(context_, "tester", now_ + absl::Seconds(1), change)
                  .ok());
  std::string payload = NewestPayload(audit_log(), sequence(), NextAppend(0));
  EXPECT_NE(payload.find("\"record\":\"products/a/changed\""),
            std::string::npos)
      << payload;
  EXPECT_NE(payload.find("\"after\":"), std::string::npos) << payload;
  EXPECT_EQ(payload.find("\"before\":"), std::string::npos)
      << "there was none: " << payload;
  product->set_signing_key("second");
  ASSERT_TRUE(catalog()
                  .Apply(context_, "tester", now_ + absl::Seconds(2), change)
                  .ok());
  payload = NewestPayload(audit_log(), sequence(), NextAppend(0));
  const size_t before = payload.find("\"before\":{");
  const size_t after = payload.find("\"after\":{");
  ASSERT_NE(before, std::string::npos) << payload;
  ASSERT_NE(after, std::string::npos) << payload;
  EXPECT_NE(payload.find("\"first\"", before), std::string::npos) << payload;
  EXPECT_NE(payload.find("\"second\"", after), std::string::npos) << payload;
}

// Names of customers stay out of what stays for ever; what they may does not.
TEST_P(AuditLogContract, AChangeOfACustomerSaysWhatItMayAndNotWhoItIs) {
  masa::v1::Catalog change;
  auto* organization = change.add_organizations();
  organization->set_tenant_id("a");
  organization->set_organization_id("new");
  organization->set_display_name("A person's name");
  ASSERT_TRUE(catalog()
                  .Apply(context_, "tester", now_ + absl::Seconds(1), change)
                  .ok());
  const std::string payload =
      NewestPayload(audit_log(), sequence(), NextAppend(0));
  EXPECT_NE(payload.find("a/new"), std::string::npos) << payload;
  EXPECT_EQ(payload.find("person"), std::string::npos) << payload;
  EXPECT_EQ(payload.find("\"before\":"), std::string::npos) << payload;
  organization->set_nonceless_without_expiry(true);
  organization->add_basic_credentials()->set_user("a person");
  ASSERT_TRUE(catalog()
                  .Apply(context_, "tester", now_ + absl::Seconds(2), change)
                  .ok());
  const std::string changed =
      NewestPayload(audit_log(), sequence(), NextAppend(0));
  EXPECT_NE(changed.find("\"before\":{\"basicCredentials\":0}"),
            std::string::npos)
      << changed;
  // Members of an object have no order.
  for (const char* after : {"\"after\":{", "\"basicCredentials\":1",
                            "\"noncelessWithoutExpiry\":true"}) {
    EXPECT_NE(changed.find(after), std::string::npos) << after << changed;
  }
  EXPECT_EQ(changed.find("person"), std::string::npos) << changed;
}

}  // namespace
}  // namespace masa::storage
