#include "storage/postgres/device_writes.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "storage/postgres/array_parameter.h"
#include "storage/postgres/device_details.h"
#include "storage/postgres/feed_rows.h"
#include "storage/postgres/history_rows.h"
#include "storage/postgres/rows.h"
#include "storage/postgres/run_transaction.h"
#include "storage/record_checks.h"

namespace masa::storage {
namespace {

// Updating a row to what it is takes its lock, new or not.
constexpr Statement kLockSerials = {
    "lock_serials",
    "INSERT INTO device_serials (bucket, tenant_id, serial_number) "
    "SELECT * FROM unnest($1::smallint[], $2::text[], $3::text[]) "
    "ON CONFLICT (bucket, tenant_id, serial_number) "
    "DO UPDATE SET serial_number = excluded.serial_number"};

// The limit keeps the planner from joining the whole table.
// How many rows that adds says whether a device of one of them can be there:
// none was ever written without its serial number.
constexpr Statement kAddSerials = {
    "add_serials",
    "INSERT INTO device_serials (bucket, tenant_id, serial_number) "
    "SELECT * FROM unnest($1::smallint[], $2::text[], $3::text[]) "
    "ON CONFLICT (bucket, tenant_id, serial_number) DO NOTHING"};

constexpr Statement kReadBySerial = {
    "devices_by_serial",
    "SELECT " MASA_DEVICE_COLUMNS("d") " FROM unnest($1::smallint[], "
    "$2::text[], $3::text[]) AS q(bucket, tenant_id, serial_number) "
    "CROSS JOIN LATERAL (SELECT * FROM devices e WHERE e.bucket = q.bucket "
    "AND e.tenant_id = q.tenant_id AND e.serial_number = q.serial_number "
    "LIMIT 10000) d"};

constexpr Statement kReadProducts = {
    "products_named",
    "SELECT p.tenant_id, p.product_id FROM unnest($1::text[], $2::text[]) "
    "AS q(tenant_id, product_id) JOIN products p USING (tenant_id, "
    "product_id)"};

// Held until the transaction ends: none of them goes meanwhile.
constexpr Statement kReadOrganizations = {
    "organizations_named",
    "SELECT o.tenant_id, o.organization_id FROM unnest($1::text[], "
    "$2::text[]) AS q(tenant_id, organization_id) JOIN organizations o "
    "USING (tenant_id, organization_id) FOR KEY SHARE OF o"};

constexpr Statement kWrite = {
    "write_devices",
    "INSERT INTO devices (bucket, device_id, tenant_id, serial_number, "
    "idevid_issuer, product_id, organization_id, state, idevid_cert_der, "
    "model, mac_addr, ek_public_key_der, labels, version, "
    "group_id, details, deleted_at, created_at, updated_at) "
    "SELECT q.*, $18::timestamptz, $18::timestamptz FROM unnest("
    "$1::smallint[], $2::bytea[], $3::text[], "
    "$4::text[], $5::bytea[], $6::text[], $7::text[], $8::smallint[], "
    "$9::bytea[], $10::text[], $11::text[], $12::bytea[], $13::text[], "
    "$14::bigint[], $15::text[], $16::text[], $17::timestamptz[]) "
    "AS q "
    "ON CONFLICT (bucket, device_id) DO UPDATE SET "
    "product_id = excluded.product_id, "
    "organization_id = excluded.organization_id, state = excluded.state, "
    "idevid_cert_der = excluded.idevid_cert_der, model = excluded.model, "
    "mac_addr = excluded.mac_addr, "
    "ek_public_key_der = excluded.ek_public_key_der, "
    "labels = excluded.labels, version = excluded.version, "
    "group_id = excluded.group_id, details = excluded.details, "
    "deleted_at = excluded.deleted_at, updated_at = excluded.updated_at"};

ScopedNames ReadNames(pqxx::transaction_base& transaction,
                      const Statement& statement, const ScopedNames& asked) {
  if (asked.empty()) {
    return {};
  }
  TextArray tenants, ids;
  for (const auto& [tenant, id] : asked) {
    tenants.Add(tenant);
    ids.Add(id);
  }
  ScopedNames names;
  for (const pqxx::row& row :
       Execute(transaction, statement, tenants.Finish(), ids.Finish())) {
    names.emplace(row[0].as<std::string>(), row[1].as<std::string>());
  }
  return names;
}

struct SerialArrays {
  SmallintArray buckets;
  TextArray tenants, numbers;
  size_t size = 0;
};

// In the order of the table's key: near rows are written together.
SerialArrays ArraysOf(const ScopedNames& serials) {
  std::vector<std::pair<int16_t, const ScopedNames::value_type*>> order;
  for (const auto& serial : serials) {
    order.emplace_back(BucketOf(serial.first, serial.second), &serial);
  }
  std::stable_sort(
      order.begin(), order.end(),
      [](const auto& a, const auto& b) { return a.first < b.first; });
  SerialArrays arrays;
  arrays.size = serials.size();
  for (const auto& [bucket, serial] : order) {
    arrays.buckets.Add(bucket);
    arrays.tenants.Add(serial->first);
    arrays.numbers.Add(serial->second);
  }
  return arrays;
}

// What stands under the serial numbers, which this transaction holds.
StoredFacts ReadLocked(pqxx::transaction_base& transaction,
                       const SerialArrays& asked, const ScopedNames& products,
                       const ScopedNames& organizations) {
  StoredFacts facts;
  if (asked.size > 0) {
    for (const pqxx::row& row :
         Execute(transaction, kReadBySerial, asked.buckets.Finish(),
                 asked.tenants.Finish(), asked.numbers.Finish())) {
      facts.devices.push_back(ReadDevice(row, 0));
    }
  }
  facts.products = ReadNames(transaction, kReadProducts, products);
  facts.organizations =
      ReadNames(transaction, kReadOrganizations, organizations);
  return facts;
}

void WriteDevices(pqxx::transaction_base& transaction,
                  absl::Span<const Device> devices, absl::Time at) {
  if (devices.empty()) {
    return;
  }
  SmallintArray buckets, states;
  BytesArray ids, issuers, certs, eks;
  TextArray tenants, serials, products, owners, models, macs, labels, groups,
      details;
  BigintArray versions;
  TimeArray deletions;
  for (const Device& device : devices) {
    buckets.Add(device.bucket);
    ids.Add(device.device_id);
    tenants.Add(device.tenant_id);
    serials.Add(device.serial_number);
    issuers.Add(device.idevid_issuer);
    products.Add(device.product_id);
    owners.Add(device.organization_id);
    states.Add(static_cast<int16_t>(device.state));
    certs.Add(device.idevid_cert_der);
    models.Add(device.model);
    macs.Add(device.mac_addr);
    eks.Add(device.ek_public_key_der);
    labels.Add(EncodeLabels(device.labels));
    versions.Add(device.version);
    groups.Add(device.group_id);
    details.Add(EncodeDetails(device.details));
    deletions.Add(device.deleted_at);
  }
  Execute(transaction, kWrite, buckets.Finish(), ids.Finish(), tenants.Finish(),
          serials.Finish(), issuers.Finish(), products.Finish(),
          owners.Finish(), states.Finish(), certs.Finish(), models.Finish(),
          macs.Finish(), eks.Finish(), labels.Finish(), versions.Finish(),
          groups.Finish(), details.Finish(), deletions.Finish(),
          absl::FormatTime("%Y-%m-%dT%H:%M:%E6SZ", at, absl::UTCTimeZone()));
}

}  // namespace

void AddName(ScopedNames& names, const std::string& tenant,
             const std::string& id) {
  if (IsStorableText(tenant) && IsStorableText(id)) {
    names.emplace(tenant, id);
  }
}

StoredFacts LockAndRead(pqxx::transaction_base& transaction,
                        const ScopedNames& serials, const ScopedNames& products,
                        const ScopedNames& organizations) {
  const SerialArrays asked = ArraysOf(serials);
  Execute(transaction, kLockSerials, asked.buckets.Finish(),
          asked.tenants.Finish(), asked.numbers.Finish());
  return ReadLocked(transaction, asked, products, organizations);
}

StoredFacts AddAndRead(pqxx::transaction_base& transaction,
                       const ScopedNames& serials, const ScopedNames& products,
                       const ScopedNames& organizations) {
  const SerialArrays asked = ArraysOf(serials);
  const size_t added = Execute(transaction, kAddSerials, asked.buckets.Finish(),
                               asked.tenants.Finish(), asked.numbers.Finish())
                           .affected_rows();
  if (added < serials.size()) {
    return LockAndRead(transaction, serials, products, organizations);
  }
  return ReadLocked(transaction, {}, products, organizations);
}

void ChangeDevices(pqxx::transaction_base& transaction,
                   absl::Span<const Device> before,
                   absl::Span<const Device> after, const MoveTerms& terms) {
  WriteDevices(transaction, after, terms.at);
  WriteHistory(transaction, before, after, terms);
  // Last: from here on others wait for the lane.
  WriteFeed(transaction, before, after, terms.at);
}

}  // namespace masa::storage
