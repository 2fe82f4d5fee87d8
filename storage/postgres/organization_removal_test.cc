// Rights that are given to an organisation while it is removed: one of the two
// is refused.
#include "storage/postgres/organization_removal.h"

#include <memory>
#include <pqxx/pqxx>
#include <string>
#include <thread>

#include "gtest/gtest.h"
#include "services/status/reason.h"
#include "storage/audit_kinds.h"
#include "storage/contract/shared_server.h"
#include "storage/postgres/connection_pool.h"
#include "storage/postgres/postgres_catalog_store.h"
#include "storage/postgres/postgres_group_store.h"

namespace masa::storage {
namespace {

class OrganizationRemoval : public ::testing::Test {
 protected:
  OrganizationRemoval()
      : pool_({.url = SharedServer().Url(PostgresServer::kService)}) {
    EXPECT_TRUE(SharedServer().Empty().ok());
    masa::v1::Catalog catalog;
    catalog.add_tenants()->set_tenant_id("a");
    for (const char* id : {"o", "q"}) {
      auto* organization = catalog.add_organizations();
      organization->set_tenant_id("a");
      organization->set_organization_id(id);
    }
    EXPECT_TRUE(PostgresCatalogStore::New(&pool_)
                    ->Apply({}, "t", absl::UnixEpoch(), catalog)
                    .ok());
  }

  // Of the organisation as it is.
  TreeChange ChangeOf(const std::string& id, const char* kind) {
    const auto trees =
        groups_->ReadTrees({}, {"a", TreeQuestion::By::kOrganization, id, {}});
    EXPECT_TRUE(trees.ok() && trees->size() == 1) << trees.status();
    TreeChange change;
    change.tenant_id = "a";
    change.organization_id = id;
    change.expected_version = trees->front().version;
    change.kind = kind;
    return change;
  }

  void WaitUntilBlocked(int sessions) {
    pqxx::connection connection(SharedServer().Url(PostgresServer::kService));
    pqxx::nontransaction look(connection);
    while (look.exec1("SELECT count(*) FROM pg_locks WHERE NOT granted")[0]
               .as<int>() < sessions) {
      std::this_thread::yield();
    }
  }

  ConnectionPool pool_;
  std::unique_ptr<PostgresGroupStore> groups_ = PostgresGroupStore::New(&pool_);
};

TEST_F(OrganizationRemoval, WaitsForWhoeverGivesItRights) {
  TreeChange delegation = ChangeOf("o", kDelegationAdded);
  delegation.delegations = {{"o", "q"}};
  TreeChange removal = ChangeOf("q", kOrganizationDeleted);
  removal.removes_organization = true;
  // Both have done all but their last statement.
  pqxx::connection holding(SharedServer().Url(PostgresServer::kSuperuser));
  pqxx::work hold(holding);
  hold.exec("LOCK TABLE audit_events IN SHARE MODE");
  absl::Status given, removed;
  std::thread giving(
      [&] { given = groups_->Change({}, "t", absl::UnixEpoch(), delegation); });
  WaitUntilBlocked(1);
  std::thread removing(
      [&] { removed = groups_->Change({}, "t", absl::UnixEpoch(), removal); });
  WaitUntilBlocked(2);
  hold.commit();
  giving.join();
  removing.join();
  EXPECT_TRUE(given.ok()) << given;
  EXPECT_EQ(ReasonOf(removed), Reason::kGroupNotEmpty) << removed;
}

}  // namespace
}  // namespace masa::storage
