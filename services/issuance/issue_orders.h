// Vouchers without a registrar's request, for operators and owners: one, or
// many at once. The same rules, signer and commit whoever asks and by whatever
// protocol: one turn of each key, one commit.
#ifndef SERVICES_ISSUANCE_ISSUE_ORDERS_H_
#define SERVICES_ISSUANCE_ISSUE_ORDERS_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "services/identity/principal.h"
#include "services/issuance/operator_desk.h"
#include "services/issuance/repeat_watch.h"
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
  // Of the certificate to pin, as a record says that the caller names; when
  // absent, as that of the owner says by which it has the device.
  std::optional<bool> revocation_checks = {};
  // Names the EST server that the device's owner recorded, and pins its
  // certificate instead of pinned_cert_der. kOnboardingUnknown without one.
  bool est_onboarding = false;
};

// In the order of `orders`: all, or the first refusal, said to be about its
// field of `fields` where that is not empty; then nothing was signed. An order
// whose digest has a voucher already gets that one, if the rules still allow
// it: kRequestIdReused when it is another.
absl::StatusOr<std::vector<storage::Committed>> IssueOrders(
    const Tools& tools, const RequestContext& context,
    const identity::Principal& caller, std::vector<OwnerOrder> orders,
    absl::Span<const std::string> fields);

// Somebody's order as it came. What it points to outlives the call.
struct AskedOrder {
  const RequestContext* context;  // its request id is recorded
  const identity::Principal* caller;
  const IssueOrder* order;
};

// How orders that come together belong together.
enum class Company {
  kGathered = 1,  // by chance: they know nothing of each other
  kOneCall = 2,   // a device has its place once (kInvalidArgument)
};

// The outcome of each order, in order; a refused one leaves the others alone.
// What is OK is durable. `context` is for what the orders share.
//
// An order with a request_id that this caller used for the device before gets
// the voucher of then, `replayed`, if the rules still allow it;
// kRequestIdReused when it asks for another.
// Besides what the rules refuse: kDeviceUnknown for unknown and foreign devices
// alike, kDeviceAmbiguous for operators, kPermissionDenied.
//
// With `repeats`, which outlives the call, earlier vouchers are looked for
// beforehand only while repeats are seen: else a repeat is signed for and told
// by the commit (services/adr/0055).
std::vector<absl::StatusOr<storage::Committed>> IssueEach(
    const Tools& tools, const RequestContext& context,
    absl::Span<const AskedOrder> asked, Company company,
    RepeatWatch* repeats = nullptr);

}  // namespace masa::issuance

#endif  // SERVICES_ISSUANCE_ISSUE_ORDERS_H_
