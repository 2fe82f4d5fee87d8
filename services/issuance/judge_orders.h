// What the rules say of orders for vouchers that come together: each record
// that several orders name is read once, and each order has its own fate. Not
// thread-safe; blocks.
#ifndef SERVICES_ISSUANCE_JUDGE_ORDERS_H_
#define SERVICES_ISSUANCE_JUDGE_ORDERS_H_

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "services/issuance/issue_orders.h"
#include "services/voucher/order.h"

namespace masa::issuance {

// An order on its way: what each step has made of it, for the next.
struct OrderMatter {
  const RequestContext* context = nullptr;
  const identity::Principal* caller = nullptr;
  OwnerOrder order;
  absl::Status fate = absl::OkStatus();  // the first refusal ends its way
  const masa::v1::Product* product = nullptr;
  std::optional<storage::Committed> stored = {};  // by an earlier call
  std::optional<voucher::Verdict> verdict = {};
  storage::IssuedVoucher record = {};  // with the artifact when it is signed
};

// The stored voucher when it is what the order asks for; kRequestIdReused when
// it is another, or is not kept any more. Pure.
absl::StatusOr<storage::Committed> Repeated(
    const OwnerOrder& order, const storage::IssuedVoucher& previous);

class OrderJudge {
 public:
  // Both outlive this; `context` is for what orders share.
  OrderJudge(const Tools& tools, const RequestContext& context, absl::Time now)
      : tools_(tools), context_(context), now_(now) {}

  // Asks once for all domains that the orders pin and nobody has refused.
  // Without it each is asked for when its first order is judged.
  void MeetDomains(absl::Span<const OrderMatter> matters);

  // Leaves product and verdict, or `stored` where an earlier voucher is at
  // hand; or the refusal, which a repeat is not spared either. What the verdict
  // refers to lives as long as this.
  absl::Status Judge(OrderMatter& matter);

 private:
  // What is to be pinned, and whose it is.
  struct Pinned {
    wire::Certificate certificate;
    storage::OwnershipStanding standing;
    std::optional<voucher::EstServer> est;
  };
  // A record of a tenant.
  using Name = std::pair<std::string, std::string>;

  absl::StatusOr<Pinned> DomainCertFor(const OrderMatter& matter);
  absl::StatusOr<Pinned> EstServerFor(const OrderMatter& matter);
  // What a block of issuers looks at; read where the order's device lacks it.
  absl::StatusOr<std::optional<wire::Certificate>> IdevidOf(
      const storage::Device& device, const masa::v1::Tenant& tenant);
  // An empty one for devices that nobody owns.
  absl::StatusOr<const storage::OrganizationTree*> TreeOf(
      const std::string& tenant_id, const std::string& organization_id);
  absl::StatusOr<wire::Certificate> PinOf(const std::string& der);
  absl::StatusOr<const storage::DomainFacts*> DomainOf(
      const std::string& tenant_id, const wire::Certificate& pin);
  absl::StatusOr<const PolicySnapshot*> Policy();

  const Tools& tools_;
  const RequestContext& context_;
  const absl::Time now_;
  std::shared_ptr<const PolicySnapshot> policies_;
  std::map<std::string, absl::StatusOr<wire::Certificate>> pins_;  // by DER
  std::map<Name, absl::StatusOr<storage::DomainFacts>> domains_;
  std::map<Name, storage::OrganizationTree> trees_;
};

}  // namespace masa::issuance

#endif  // SERVICES_ISSUANCE_JUDGE_ORDERS_H_
