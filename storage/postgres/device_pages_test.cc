// A page of devices, and where it stopped looking, are of one moment: devices
// that leave a list meanwhile take none of the others along.
#include <functional>
#include <memory>
#include <pqxx/pqxx>
#include <string>
#include <thread>

#include "gtest/gtest.h"
#include "storage/contract/shared_server.h"
#include "storage/postgres/connection_pool.h"
#include "storage/postgres/postgres_device_registry.h"

namespace masa::storage {
namespace {

class DevicePages : public ::testing::Test {
 protected:
  // 20,200 devices of one customer, of which a page looks at 20,000; the one
  // that is asked for is behind those.
  DevicePages() : pool_({.url = SharedServer().Url(PostgresServer::kService)}) {
    EXPECT_TRUE(SharedServer().Empty().ok());
    EXPECT_TRUE(
        SharedServer()
            .RunAsSuperuser(
                "INSERT INTO devices (bucket, device_id, tenant_id, "
                "serial_number, product_id, organization_id, state, "
                "idevid_cert_der, model, mac_addr, ek_public_key_der, labels, "
                "version) SELECT i >> 5, "
                "decode(lpad(to_hex(i), 32, '0'), 'hex'), 'a', i::text, 'p', "
                "'o', 1, '', CASE i WHEN 20100 THEN 'rare' ELSE 'common' END, "
                "'', '', '{}', 1 FROM generate_series(0, 20199) AS i")
            .ok());
  }

  // How many of the one there are behind `after`, and where that ended.
  DeviceCount ListOne(const DevicePlace& after) {
    const auto page = registry_->List({}, "a", filter_, after, 10);
    EXPECT_TRUE(page.ok()) << page.status();
    return {static_cast<int64_t>(page->devices.size()), page->next};
  }
  DeviceCount CountOne(const DevicePlace& after) {
    const auto count = registry_->Count({}, "a", filter_, after);
    EXPECT_TRUE(count.ok()) << count.status();
    return *count;
  }

  // What `look` finds in all while the first 128 devices leave the customer,
  // right after the first statement of the first page.
  int64_t LookWhileSomeLeave(
      const std::function<DeviceCount(const DevicePlace&)>& look) {
    look(DevicePlace{});  // what is prepared takes its locks at once
    const std::string url = SharedServer().Url(PostgresServer::kSuperuser);
    pqxx::connection holding(url);
    pqxx::work hold(holding);
    hold.exec(kLock);
    DeviceCount found;
    std::thread looking([&] { found = look(DevicePlace{}); });
    WaitUntilBlocked(1);
    std::thread leaving([&] {
      pqxx::connection connection(url);
      pqxx::work leave(connection);
      leave.exec(kLock);
      leave.exec("UPDATE devices SET organization_id = '' WHERE bucket < 4");
      leave.commit();
    });
    WaitUntilBlocked(2);
    hold.commit();
    looking.join();
    leaving.join();
    int64_t devices = found.devices;
    while (found.next) {
      found = look(*found.next);
      devices += found.devices;
    }
    return devices;
  }

  // Until so many sessions wait for a lock.
  void WaitUntilBlocked(int sessions) {
    pqxx::connection connection(SharedServer().Url(PostgresServer::kService));
    pqxx::nontransaction look(connection);
    while (look.exec1("SELECT count(*) FROM pg_locks WHERE NOT granted")[0]
               .as<int>() < sessions) {
      std::this_thread::yield();
    }
  }

  static constexpr char kLock[] = "LOCK TABLE devices IN ACCESS EXCLUSIVE MODE";
  const DeviceFilter filter_ = {.organization_id = "o", .model = "rare"};
  ConnectionPool pool_;
  std::unique_ptr<PostgresDeviceRegistry> registry_ =
      PostgresDeviceRegistry::New(&pool_);
};

TEST_F(DevicePages, AListPassesOverNobodyWhenOthersLeaveIt) {
  EXPECT_EQ(LookWhileSomeLeave(
                [this](const DevicePlace& after) { return ListOne(after); }),
            1);
}

TEST_F(DevicePages, ACountPassesOverNobodyWhenOthersLeaveIt) {
  EXPECT_EQ(LookWhileSomeLeave(
                [this](const DevicePlace& after) { return CountOne(after); }),
            1);
}

}  // namespace
}  // namespace masa::storage
