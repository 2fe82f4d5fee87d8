#include "services/masad/database.h"

#include <string>
#include <utility>

#include "absl/time/clock.h"
#include "services/enrollment/profile.h"
#include "services/status/macros.h"
#include "services/status/reason.h"
#include "services/voucher/product_policy.h"
#include "storage/postgres/migrate.h"
#include "storage/postgres/postgres_catalog_store.h"

namespace masa::masad {
namespace {

constexpr char kServiceRole[] = "masa_service";

absl::Status CheckCatalog(const masa::v1::Catalog& catalog) {
  for (const masa::v1::Tenant& tenant : catalog.tenants()) {
    MASA_RETURN_IF_ERROR(voucher::CheckTenant(tenant));
    MASA_RETURN_IF_ERROR(enrollment::CheckProfiles(tenant));
  }
  for (const masa::v1::Product& product : catalog.products()) {
    MASA_RETURN_IF_ERROR(voucher::CheckProduct(product));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<storage::ConnectionPool::Options> ServicePoolOptions(
    const Setup& setup) {
  const masa::v1::StorageConfig& config = setup.config.storage();
  storage::ConnectionPool::Options options;
  MASA_ASSIGN_OR_RETURN(options.url, UrlOf(setup, config.database_url(),
                                           config.database_url_file()));
  if (config.database_url().empty()) {
    // Read anew for each connection: its password is changed while we run.
    options.read_url = [setup] {
      return UrlOf(setup, "", setup.config.storage().database_url_file());
    };
  }
  options.role = config.service_role();
  if (config.max_connections() != 0) {
    options.max_connections = static_cast<int>(config.max_connections());
  }
  return options;
}

absl::Status MigrateDatabase(const Setup& setup) {
  const masa::v1::StorageConfig& config = setup.config.storage();
  MASA_ASSIGN_OR_RETURN(
      const std::string url,
      UrlOf(setup, config.migration_url(), config.migration_url_file()));
  if (url.empty()) {
    return Refuse(Reason::kMisconfigured,
                  "storage.migration_url or storage.migration_url_file is "
                  "needed to migrate");
  }
  return storage::Migrate(url, kServiceRole);
}

absl::Status ApplyCatalog(const Setup& setup,
                          const masa::v1::Catalog& catalog) {
  MASA_RETURN_IF_ERROR(CheckCatalog(catalog));
  MASA_ASSIGN_OR_RETURN(auto options, ServicePoolOptions(setup));
  storage::ConnectionPool pool(std::move(options));
  RequestContext context;
  context.deadline = absl::Now() + absl::Seconds(30);
  return storage::PostgresCatalogStore::New(&pool)->Apply(
      context, "masad apply", absl::Now(), catalog);
}

}  // namespace masa::masad
