// The use cases of policy_desk.h.
#ifndef SERVICES_ISSUANCE_SERVE_POLICIES_H_
#define SERVICES_ISSUANCE_SERVE_POLICIES_H_

#include <functional>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "services/issuance/answer_registrar.h"
#include "services/issuance/policy_desk.h"

namespace masa::issuance {

class ServePolicies final : public PolicyDesk {
 public:
  explicit ServePolicies(const Tools& tools) : tools_(tools) {}

  absl::StatusOr<masa::v1::Tenant> GetTenant(
      const RequestContext& context,
      const identity::Principal& caller) override;
  absl::StatusOr<std::vector<masa::v1::Product>> ListProducts(
      const RequestContext& context,
      const identity::Principal& caller) override;
  absl::StatusOr<masa::v1::Tenant> UpdateTenant(
      const RequestContext& context, const identity::Principal& caller,
      masa::v1::Tenant tenant, bool validate_only, const Once& once) override;
  absl::StatusOr<masa::v1::Product> UpdateProduct(
      const RequestContext& context, const identity::Principal& caller,
      masa::v1::Product product, bool validate_only, const Once& once) override;
  absl::Status BlockDomain(const RequestContext& context,
                           const identity::Principal& caller,
                           masa::v1::BlockedDomain domain,
                           const Once& once) override;
  absl::Status SetRegistrarAuthentication(
      const RequestContext& context, const identity::Principal& caller,
      const std::string& organization_id, masa::v1::RegistrarAuthentication how,
      const std::vector<std::pair<std::string, std::string>>& users,
      const Once& once) override;
  absl::Status SetEndlessVouchers(const RequestContext& context,
                                  const identity::Principal& caller,
                                  const std::string& organization_id,
                                  bool allowed, const Once& once) override;

 private:
  using Nothing = std::monostate;

  // MakeOnce, and again while somebody else writes what `change` read.
  template <typename Answer>
  absl::StatusOr<Answer> Make(
      const RequestContext& context, const identity::Principal& caller,
      const Once& once, const std::function<absl::StatusOr<Answer>()>& stands,
      const std::function<absl::StatusOr<Answer>()>& change);
  // kStoreConflict when something of `read` is not so any more.
  absl::Status Write(const RequestContext& context,
                     const identity::Principal& caller,
                     const masa::v1::Catalog& change, const Once& once,
                     const masa::v1::Catalog& read = {});
  // Of one customer, the rest of whose record stays; as Make.
  absl::Status ChangeCustomer(
      const RequestContext& context, const identity::Principal& caller,
      const std::string& organization_id, const Once& once,
      const std::function<absl::Status(masa::v1::Organization*)>& edit);
  absl::StatusOr<masa::v1::Product> FindProduct(
      const RequestContext& context, const identity::Principal& caller,
      const std::string& product_id);
  // Itself, with each of the products, and what its profiles name.
  absl::Status CheckTenant(const RequestContext& context,
                           const identity::Principal& caller,
                           const masa::v1::Tenant& tenant);
  // Its key issues what it says, and its product is there.
  absl::Status CheckProfile(const RequestContext& context,
                            const masa::v1::Tenant& tenant,
                            const std::vector<masa::v1::Product>& products,
                            const masa::v1::EnrollmentProfile& profile);
  // See own_keys.h.
  absl::Status CheckOwn(const RequestContext& context,
                        const identity::Principal& caller,
                        const std::set<std::string>& named);
  // The keys of `product` are there and may sign for `tenant`.
  absl::Status CheckKeys(const RequestContext& context,
                         const masa::v1::Tenant& tenant,
                         const masa::v1::Product& product);

  const Tools tools_;
};

}  // namespace masa::issuance

#endif  // SERVICES_ISSUANCE_SERVE_POLICIES_H_
