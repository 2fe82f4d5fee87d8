// Versions of signing keys in PostgreSQL. Thread-safe; blocks.
#ifndef STORAGE_POSTGRES_POSTGRES_KEY_STORE_H_
#define STORAGE_POSTGRES_POSTGRES_KEY_STORE_H_

#include <memory>
#include <string>
#include <vector>

#include "storage/key_store.h"
#include "storage/postgres/connection_pool.h"

namespace masa::storage {

class PostgresKeyStore final : public KeyStore {
 public:
  // `pool` outlives the store.
  static std::unique_ptr<PostgresKeyStore> New(ConnectionPool* pool);

  absl::StatusOr<std::vector<KeyVersion>> ReadKeys(
      const RequestContext& context) override;
  absl::Status WriteKey(const RequestContext& context, const std::string& actor,
                        absl::Time at, const KeyChange& change) override;

 private:
  explicit PostgresKeyStore(ConnectionPool* pool) : pool_(pool) {}

  ConnectionPool* const pool_;
};

}  // namespace masa::storage

#endif  // STORAGE_POSTGRES_POSTGRES_KEY_STORE_H_
