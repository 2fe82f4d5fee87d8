// The feed of ownership changes in PostgreSQL, as its readers see it; what
// changes devices writes it (device_writes.h). Thread-safe; blocks.
#ifndef STORAGE_POSTGRES_POSTGRES_FEED_STORE_H_
#define STORAGE_POSTGRES_POSTGRES_FEED_STORE_H_

#include <memory>
#include <string>
#include <vector>

#include "storage/feed_store.h"
#include "storage/postgres/connection_pool.h"

namespace masa::storage {

class PostgresFeedStore final : public FeedStore {
 public:
  // `pool` outlives the store.
  static std::unique_ptr<PostgresFeedStore> New(ConnectionPool* pool);

  absl::StatusOr<FeedCursor> ReadHeads(const RequestContext& context,
                                       const std::string& tenant_id) override;
  absl::StatusOr<std::vector<FeedBatch>> ReadAfter(
      const RequestContext& context, const FeedQuestion& question) override;

 private:
  explicit PostgresFeedStore(ConnectionPool* pool) : pool_(pool) {}

  ConnectionPool* const pool_;
};

}  // namespace masa::storage

#endif  // STORAGE_POSTGRES_POSTGRES_FEED_STORE_H_
