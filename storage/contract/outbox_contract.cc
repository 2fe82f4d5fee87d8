// What waits of one tenant stands in no other's way.
#include <algorithm>

#include "storage/contract/audit_log_contract.h"

namespace masa::storage {
namespace {

TEST_P(AuditLogContract, WhatWaitsIsReadWithoutThatOfSomeTenants) {
  IssueSome(3);
  ImportOne(MakeDevice("b", "S1"));
  ImportOne(MakeDevice("b", "S2"));
  const auto all = sequence().ReadOutbox(context_, {}, 1000);
  ASSERT_TRUE(all.ok()) << all.status();
  for (const std::vector<std::string>& but :
       {std::vector<std::string>{"a"}, {"b", ""}, {"a", "b"}, {"nobody"}}) {
    std::vector<std::string> wanted;
    for (const OutboxRow& row : *all) {
      if (std::find(but.begin(), but.end(), row.tenant_id) == but.end()) {
        wanted.push_back(row.outbox_id);
      }
    }
    for (const size_t limit : {size_t{1000}, size_t{1}}) {
      wanted.resize(std::min(wanted.size(), limit));
      const auto rows =
          sequence().ReadOutbox(context_, but, static_cast<int>(limit));
      ASSERT_TRUE(rows.ok()) << rows.status();
      std::vector<std::string> read;
      for (const OutboxRow& row : *rows) {
        read.push_back(row.outbox_id);
        EXPECT_FALSE(row.entries.empty());
      }
      EXPECT_EQ(read, wanted) << but.front() << limit;
    }
  }
}

TEST_P(AuditLogContract, NobodyAppendsWhatWaitsOfAnother) {
  IssueSome(1);
  const auto head = audit_log().ReadHead(context_, "a");
  LogAppend append = NextAppend(head->size);
  append.tenant_id = "b";
  append.from = 0;
  EXPECT_REASON(Reason::kStoreConflict, sequence().Append(context_, append));
}

}  // namespace
}  // namespace masa::storage
