// Changes of owner on real processes, and a database that somebody has been
// at: whatever is changed in it, a reader who trusts the root alone sees it.
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "services/masad/test_deployment.h"

namespace masa::masad {
namespace {

class History : public ::testing::Test {
 protected:
  History()
      : deployment_(::testing::TempDir() + "/history"),
        masad_(MakeReady(deployment_,
                         "serial_number,product,organization\n"
                         "H-1,owned,org-acme\nH-2,owned,org-acme\n"
                         "H-3,owned,org-acme\n")) {}

  int Run(const std::string& who, const std::vector<std::string>& words) {
    return deployment_.Masactl(*masad_, who, words, &said_);
  }

  int Verify(const std::string& who, const std::string& anchor) {
    return Run(who, {"device", "history", "H-1", "--verify", "--anchor",
                     deployment_.Path("sandbox/" + anchor + ".pem")});
  }

  // Until all entries are signed.
  bool WaitUntilItHolds(const std::string& who) {
    return Eventually([&] { return Verify(who, "ownership-root") == 0; });
  }

  // The id that `masactl device transfer offer` said.
  std::string TransferId() const {
    const size_t at = said_.find("transfer: ") + 10;
    return said_.substr(at, said_.find('\n', at) - at);
  }

  void Change(const std::string& statement) {
    EXPECT_NE(deployment_.Query(statement), "UPDATE 0") << statement;
  }

  Deployment deployment_;
  std::unique_ptr<MasadProcess> masad_;
  std::string said_;
};

TEST_F(History, IsMovedByItsOwnersAndHoldsUntilSomebodyChangesIt) {
  ASSERT_TRUE(WaitUntilItHolds("owner")) << said_ << masad_->LogText();
  ASSERT_EQ(Run("owner", {"device", "transfer", "offer", "H-1", "--to",
                          "org-other", "--keep-history"}),
            0)
      << said_;
  const std::string id = TransferId();
  EXPECT_EQ(Run("owner", {"device", "transfer", "accept", id}), 1) << said_;
  EXPECT_EQ(Run("stranger", {"device", "transfer", "accept", id}), 0) << said_;
  EXPECT_EQ(Run("owner", {"device", "history", "H-1"}), 1) << said_;
  ASSERT_TRUE(WaitUntilItHolds("stranger")) << said_;
  EXPECT_TRUE(absl::StrContains(said_, "the owner is org-other")) << said_;
  EXPECT_EQ(Verify("stranger", "voucher-root"), 1)
      << "the vouchers' root is no anchor of histories: " << said_;

  // The second entry's row, one column after the other.
  const std::string row =
      " WHERE number = 1 AND to_organization_id = 'org-other'";
  const struct {
    const char* change;
    const char* back;
  } cases[] = {
      {"from_organization_id = 'org-evil'",
       "from_organization_id = 'org-acme'"},
      {"at = at + interval '1 microsecond'",
       "at = at - interval '1 microsecond'"},
      {"kind = 4", "kind = 3"},
      {"opens_past = false", "opens_past = true"},
      {"prev_hash = set_byte(prev_hash, 0, 255 - get_byte(prev_hash, 0))",
       "prev_hash = set_byte(prev_hash, 0, 255 - get_byte(prev_hash, 0))"},
  };
  for (const auto& c : cases) {
    Change(absl::StrCat("UPDATE ownership_entries SET ", c.change, row));
    EXPECT_EQ(Verify("stranger", "ownership-root"), 1) << c.change << said_;
    Change(absl::StrCat("UPDATE ownership_entries SET ", c.back, row));
    EXPECT_EQ(Verify("stranger", "ownership-root"), 0) << c.back << said_;
  }
  const struct {
    const char* table;
    const char* there;
    const char* back;
  } others[] = {
      {"ownership_entries", "number = 7 WHERE number = 1",
       "number = 1 WHERE number = 7"},
      {"ownership_entries", "to_organization_id = 'org-evil' WHERE number = 1",
       "to_organization_id = 'org-other' WHERE number = 1"},
      {"ownership_entries", "leaf_index = leaf_index + 1 WHERE number = 0",
       "leaf_index = leaf_index - 1 WHERE number = 0"},
      {"ownership_batches",
       "leaves = set_byte(leaves, 5, 255 - get_byte(leaves, 5))",
       "leaves = set_byte(leaves, 5, 255 - get_byte(leaves, 5))"},
      {"ownership_batches",
       "signature = set_byte(signature, 20, 255 - get_byte(signature, 20))",
       "signature = set_byte(signature, 20, 255 - get_byte(signature, 20))"},
      {"ownership_batches",
       "chain = set_byte(chain, 200, 255 - get_byte(chain, 200))",
       "chain = set_byte(chain, 200, 255 - get_byte(chain, 200))"},
      {"ownership_batches", "tenant_id = 'globex'", "tenant_id = 'acme'"},
      {"devices", "organization_id = 'org-other' WHERE serial_number = 'H-2'",
       "organization_id = 'org-acme' WHERE serial_number = 'H-2'"},
  };
  for (const auto& c : others) {
    const bool ours = !absl::StrContains(c.there, "H-2");
    Change(absl::StrCat("UPDATE ", c.table, " SET ", c.there));
    EXPECT_EQ(Verify("stranger", "ownership-root"), ours ? 1 : 0)
        << c.there << said_;
    Change(absl::StrCat("UPDATE ", c.table, " SET ", c.back));
    EXPECT_EQ(Verify("stranger", "ownership-root"), 0) << c.back << said_;
  }
}

}  // namespace
}  // namespace masa::masad
