// Tenants and products as the use cases see them: a snapshot, at most five
// seconds old (architecture section 5).
#ifndef SERVICES_ISSUANCE_POLICIES_H_
#define SERVICES_ISSUANCE_POLICIES_H_

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "proto/masa/v1/policy.pb.h"
#include "services/issuance/lagging.h"
#include "services/observe/clock.h"
#include "storage/catalog_store.h"

namespace masa::issuance {

// Immutable; safe to share.
class PolicySnapshot {
 public:
  explicit PolicySnapshot(const masa::v1::Catalog& catalog);

  // The tenant that serves this host name; the default tenant for "". Unknown
  // names have no tenant, and so no data (TR-10): kTenantUnknown.
  absl::StatusOr<const masa::v1::Tenant*> TenantOfHost(
      const std::string& host) const;
  absl::StatusOr<const masa::v1::Tenant*> TenantNamed(
      const std::string& tenant_id) const;

  // kProductUnknown when a device is of a product that is not there.
  absl::StatusOr<const masa::v1::Product*> ProductOf(
      const std::string& tenant_id, const std::string& product_id) const;

  // Whether some product of the tenant understands `format` (EP-15).
  bool TenantTakes(const std::string& tenant_id, masa::v1::Format format) const;

  // Whether some product of the tenant takes what earlier drafts said.
  bool TenantForgives(const std::string& tenant_id) const;

  std::vector<masa::v1::Tenant> Tenants() const;

  // All products, those of every tenant.
  std::vector<masa::v1::Product> Products() const;

 private:
  std::map<std::string, masa::v1::Tenant> tenants_;
  std::map<std::string, std::string> tenant_of_host_;
  std::map<std::pair<std::string, std::string>, masa::v1::Product> products_;
};

// Thread-safe.
class Policies {
 public:
  // Both outlive this.
  Policies(storage::CatalogStore& store, const Clock& clock);

  // A snapshot of at most five seconds (lagging.h). A record that does not pass
  // its check is left out, so that one bad product does not stop the others.
  absl::StatusOr<std::shared_ptr<const PolicySnapshot>> Current(
      const RequestContext& context) {
    return snapshots_.Current(context);
  }

  // How often the snapshot was asked for, and was there.
  const CacheCounts& counts() const { return snapshots_.counts(); }

 private:
  Lagging<PolicySnapshot> snapshots_;
};

}  // namespace masa::issuance

#endif  // SERVICES_ISSUANCE_POLICIES_H_
