// Imports in PostgreSQL. A chunk is one transaction of few statements over
// arrays. Thread-safe; blocks.
#ifndef STORAGE_POSTGRES_POSTGRES_IMPORT_STORE_H_
#define STORAGE_POSTGRES_POSTGRES_IMPORT_STORE_H_

#include <memory>
#include <string>

#include "storage/import_store.h"
#include "storage/postgres/connection_pool.h"

namespace masa::storage {

class PostgresImportStore final : public ImportStore {
 public:
  // `pool` outlives the store.
  static std::unique_ptr<PostgresImportStore> New(ConnectionPool* pool);

  absl::StatusOr<ImportProgress> BeginImport(const RequestContext& context,
                                             const ImportKey& key,
                                             OnConflict on_conflict,
                                             absl::Time at) override;
  absl::StatusOr<ImportProgress> GetImport(const RequestContext& context,
                                           const ImportKey& key) override;
  absl::StatusOr<CommittedChunk> CommitChunk(const RequestContext& context,
                                             const std::string& actor,
                                             absl::Time at,
                                             const ImportChunk& chunk) override;
  absl::StatusOr<ImportProgress> CompleteImport(const RequestContext& context,
                                                const ImportKey& key,
                                                int64_t last_sequence,
                                                absl::Time at) override;

 private:
  explicit PostgresImportStore(ConnectionPool* pool) : pool_(pool) {}

  ConnectionPool* const pool_;
};

}  // namespace masa::storage

#endif  // STORAGE_POSTGRES_POSTGRES_IMPORT_STORE_H_
