#include "services/issuance/count_refusals.h"

#include "gtest/gtest.h"
#include "services/testing/fake_clock.h"
#include "storage/memory/memory_audit_log.h"

namespace masa::issuance {
namespace {

// Refuses each call with the reason whose name is its body.
class Refuser final : public RegistrarDesk {
 public:
  void RequestVouchers(std::vector<PendingCall> calls) override {
    for (PendingCall& one : calls) {
      one.respond(AnswerTo(one.call));
    }
  }
  absl::StatusOr<RegistrarAnswer> RequestAuditLog(
      const RegistrarCall& call) override {
    return AnswerTo(call);
  }

 private:
  static absl::StatusOr<RegistrarAnswer> AnswerTo(const RegistrarCall& call) {
    int count = 0;
    const ReasonInfo* rows = AllReasons(&count);
    for (int i = 0; i < count; ++i) {
      if (rows[i].name == call.body) {
        return Refuse(rows[i].reason, "no");
      }
    }
    return RegistrarAnswer();
  }
};

class Refusals : public ::testing::Test {
 protected:
  Refusals() {
    for (const char* name : {"acme", "bolt"}) {
      auto* tenant = catalog_.add_tenants();
      tenant->set_tenant_id(name);
      tenant->add_host_names(std::string(name) + ".example");
    }
    catalog_.mutable_tenants(0)->set_is_default(true);
  }

  void Ask(const std::string& host, const std::string& reason) {
    RegistrarCall call;
    call.host = host;
    call.body = reason;
    (void)desk_.RequestVoucher(call);
  }

  // The tenant's events, as payloads, of what was written now.
  std::vector<std::string> Written(const std::string& tenant_id) {
    const auto rows = log_.ReadOutbox({}, {}, 1000);
    std::vector<std::string> payloads;
    for (const auto& row : *rows) {
      storage::DeviceEventsQuestion question;
      question.tenant_id = tenant_id;
      question.limit = 100;
      if (row.tenant_id == tenant_id) {
        const auto events = log_.ListOfDevice({}, question);
        for (const auto& event : *events) {
          payloads.push_back(event.payload);
        }
      }
    }
    return payloads;
  }

  Refuser refuser_;
  testing::FakeClock clock_{absl::FromUnixSeconds(1800000000)};
  CountRefusals desk_{refuser_, clock_};
  storage::MemoryAuditLog log_{[](const std::string&, const std::string&) {
    return storage::MemoryAuditLog::Owner();
  }};
  masa::v1::Catalog catalog_;
};

TEST_F(Refusals, AreOneEventForEachTenant) {
  Ask("acme.example", "OWNER_MISMATCH");
  Ask("", "OWNER_MISMATCH");
  Ask("acme.example", "DEVICE_UNKNOWN");
  Ask("bolt.example", "DEVICE_UNKNOWN");
  clock_.Advance(absl::Seconds(60));
  ASSERT_TRUE(desk_.Write({}, log_, catalog_).ok());
  ASSERT_EQ(Written("acme").size(), 1u);
  for (const char* part : {"\"from\":\"2027-01-15T08:00:00.000000Z\"",
                           "\"until\":\"2027-01-15T08:01:00.000000Z\"",
                           "\"DEVICE_UNKNOWN\":1", "\"OWNER_MISMATCH\":2"}) {
    EXPECT_NE(Written("acme")[0].find(part), std::string::npos)
        << part << " in " << Written("acme")[0];
  }
  EXPECT_EQ(Written("bolt").size(), 1u);
  EXPECT_TRUE(Written("").empty());
}

TEST_F(Refusals, WhatIsAnsweredOrNotPossibleNowIsNone) {
  for (const char* reason :
       {"", "STORE_UNAVAILABLE", "APPROVAL_PENDING", "INTERNAL"}) {
    Ask("acme.example", reason);
  }
  ASSERT_TRUE(desk_.Write({}, log_, catalog_).ok());
  EXPECT_EQ(*log_.CountWaiting({}), 0);
}

TEST_F(Refusals, AStrangersNamesDoNotFillTheLog) {
  for (int i = 0; i < 10'000; ++i) {
    Ask(std::to_string(i) + ".example", "TENANT_UNKNOWN");
  }
  ASSERT_TRUE(desk_.Write({}, log_, catalog_).ok());
  EXPECT_EQ(*log_.CountWaiting({}), 1);
  ASSERT_EQ(Written("").size(), 1u);
  EXPECT_NE(Written("")[0].find("\"TENANT_UNKNOWN\":10000"), std::string::npos)
      << Written("")[0];
}

TEST_F(Refusals, WhatCannotBeWrittenIsCountedOn) {
  Ask("acme.example", "OWNER_MISMATCH");
  log_.FailOnce(0, false);
  EXPECT_FALSE(desk_.Write({}, log_, catalog_).ok());
  Ask("acme.example", "OWNER_MISMATCH");
  ASSERT_TRUE(desk_.Write({}, log_, catalog_).ok());
  ASSERT_EQ(Written("acme").size(), 1u);
  EXPECT_NE(Written("acme")[0].find("\"OWNER_MISMATCH\":2"), std::string::npos);
}

}  // namespace
}  // namespace masa::issuance
