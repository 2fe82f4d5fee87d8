// What the log says of a change of policies: as it was before, and after.
#include <google/protobuf/struct.pb.h>
#include <google/protobuf/util/json_util.h>

#include <barrier>
#include <functional>
#include <map>
#include <optional>
#include <thread>
#include <utility>

#include "storage/contract/audit_log_contract.h"

namespace masa::storage {
namespace {

// The payloads of the catalog's own events that are not in its log yet, which
// they are put into. In the order of their ids, which is that of time.
std::vector<std::string> NewPayloads(AuditLog& log, AuditSequence& sequence,
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
  std::vector<std::string> payloads;
  const auto logged = log.ReadEntries({}, "", append.from, 1000);
  EXPECT_TRUE(logged.ok()) << logged.status();
  for (const LoggedEvent& one : *logged) {
    payloads.push_back(one.event ? one.event->payload : "");
  }
  return payloads;
}

std::string NewestPayload(AuditLog& log, AuditSequence& sequence,
                          const LogAppend& append) {
  const auto payloads = NewPayloads(log, sequence, append);
  return payloads.empty() ? "" : payloads.back();
}

// What a record was before a change, and what it became; nothing: it was not
// there.
using Step = std::pair<std::optional<std::string>, std::string>;

// The steps of `field` of the record of that name, of all events.
std::vector<Step> StepsOf(const std::vector<std::string>& payloads,
                          const std::string& record, const std::string& field) {
  std::vector<Step> steps;
  for (const std::string& payload : payloads) {
    google::protobuf::Struct event;
    EXPECT_TRUE(
        google::protobuf::util::JsonStringToMessage(payload, &event).ok());
    for (const auto& value :
         event.fields().at("changes").list_value().values()) {
      const auto& change = value.struct_value().fields();
      const auto text_of = [&](const char* when) {
        const auto& fields = change.at(when).struct_value().fields();
        return fields.at(field).ShortDebugString();
      };
      if (change.at("record").string_value() == record) {
        steps.emplace_back(change.contains("before")
                               ? std::optional(text_of("before"))
                               : std::nullopt,
                           text_of("after"));
      }
    }
  }
  return steps;
}

// They can be put one behind the other, the first without anything before it.
void ExpectOneChain(const std::vector<Step>& steps, size_t size) {
  EXPECT_EQ(steps.size(), size);
  std::map<std::optional<std::string>, std::string> after;
  for (const auto& [before, then] : steps) {
    EXPECT_TRUE(after.emplace(before, then).second)
        << "two came behind " << before.value_or("nothing");
  }
  std::optional<std::string> at;
  size_t passed = 0;
  for (auto found = after.find(at); found != after.end() && passed <= size;
       found = after.find(at), ++passed) {
    at = found->second;
  }
  EXPECT_EQ(passed, size);
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

constexpr int kWriters = 4, kRounds = 12;

// In each round all write at once what `change_of` says.
void WriteTogether(
    CatalogStore& catalog, absl::Time at,
    const std::function<masa::v1::Catalog(int writer, int round)>& change_of) {
  std::barrier together(kWriters);
  std::vector<std::thread> writers;
  for (int writer = 0; writer < kWriters; ++writer) {
    writers.emplace_back([&, writer] {
      for (int round = 0; round < kRounds; ++round) {
        together.arrive_and_wait();
        EXPECT_TRUE(
            catalog.Apply({}, "tester", at, change_of(writer, round)).ok());
      }
    });
  }
  for (std::thread& writer : writers) {
    writer.join();
  }
}

// Each finds what the one before it wrote, and only one finds nothing.
TEST_P(AuditLogContract, WhoWriteATenantAtOnceSayWhatWasReallyThere) {
  NewestPayload(audit_log(), sequence(), NextAppend(0));
  WriteTogether(catalog(), now_, [](int writer, int round) {
    masa::v1::Catalog change;
    auto* tenant = change.add_tenants();
    tenant->set_tenant_id("new");
    tenant->set_display_name(std::to_string(writer * kRounds + round));
    return change;
  });
  ExpectOneChain(StepsOf(NewPayloads(audit_log(), sequence(), NextAppend(0)),
                         "tenants/new", "displayName"),
                 kWriters * kRounds);
}

TEST_P(AuditLogContract, OfThoseWhoMakeAProductAtOnceOneFindsNone) {
  NewestPayload(audit_log(), sequence(), NextAppend(0));
  WriteTogether(catalog(), now_, [](int writer, int round) {
    masa::v1::Catalog change;
    auto* product = change.add_products();
    product->set_tenant_id("a");
    product->set_product_id("new" + std::to_string(round));
    product->set_signing_key(std::to_string(writer));
    return change;
  });
  const auto payloads = NewPayloads(audit_log(), sequence(), NextAppend(0));
  for (int round = 0; round < kRounds; ++round) {
    ExpectOneChain(StepsOf(payloads, "products/a/new" + std::to_string(round),
                           "signingKey"),
                   kWriters);
  }
}

TEST_P(AuditLogContract, WhoWriteACustomerAtOnceSayWhatWasReallyThere) {
  NewestPayload(audit_log(), sequence(), NextAppend(0));
  WriteTogether(catalog(), now_, [](int writer, int round) {
    masa::v1::Catalog change;
    auto* customer = change.add_organizations();
    customer->set_tenant_id("a");
    customer->set_organization_id("new" + std::to_string(round % 4));
    // So many passwords tell one write from another.
    for (int i = 0; i <= writer * kRounds + round; ++i) {
      customer->add_basic_credentials()->set_user("somebody");
    }
    return change;
  });
  const auto payloads = NewPayloads(audit_log(), sequence(), NextAppend(0));
  for (int i = 0; i < 4; ++i) {
    ExpectOneChain(StepsOf(payloads, "organizations/a/new" + std::to_string(i),
                           "basicCredentials"),
                   kWriters * kRounds / 4);
  }
}

}  // namespace
}  // namespace masa::storage
