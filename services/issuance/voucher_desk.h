// Many vouchers at once, as a use case: by call or by stream, for operators and
// customers' accounts. The faces only translate. Thread-safe. Every error
// carries a reason.
#ifndef SERVICES_ISSUANCE_VOUCHER_DESK_H_
#define SERVICES_ISSUANCE_VOUCHER_DESK_H_

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "services/identity/principal.h"
#include "services/issuance/operator_desk.h"
#include "services/observe/request_context.h"
#include "services/verifier/verifier.h"
#include "storage/issued_vouchers.h"

namespace masa::issuance {

// An order, and who hears its outcome: once, from any thread. What is OK is
// durable by then.
struct PendingOrder {
  RequestContext context;
  identity::Principal caller;
  IssueOrder order;
  std::function<void(absl::StatusOr<storage::Committed> outcome)> respond;
};

// Which vouchers of a device; as storage::VoucherQuery has it.
struct VoucherListing {
  storage::DeviceKey device;
  absl::Time from = absl::InfinitePast();
  absl::Time before = absl::InfiniteFuture();
  std::optional<storage::VoucherQuery::Place> after = {};
};

// What verifies the vouchers of a version of a key.
struct TrustAnchor {
  std::string signing_key;
  SignatureAlgorithm algorithm = SignatureAlgorithm::kEcdsaP256Sha256;
  std::string subject_key_id;  // octets; empty: the certificate has none
  std::vector<std::string> chain_der;  // signer first, anchor last
  absl::Time not_before;               // of the whole chain
  absl::Time not_after;
  std::vector<std::string> product_ids;  // whose vouchers it signs
  absl::Time signs_from = absl::InfinitePast();
  absl::Time signs_until = absl::InfiniteFuture();
};

class VoucherDesk {
 public:
  virtual ~VoucherDesk() = default;

  // Answers each, now or later; orders that come together know nothing of each
  // other. Outcomes as IssueEach (issue_orders.h) has them; kDeadlineExceeded
  // where nothing was begun in time.
  virtual void Issue(std::vector<PendingOrder> calls) = 0;

  // 1 to 500 orders of one call (else kTooManyItems): outcome i belongs to
  // order i, and each is its own, as above. A second order for the same device
  // is kInvalidArgument, or a repeat when it has the same request_id. Blocks.
  virtual absl::StatusOr<std::vector<absl::StatusOr<storage::Committed>>>
  IssueAll(const RequestContext& context, const identity::Principal& caller,
           absl::Span<const IssueOrder> orders) = 0;

  // kDeviceUnknown for unknown and foreign devices alike, and for a voucher
  // that is none of the device's, or to a customer one from before it became
  // the owner.
  virtual absl::StatusOr<storage::IssuedVoucher> GetVoucher(
      const RequestContext& context, const identity::Principal& caller,
      const storage::DeviceKey& device, const std::string& voucher_id) = 0;

  // Those issued for a device, newest first, at most `limit`; to a customer
  // those since it became the owner. kDeviceUnknown.
  virtual absl::StatusOr<std::vector<storage::IssuedVoucher>> ListVouchers(
      const RequestContext& context, const identity::Principal& caller,
      const VoucherListing& listing, int limit) = 0;

  // Of each key that signs vouchers of the caller's tenant, all versions under
  // which it signed, signs and will sign: by key, the oldest first.
  virtual absl::StatusOr<std::vector<TrustAnchor>> TrustAnchors(
      const RequestContext& context, const identity::Principal& caller) = 0;
};

}  // namespace masa::issuance

#endif  // SERVICES_ISSUANCE_VOUCHER_DESK_H_
