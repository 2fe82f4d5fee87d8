// Vouchers without a registrar's request, for operators and owners: one, or
// many at once. The same rules, signer and commit whoever asks and by whatever
// protocol.
#ifndef SERVICES_ISSUANCE_ISSUE_ORDERS_H_
#define SERVICES_ISSUANCE_ISSUE_ORDERS_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "services/identity/principal.h"
#include "services/issuance/tools.h"
#include "services/observe/request_context.h"

namespace masa::issuance {

// An order whose device is at hand, as it was asked for with this digest.
struct OwnerOrder {
  storage::DeviceAnswer device;
  std::string pinned_cert_der;
  std::optional<std::string> nonce;
  std::optional<absl::Time> expires_on;
  masa::v1::Format format = masa::v1::FORMAT_CMS_JSON;
  std::string request_digest;
  // How far domain certificates reach; the tenant's policy when absent.
  std::optional<masa::v1::DomainCertReach> reach = {};
  bool revocation_checks = false;  // besides what the product says
  // Names the EST server that the device's owner recorded, and pins its
  // certificate instead of pinned_cert_der. kOnboardingUnknown without one.
  bool est_onboarding = false;
};

// In the order of `orders`: all, or the first refusal, said to be about its
// field of `fields` where that is not empty; then nothing was signed. An order
// whose digest has a voucher already gets that one: kRequestIdReused when it
// is another.
absl::StatusOr<std::vector<storage::Committed>> IssueOrders(
    const Tools& tools, const RequestContext& context,
    const identity::Principal& caller, std::vector<OwnerOrder> orders,
    absl::Span<const std::string> fields);

}  // namespace masa::issuance

#endif  // SERVICES_ISSUANCE_ISSUE_ORDERS_H_
