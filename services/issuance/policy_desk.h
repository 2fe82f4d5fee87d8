// What a manufacturer's operators can say of their tenant and products over
// gRPC, as use cases. Thread-safe; blocks. Every error carries a reason;
// everything written is checked first and is one audit event. The repeat of a
// change is answered with what stands now.
#ifndef SERVICES_ISSUANCE_POLICY_DESK_H_
#define SERVICES_ISSUANCE_POLICY_DESK_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "proto/masa/v1/policy.pb.h"
#include "services/identity/principal.h"
#include "services/issuance/once.h"
#include "services/observe/request_context.h"

namespace masa::issuance {

class PolicyDesk {
 public:
  virtual ~PolicyDesk() = default;

  // The caller's own tenant, as stored now.
  virtual absl::StatusOr<masa::v1::Tenant> GetTenant(
      const RequestContext& context, const identity::Principal& caller) = 0;
  virtual absl::StatusOr<std::vector<masa::v1::Product>> ListProducts(
      const RequestContext& context, const identity::Principal& caller) = 0;

  // kMisconfigured with the field that cannot be; the keys that are named must
  // be there and must not share an issuer with the IDevIDs (OP-05). What is
  // only to be checked is not written.
  virtual absl::StatusOr<masa::v1::Tenant> UpdateTenant(
      const RequestContext& context, const identity::Principal& caller,
      masa::v1::Tenant tenant, bool validate_only, const Once& once) = 0;
  virtual absl::StatusOr<masa::v1::Product> UpdateProduct(
      const RequestContext& context, const identity::Principal& caller,
      masa::v1::Product product, bool validate_only, const Once& once) = 0;

  virtual absl::Status BlockDomain(const RequestContext& context,
                                   const identity::Principal& caller,
                                   masa::v1::BlockedDomain domain,
                                   const Once& once) = 0;

  // `users` are names with passwords, of which hashes are kept.
  virtual absl::Status SetRegistrarAuthentication(
      const RequestContext& context, const identity::Principal& caller,
      const std::string& organization_id, masa::v1::RegistrarAuthentication how,
      const std::vector<std::pair<std::string, std::string>>& users,
      const Once& once) = 0;

  // AMB-01: the customer's part of what a voucher without nonce and end needs.
  virtual absl::Status SetEndlessVouchers(const RequestContext& context,
                                          const identity::Principal& caller,
                                          const std::string& organization_id,
                                          bool allowed, const Once& once) = 0;
};

}  // namespace masa::issuance

#endif  // SERVICES_ISSUANCE_POLICY_DESK_H_
