// What devices told, in PostgreSQL. Thread-safe; blocks.
#ifndef STORAGE_POSTGRES_POSTGRES_REPORT_STORE_H_
#define STORAGE_POSTGRES_POSTGRES_REPORT_STORE_H_

#include <memory>
#include <string>
#include <vector>

#include "storage/postgres/connection_pool.h"
#include "storage/report_store.h"

namespace masa::storage {

class PostgresReportStore final : public ReportStore {
 public:
  // `pool` outlives the store.
  static std::unique_ptr<PostgresReportStore> New(ConnectionPool* pool);

  absl::Status Record(const RequestContext& context,
                      absl::Span<const DeviceReport> reports) override;
  absl::StatusOr<std::vector<DeviceReport>> ReportsOf(
      const RequestContext& context, int16_t bucket,
      const std::string& device_id) override;

 private:
  explicit PostgresReportStore(ConnectionPool* pool) : pool_(pool) {}

  ConnectionPool* const pool_;
};

}  // namespace masa::storage

#endif  // STORAGE_POSTGRES_POSTGRES_REPORT_STORE_H_
