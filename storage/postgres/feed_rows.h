// The feed of ownership changes as rows. Called within the body of the
// transaction that changes the devices; throws as libpqxx does.
#ifndef STORAGE_POSTGRES_FEED_ROWS_H_
#define STORAGE_POSTGRES_FEED_ROWS_H_

#include <pqxx/row>
#include <pqxx/transaction_base>
#include <string>

#include "absl/time/time.h"
#include "absl/types/span.h"
#include "storage/device.h"
#include "storage/feed_store.h"
#include "storage/postgres/array_parameter.h"

namespace masa::storage {

// Adds a row for each tenant of `after`, the devices as they are written, which
// stood as in `before`. Other writers of the same lane wait from here until
// this transaction ends.
void WriteFeed(pqxx::transaction_base& transaction,
               absl::Span<const Device> before, absl::Span<const Device> after,
               absl::Time at);

// The same rows as the columns of a statement's arrays, for one that writes
// more beside them.
struct FeedColumns {
  SmallintArray buckets;
  TextArray tenants;
  TimeArray times;
  BytesArray changes;
};
FeedColumns FeedColumnsOf(absl::Span<const Device> before,
                          absl::Span<const Device> after, absl::Time at);

// The columns of a batch, in the order in which ReadBatch wants them.
#define MASA_FEED_COLUMNS(t) \
  t ".bucket, " t            \
    ".position, "            \
    "(extract(epoch FROM " t ".at) * 1000000)::bigint, " t ".changes"

FeedBatch ReadBatch(const std::string& tenant_id, const pqxx::row& row);

// What the column `bucket` holds of a lane.
int16_t FirstBucketOf(int lane);

}  // namespace masa::storage

#endif  // STORAGE_POSTGRES_FEED_ROWS_H_
