// What every store keeps of signing keys.
#include "storage/audit_event.h"
#include "storage/contract/store_contract.h"

namespace masa::storage {
namespace {

class Keys {
 public:
  static KeyVersion Made(const std::string& key, int32_t version,
                         absl::Time at) {
    KeyVersion made;
    made.key = key;
    made.version = version;
    made.tenant_id = "a";
    made.spki_der = std::string("spki\0", 5);
    made.created_at = at;
    return made;
  }
};

TEST_P(KeyContract, ReadsBackWhatWasWrittenInOrder) {
  EXPECT_EQ(keys().ReadKeys(context_)->size(), 0u);
  KeyVersion second = Keys::Made("k", 2, now_);
  second.chain_der = {std::string("leaf\0x", 6), "root"};
  second.not_before = now_ + absl::Microseconds(7);
  second.retired_at = now_ + absl::Hours(1);
  second.destroy_asked_at = now_ + absl::Hours(2);
  second.destroy_asked_by = "ada";
  second.destroyed_at = now_ + absl::Hours(3);
  for (const KeyVersion& made :
       {second, Keys::Made("k", 1, now_), Keys::Made("a", 1, now_)}) {
    ASSERT_TRUE(
        keys().WriteKey(context_, "ada", now_, {kKeyCreated, made}).ok());
  }
  const auto read = keys().ReadKeys(context_);
  ASSERT_TRUE(read.ok()) << read.status();
  ASSERT_EQ(read->size(), 3u);
  second.revision = 1;
  EXPECT_EQ((*read)[2], second);
  EXPECT_EQ((*read)[0].key, "a");
  EXPECT_EQ((*read)[1].version, 1);
  EXPECT_FALSE((*read)[1].not_before.has_value());
  EXPECT_EQ(CountEvents(kKeyCreated), 3);
}

TEST_P(KeyContract, ReplacesOnlyTheRecordThatWasRead) {
  KeyVersion version = Keys::Made("k", 1, now_);
  const KeyChange made = {kKeyCreated, version};
  ASSERT_TRUE(keys().WriteKey(context_, "ada", now_, made).ok());
  EXPECT_REASON(Reason::kEtagMismatch,
                keys().WriteKey(context_, "ada", now_, made));
  version.revision = 1;
  version.not_before = now_;
  version.destroy_asked_by = "ada";
  ASSERT_TRUE(
      keys().WriteKey(context_, "ada", now_, {kKeyActivated, version}).ok());
  version.not_before = now_ + absl::Hours(1);
  EXPECT_REASON(
      Reason::kEtagMismatch,
      keys().WriteKey(context_, "ada", now_, {kKeyActivated, version}));
  // Another tenant's is another's, whatever the revision.
  version.revision = 2;
  version.tenant_id = "b";
  EXPECT_REASON(Reason::kEtagMismatch,
                keys().WriteKey(context_, "ada", now_, {kKeyRetired, version}));
  const auto read = keys().ReadKeys(context_);
  ASSERT_TRUE(read.ok() && read->size() == 1) << read.status();
  EXPECT_EQ(read->front().revision, 2);
  EXPECT_EQ(read->front().not_before, now_);
  EXPECT_EQ(read->front().destroy_asked_by, "ada");
  EXPECT_FALSE(read->front().destroyed_at.has_value());
  EXPECT_EQ(CountEvents(kKeyActivated), 1);
  EXPECT_EQ(CountEvents(kKeyRetired), 0);
}

TEST_P(KeyContract, AnIdOfTheCallersStandsForOneChange) {
  const OnceOrder once = {{"a", "ada", "id-1"}, std::string(32, 'd')};
  const KeyChange first = {kKeyCreated, Keys::Made("k", 1, now_), once};
  ASSERT_TRUE(keys().WriteKey(context_, "ada", now_, first).ok());
  const KeyChange second = {kKeyCreated, Keys::Made("k", 2, now_), once};
  EXPECT_REASON(Reason::kStoreConflict,
                keys().WriteKey(context_, "ada", now_, second));
  EXPECT_EQ(keys().ReadKeys(context_)->size(), 1u);
  // What is not written does not use the id up.
  const OnceOrder unused = {{"a", "ada", "id-2"}, std::string(32, 'd')};
  EXPECT_REASON(
      Reason::kEtagMismatch,
      keys().WriteKey(context_, "ada", now_,
                      {kKeyCreated, Keys::Made("k", 1, now_), unused}));
  EXPECT_FALSE(groups().Recall(context_, unused.key)->has_value());
  EXPECT_EQ(CountEvents(kKeyCreated), 1);
}

TEST_P(KeyContract, RefusesWhatItCannotHold) {
  KeyVersion bad[6];
  for (KeyVersion& one : bad) {
    one = Keys::Made("k", 1, now_);
  }
  bad[0].key = "";
  bad[1].key = std::string(65, 'k');
  bad[2].tenant_id = "\xff";
  bad[3].version = -1;
  bad[5].destroy_asked_by = "\xff";
  bad[4].chain_der.assign(2, std::string(kMostChainOctets, 'c'));
  for (const KeyVersion& one : bad) {
    EXPECT_REASON(Reason::kInvalidArgument,
                  keys().WriteKey(context_, "ada", now_, {kKeyCreated, one}));
  }
  EXPECT_EQ(keys().ReadKeys(context_)->size(), 0u);
}

TEST_P(KeyContract, SaysWhenItCannotAnswer) {
  if (!stores().Stop()) {
    GTEST_SKIP() << "this store cannot be stopped here";
  }
  EXPECT_REASON(Reason::kStoreUnavailable, keys().ReadKeys(context_));
  EXPECT_REASON(Reason::kStoreUnavailable,
                keys().WriteKey(context_, "ada", now_,
                                {kKeyCreated, Keys::Made("k", 1, now_)}));
  stores().Restart();
  EXPECT_EQ(keys().ReadKeys(context_)->size(), 0u);
}

}  // namespace
}  // namespace masa::storage
