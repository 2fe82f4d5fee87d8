#include "storage/postgres/feed_rows.h"

#include <utility>

#include "proto/masa/storage/v1/ownership_feed.pb.h"
#include "storage/feed_rules.h"
#include "storage/postgres/array_parameter.h"
#include "storage/postgres/rows.h"
#include "storage/postgres/run_transaction.h"

namespace masa::storage {
namespace {

// To update the head takes its lock, so the next number is given only when
// this transaction has ended, and given again when it was rolled back.
constexpr Statement kAppend = {
    "append_feed",
    "WITH head AS (INSERT INTO ownership_feed_heads AS h (bucket, tenant_id, "
    "position) VALUES ($1, $2, 1) ON CONFLICT (bucket, tenant_id) "
    "DO UPDATE SET position = h.position + 1 RETURNING h.position) "
    "INSERT INTO ownership_feed (bucket, tenant_id, position, at, changes) "
    "SELECT $1::smallint, $2::text, head.position, $3::timestamptz, "
    "$4::bytea FROM head"};

std::string Encode(const FeedBatch& batch) {
  v1::FeedChanges message;
  for (const OwnershipChange& change : batch.changes) {
    v1::FeedChange* one = message.add_changes();
    one->set_serial_number(change.serial_number);
    if (change.idevid_issuer) {
      one->set_idevid_issuer(*change.idevid_issuer);
    }
    one->set_version(change.version);
    one->set_kind(static_cast<int>(change.kind));
    one->set_from_organization_id(change.from_organization_id);
    one->set_from_group_id(change.from_group_id);
    one->set_to_organization_id(change.to_organization_id);
    one->set_to_group_id(change.to_group_id);
  }
  return message.SerializeAsString();
}

OwnershipChange ChangeOf(const std::string& tenant_id,
                         const v1::FeedChange& message) {
  OwnershipChange change;
  change.serial_number = message.serial_number();
  if (message.has_idevid_issuer()) {
    change.idevid_issuer = message.idevid_issuer();
  }
  change.device_id =
      DeviceIdOf(tenant_id, change.serial_number, change.idevid_issuer);
  change.version = message.version();
  change.kind = static_cast<ChangeKind>(message.kind());
  change.from_organization_id = message.from_organization_id();
  change.from_group_id = message.from_group_id();
  change.to_organization_id = message.to_organization_id();
  change.to_group_id = message.to_group_id();
  return change;
}

}  // namespace

void WriteFeed(pqxx::transaction_base& transaction,
               absl::Span<const Device> before, absl::Span<const Device> after,
               absl::Time at) {
  for (const FeedBatch& batch : FeedBatchesOf(before, after, at)) {
    Execute(
        transaction, kAppend, FirstBucketOf(batch.lane), batch.tenant_id,
        absl::FormatTime("%Y-%m-%dT%H:%M:%E6SZ", batch.at, absl::UTCTimeZone()),
        BytesParameter(Encode(batch)));
  }
}

FeedColumns FeedColumnsOf(absl::Span<const Device> before,
                          absl::Span<const Device> after, absl::Time at) {
  FeedColumns columns;
  for (const FeedBatch& batch : FeedBatchesOf(before, after, at)) {
    columns.buckets.Add(FirstBucketOf(batch.lane));
    columns.tenants.Add(batch.tenant_id);
    columns.times.Add(batch.at);
    columns.changes.Add(Encode(batch));
  }
  return columns;
}

FeedBatch ReadBatch(const std::string& tenant_id, const pqxx::row& row) {
  FeedBatch batch;
  batch.tenant_id = tenant_id;
  batch.lane = row[0].as<int>() / kBucketsOfALane;
  batch.position = row[1].as<int64_t>();
  batch.at = absl::FromUnixMicros(row[2].as<int64_t>());
  v1::FeedChanges message;
  // Cannot fail: these are the octets that Encode made.
  (void)message.ParseFromString(ReadBytes(row[3]));
  for (const v1::FeedChange& change : message.changes()) {
    batch.changes.push_back(ChangeOf(tenant_id, change));
  }
  return batch;
}

int16_t FirstBucketOf(int lane) {
  return static_cast<int16_t>(lane * kBucketsOfALane);
}

}  // namespace masa::storage
