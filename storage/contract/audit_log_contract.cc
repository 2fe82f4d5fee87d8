#include "storage/contract/audit_log_contract.h"

#include <algorithm>
#include <set>

#include "storage/log_places.h"

namespace masa::storage {

std::vector<std::string> AuditLogContract::IssueSome(int count) {
  SequenceAll();
  device_ = MakeDevice("a", "S1");
  device_.organization_id = "o";
  ImportOne(device_);
  std::vector<IssuedVoucher> vouchers;
  std::vector<std::string> events;
  for (int i = 0; i < count; ++i) {
    vouchers.push_back(MakeVoucher(device_, static_cast<char>('1' + i)));
    vouchers.back().created_on = now_ + absl::Seconds(i);
    vouchers.back().nonce = "n" + std::to_string(i);
    events.push_back(vouchers.back().audit_event_id);
  }
  for (const auto& outcome : log().Commit(context_, vouchers)) {
    EXPECT_TRUE(outcome.ok()) << outcome.status();
  }
  return events;
}

LogAppend AuditLogContract::NextAppend(uint64_t from) {
  const auto epoch =
      sequence().TakeLease(context_, "me", now_, now_ + absl::Seconds(5));
  EXPECT_TRUE(epoch.ok() && *epoch) << epoch.status();
  epoch_ = (*epoch).value_or(0);
  const auto rows = sequence().ReadOutbox(context_, {}, 1000);
  EXPECT_TRUE(rows.ok()) << rows.status();
  LogAppend append;
  append.tenant_id = "a";
  append.epoch = epoch_;
  append.from = from;
  for (const OutboxRow& row : *rows) {
    if (row.tenant_id == append.tenant_id) {
      append.rows.push_back(row);
    }
  }
  append.after = {from + EntriesOfRows(append.rows).size(),
                  std::string(32, 'r')};
  append.tiles = {{{0, from / kBundleWidth}, std::string(32, 't')}};
  return append;
}

void AuditLogContract::SequenceAll() {
  const auto head = audit_log().ReadHead(context_, "a");
  ASSERT_TRUE(head.ok()) << head.status();
  const LogAppend append = NextAppend(head->size);
  if (!append.rows.empty()) {
    const absl::Status appended = sequence().Append(context_, append);
    ASSERT_TRUE(appended.ok()) << appended;
  }
}

namespace {

TEST_P(AuditLogContract, EveryEventWaitsWithItsCommitment) {
  const auto events = IssueSome(3);
  const auto rows = sequence().ReadOutbox(context_, {}, 1000);
  ASSERT_TRUE(rows.ok()) << rows.status();
  std::set<std::string> waiting;
  for (const OutboxRow& row : *rows) {
    EXPECT_EQ(row.outbox_id, row.entries.front().event_id);
    EXPECT_EQ(row.bucket, row.entries.front().bucket);
    for (const LogEntry& entry : row.entries) {
      EXPECT_EQ(entry.commitment.size(), 32u);
      waiting.insert(entry.event_id);
    }
  }
  for (const std::string& event : events) {
    EXPECT_TRUE(waiting.contains(event));
  }
  EXPECT_EQ(*sequence().CountWaiting(context_),
            static_cast<int64_t>(waiting.size()));
}

TEST_P(AuditLogContract, EventsOfEachTenantWaitApart) {
  IssueSome(1);
  Device other = MakeDevice("b", "S1");
  ImportOne(other);
  std::vector<IssuedVoucher> both = {MakeVoucher(device_, 'x'),
                                     MakeVoucher(other, 'y')};
  for (const auto& outcome : log().Commit(context_, both)) {
    ASSERT_TRUE(outcome.ok()) << outcome.status();
  }
  const auto rows = sequence().ReadOutbox(context_, {}, 1000);
  ASSERT_TRUE(rows.ok()) << rows.status();
  for (const IssuedVoucher& voucher : both) {
    int count = 0;
    for (const OutboxRow& row : *rows) {
      for (const LogEntry& entry : row.entries) {
        count += entry.event_id == voucher.audit_event_id &&
                         row.tenant_id == voucher.tenant_id
                     ? 1
                     : 0;
      }
    }
    EXPECT_EQ(count, 1) << voucher.tenant_id;
  }
}

TEST_P(AuditLogContract, ARefusedWriteLeavesNothingWaiting) {
  IssueSome(1);
  SequenceAll();
  IssuedVoucher repeated = MakeVoucher(device_, '1');
  const auto outcome = log().Commit(context_, {repeated})[0];
  ASSERT_TRUE(outcome.ok()) << outcome.status();
  EXPECT_TRUE(outcome->replayed);
  const auto rows = sequence().ReadOutbox(context_, {}, 1000);
  ASSERT_TRUE(rows.ok()) << rows.status();
  for (const OutboxRow& row : *rows) {
    for (const LogEntry& entry : row.entries) {
      EXPECT_NE(entry.event_id, repeated.audit_event_id);
    }
  }
}

TEST_P(AuditLogContract, WhatIsReadBackHasTheCommitmentThatWasWritten) {
  const auto events = IssueSome(5);
  SequenceAll();
  const auto head = audit_log().ReadHead(context_, "a");
  ASSERT_TRUE(head.ok()) << head.status();
  const auto logged = audit_log().ReadEntries(context_, "a", 0, 1000);
  ASSERT_TRUE(logged.ok()) << logged.status();
  ASSERT_EQ(logged->size(), head->size);
  size_t issued = 0;
  for (size_t i = 0; i < logged->size(); ++i) {
    const LoggedEvent& one = (*logged)[i];
    EXPECT_EQ(one.index, i);
    ASSERT_TRUE(one.event.has_value());
    EXPECT_EQ(CommitmentOf(*one.event), one.entry.commitment)
        << CanonicalEvent(*one.event);
    EXPECT_EQ(HashOfWho(one.event->who), one.event->who_hash);
    if (one.event->kind == kVoucherIssued) {
      ++issued;
      EXPECT_EQ(one.organization_id, "o");
      EXPECT_EQ(one.owned_since, now_) << "imported for its owner";
      EXPECT_EQ(one.event->who.actor, "registrar");
      EXPECT_EQ(one.event->voucher_sha256.size(), 32u);
    }
  }
  EXPECT_EQ(issued, events.size());
}

TEST_P(AuditLogContract, NoTwoEventsHaveTheSameSalt) {
  IssueSome(5);
  SequenceAll();
  std::set<std::string> salts;
  const auto logged = audit_log().ReadEntries(context_, "a", 0, 1000);
  for (const LoggedEvent& one : *logged) {
    EXPECT_EQ(one.event->salt.size(), 16u);
    EXPECT_TRUE(salts.insert(one.event->salt).second);
    if (one.event->kind == kVoucherIssued) {
      EXPECT_TRUE(salts.insert(one.event->who.salt).second);
    }
  }
}

TEST_P(AuditLogContract, AnEventIsFoundByItsIdAndByItsVoucher) {
  const auto events = IssueSome(3);
  EXPECT_EQ(*audit_log().FindEvent(context_, "a", events[1]), std::nullopt)
      << "it is not in the log yet";
  SequenceAll();
  for (const std::string& event : events) {
    const auto index = audit_log().FindEvent(context_, "a", event);
    ASSERT_TRUE(index.ok() && *index) << index.status();
    const auto logged = audit_log().ReadEntries(context_, "a", **index, 1);
    ASSERT_EQ(logged->size(), 1u);
    EXPECT_EQ(logged->front().entry.event_id, event);
    EXPECT_EQ(*audit_log().FindVoucher(context_, "a",
                                       logged->front().event->voucher_id),
              *index);
  }
  EXPECT_EQ(*audit_log().FindEvent(context_, "b", events[0]), std::nullopt);
  EXPECT_EQ(*audit_log().FindVoucher(context_, "a", std::string(16, 'x')),
            std::nullopt);
}

TEST_P(AuditLogContract, BundlesGrowOverManyAppends) {
  std::vector<std::string> all;
  for (int round = 0; round < 7; ++round) {
    std::vector<Device> devices;
    for (int i = 0; i < 90; ++i) {
      devices.push_back(
          MakeDevice("a", std::to_string(round) + "-" + std::to_string(i)));
    }
    for (const auto& outcome : this->devices().Import(
             context_, "t", now_, devices, OnConflict::kFail)) {
      ASSERT_TRUE(outcome.ok()) << outcome.status();
    }
    const auto head = audit_log().ReadHead(context_, "a");
    for (const LogEntry& entry : EntriesOfRows(NextAppend(0).rows)) {
      all.push_back(entry.event_id);
    }
    SequenceAll();
  }
  ASSERT_GT(all.size(), 600u);
  const auto logged = audit_log().ReadEntries(context_, "a", 0, 10'000);
  ASSERT_TRUE(logged.ok()) << logged.status();
  ASSERT_EQ(logged->size(), all.size());
  for (size_t i = 0; i < all.size(); ++i) {
    EXPECT_EQ((*logged)[i].entry.event_id, all[i]) << i;
  }
  const auto some = audit_log().ReadEntries(context_, "a", 250, 20);
  ASSERT_EQ(some->size(), 20u);
  EXPECT_EQ(some->front().index, 250u);
  EXPECT_EQ(some->back().entry.event_id, all[269]);
}

TEST_P(AuditLogContract, NobodyAppendsBehindAnotherSize) {
  IssueSome(1);
  const auto head = audit_log().ReadHead(context_, "a");
  LogAppend append = NextAppend(head->size + 1);
  EXPECT_REASON(Reason::kStoreConflict, sequence().Append(context_, append));
  append = NextAppend(head->size);
  ASSERT_TRUE(sequence().Append(context_, append).ok());
  EXPECT_REASON(Reason::kStoreConflict, sequence().Append(context_, append));
  EXPECT_EQ(audit_log().ReadHead(context_, "a")->size, append.after.size);
}

TEST_P(AuditLogContract, NobodyAppendsUnderALeaseThatWentToAnother) {
  IssueSome(1);
  const auto head = audit_log().ReadHead(context_, "a");
  const LogAppend append = NextAppend(head->size);
  const absl::Time later = now_ + absl::Seconds(6);
  const auto other =
      sequence().TakeLease(context_, "other", later, later + absl::Seconds(5));
  ASSERT_TRUE(other.ok() && *other) << other.status();
  EXPECT_NE(**other, append.epoch);
  EXPECT_REASON(Reason::kStoreConflict, sequence().Append(context_, append));
  EXPECT_EQ(audit_log().ReadHead(context_, "a")->size, head->size);
  EXPECT_FALSE(sequence().ReadOutbox(context_, {}, 10)->empty());
}

TEST_P(AuditLogContract, NobodyAppendsWhatIsNotWaiting) {
  IssueSome(1);
  const auto head = audit_log().ReadHead(context_, "a");
  LogAppend append = NextAppend(head->size);
  OutboxRow made_up = append.rows.front();
  made_up.outbox_id = std::string(16, 'x');
  append.rows.push_back(made_up);
  EXPECT_REASON(Reason::kStoreConflict, sequence().Append(context_, append));
  EXPECT_EQ(audit_log().ReadHead(context_, "a")->size, head->size);
}

TEST_P(AuditLogContract, TheLeaseIsOfOneAtATime) {
  const absl::Time until = now_ + absl::Seconds(5);
  const auto mine = sequence().TakeLease(context_, "me", now_, until);
  ASSERT_TRUE(mine.ok() && *mine) << mine.status();
  EXPECT_EQ(*sequence().TakeLease(context_, "other", until, until),
            std::nullopt);
  EXPECT_EQ(*sequence().TakeLease(context_, "me", now_, until), *mine)
      << "who has it keeps it";
  const absl::Time later = until + absl::Seconds(1);
  const auto again = sequence().TakeLease(context_, "me", later, later);
  EXPECT_NE(*again, *mine) << "it had ended, so another may have had it";
}

TEST_P(AuditLogContract, TilesAreReadAsTheyWereLastPut) {
  IssueSome(1);
  SequenceAll();
  const auto tiles =
      audit_log().ReadTiles(context_, "a", {{0, 0}, {0, 1}, {5, 0}});
  ASSERT_TRUE(tiles.ok()) << tiles.status();
  ASSERT_EQ(tiles->size(), 1u);
  EXPECT_EQ(tiles->front().hashes, std::string(32, 't'));
  EXPECT_TRUE(audit_log().ReadTiles(context_, "b", {{0, 0}})->empty());
}

TEST_P(AuditLogContract, LogsAreListedWhenTheyHaveSomething) {
  EXPECT_TRUE(sequence().ListLogs(context_)->empty());
  IssueSome(1);
  SequenceAll();
  EXPECT_EQ(*sequence().ListLogs(context_), std::vector<std::string>({"a"}));
}

TEST_P(AuditLogContract, AnEventThatNobodyCausedWaitsLikeTheOthers) {
  AuditEvent event;
  event.event_id = NewEventId(now_);
  event.tenant_id = "a";
  event.kind = kAuditLossAccepted;
  event.at = now_;
  event.payload = "{}";
  ASSERT_TRUE(sequence().WriteEvent(context_, event).ok());
  SequenceAll();
  const auto index = audit_log().FindEvent(context_, "a", event.event_id);
  ASSERT_TRUE(index.ok() && *index) << index.status();
  const auto logged = audit_log().ReadEntries(context_, "a", **index, 1);
  EXPECT_EQ(logged->front().event->kind, kAuditLossAccepted);
  EXPECT_EQ(logged->front().event->who_hash, "");
}

TEST_P(AuditLogContract, AnEventThatStandsAloneSaysWhoCausedIt) {
  AuditEvent event;
  event.event_id = NewEventId(now_);
  event.tenant_id = "a";
  event.kind = kEscrowExported;
  event.at = now_;
  event.actor = "somebody";
  event.request_id = "their request";
  ASSERT_TRUE(sequence().WriteEvent(context_, event).ok());
  SequenceAll();
  const auto index = audit_log().FindEvent(context_, "a", event.event_id);
  ASSERT_TRUE(index.ok() && *index) << index.status();
  const auto logged = audit_log().ReadEntries(context_, "a", **index, 1);
  const LogEvent& read = *logged->front().event;
  EXPECT_EQ(read.who.actor, "somebody");
  EXPECT_EQ(read.who.request_id, "their request");
  EXPECT_EQ(read.who_hash, HashOfWho(read.who));
  EXPECT_EQ(CommitmentOf(read), logged->front().entry.commitment);
}

TEST_P(AuditLogContract, TheFirstCheckpointOfASizeStays) {
  for (const uint64_t size : {3, 7, 9}) {
    ASSERT_TRUE(sequence()
                    .KeepCheckpoint(context_, {"a", size, now_,
                                               "note " + std::to_string(size)})
                    .ok());
  }
  ASSERT_TRUE(
      sequence().KeepCheckpoint(context_, {"a", 7, now_, "other"}).ok());
  EXPECT_EQ((*audit_log().CheckpointFrom(context_, "a", 4))->note, "note 7");
  EXPECT_EQ((*audit_log().CheckpointFrom(context_, "a", 7))->at, now_);
  EXPECT_FALSE(audit_log().CheckpointFrom(context_, "a", 10)->has_value());
  EXPECT_FALSE(audit_log().CheckpointFrom(context_, "b", 0)->has_value());
  const auto list = audit_log().ListCheckpoints(context_, "a", 9, 10);
  ASSERT_EQ(list->size(), 2u);
  EXPECT_EQ(list->front().size, 7u);
  EXPECT_EQ(
      audit_log().ListCheckpoints(context_, "a", ~uint64_t{0}, 1)->front().size,
      9u);
}

TEST_P(AuditLogContract, ADevicesEventsAreListedFromTheNewestOn) {
  const auto issued = IssueSome(4);
  ASSERT_TRUE(devices()
                  .SetBlocked(context_, "op", now_ + absl::Seconds(1),
                              {{"a", "S1", std::nullopt}}, true)[0]
                  .ok());
  DeviceEventsQuestion question;
  question.tenant_id = "a";
  question.bucket = device_.bucket;
  question.device_id = device_.device_id;
  question.limit = 2;
  std::vector<LogEvent> all;
  while (true) {
    const auto page = audit_log().ListOfDevice(context_, question);
    ASSERT_TRUE(page.ok()) << page.status();
    if (page->empty()) {
      break;
    }
    all.insert(all.end(), page->begin(), page->end());
    question.before = page->back().at;
    question.before_id = page->back().event_id;
  }
  ASSERT_EQ(all.size(), 6u) << "four vouchers, an import and a block";
  EXPECT_EQ(all[0].event_id, issued[3]);
  EXPECT_EQ(all[1].event_id, issued[2]);
  for (size_t i = 1; i < all.size(); ++i) {
    EXPECT_GE(std::pair(all[i - 1].at, all[i - 1].event_id),
              std::pair(all[i].at, all[i].event_id));
  }
  question.before_id.clear();
  question.tenant_id = "b";
  EXPECT_TRUE(audit_log().ListOfDevice(context_, question)->empty());
}

TEST_P(AuditLogContract, TheLogsSizeAtATimeIsFoundByIt) {
  IssueSome(1);
  SequenceAll();
  const auto head = audit_log().ReadHead(context_, "a");
  EXPECT_EQ(*audit_log().SizeAt(context_, "a", now_ + absl::Hours(24)),
            head->size);
  EXPECT_LE(*audit_log().SizeAt(context_, "a", now_ - absl::Hours(24)),
            kBundleWidth);
  EXPECT_EQ(*audit_log().SizeAt(context_, "b", now_), 0u);
}

}  // namespace
}  // namespace masa::storage
