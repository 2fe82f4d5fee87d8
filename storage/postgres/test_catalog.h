// What stands behind a device in these tests: tenant a and its product p.
#ifndef STORAGE_POSTGRES_TEST_CATALOG_H_
#define STORAGE_POSTGRES_TEST_CATALOG_H_

#include "gtest/gtest.h"
#include "storage/contract/shared_server.h"
#include "storage/postgres/connection_pool.h"
#include "storage/postgres/postgres_catalog_store.h"

namespace masa::storage {

inline masa::v1::Catalog OneProduct() {
  masa::v1::Catalog catalog;
  catalog.add_tenants()->set_tenant_id("a");
  auto* product = catalog.add_products();
  product->set_tenant_id("a");
  product->set_product_id("p");
  return catalog;
}

// The shared server's database, emptied, and then this in it.
inline void BeginWith(ConnectionPool* pool, const masa::v1::Catalog& catalog) {
  EXPECT_TRUE(SharedServer().Empty().ok());
  EXPECT_TRUE(PostgresCatalogStore::New(pool)
                  ->Apply({}, "t", absl::UnixEpoch(), catalog)
                  .ok());
}

}  // namespace masa::storage

#endif  // STORAGE_POSTGRES_TEST_CATALOG_H_
