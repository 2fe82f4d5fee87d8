#include "services/issuance/serve_vouchers.h"

#include <algorithm>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/issuance/account_sights.h"
#include "services/issuance/gathered_calls.h"
#include "services/issuance/issue_orders.h"
#include "services/signing/key_chain.h"
#include "services/status/macros.h"
#include "services/status/reason.h"
#include "services/voucher/product_policy.h"
#include "services/wire/certificate.h"

namespace masa::issuance {
namespace {

constexpr size_t kMostItems = 500;

// Which of the tenant's products each key signs for.
std::map<std::string, std::vector<std::string>> ProductsByKey(
    const PolicySnapshot& policies, const std::string& tenant_id) {
  std::map<std::string, std::vector<std::string>> products;
  for (const masa::v1::Product& product : policies.Products()) {
    if (product.tenant_id() == tenant_id) {
      for (const std::string& key : voucher::SigningKeysOf(product)) {
        products[key].push_back(product.product_id());
      }
    }
  }
  return products;
}

absl::StatusOr<TrustAnchor> TrustAnchorOf(signing::PublishedVersion version) {
  TrustAnchor anchor;
  anchor.signing_key = std::move(version.name);
  anchor.not_before = absl::InfinitePast();
  anchor.not_after = absl::InfiniteFuture();
  anchor.signs_from = version.from;
  anchor.signs_until = version.until;
  anchor.chain_der = std::move(version.chain_der);
  MASA_ASSIGN_OR_RETURN(const std::string spki,
                        signing::SpkiOfChain(anchor.chain_der));
  anchor.algorithm = signing::AlgorithmOfSpki(spki).value_or(anchor.algorithm);
  for (const std::string& der : anchor.chain_der) {
    MASA_ASSIGN_OR_RETURN(const auto certificate,
                          wire::Certificate::Parse(der));
    anchor.not_before = std::max(anchor.not_before, certificate->not_before);
    anchor.not_after = std::min(anchor.not_after, certificate->not_after);
    if (&der == &anchor.chain_der.front()) {
      anchor.subject_key_id = certificate->subject_key_id.value_or("");
    }
  }
  return anchor;
}

}  // namespace

void ServeVouchers::Issue(std::vector<PendingOrder> calls) {
  calls = StillWaiting(std::move(calls), tools_.clock.Now());
  if (calls.empty()) {
    return;
  }
  std::vector<AskedOrder> asked;
  asked.reserve(calls.size());
  for (const PendingOrder& call : calls) {
    asked.push_back({&call.context, &call.caller, &call.order});
  }
  auto outcomes = IssueEach(tools_, SharedContext(calls), asked,
                            Company::kGathered, &repeats_);
  for (size_t i = 0; i < calls.size(); ++i) {
    calls[i].respond(std::move(outcomes[i]));
  }
}

absl::StatusOr<std::vector<absl::StatusOr<storage::Committed>>>
ServeVouchers::IssueAll(const RequestContext& context,
                        const identity::Principal& caller,
                        absl::Span<const IssueOrder> orders) {
  if (orders.empty() || orders.size() > kMostItems) {
    return Refuse(Reason::kTooManyItems,
                  absl::StrCat("a call takes 1 to ", kMostItems, " items, not ",
                               orders.size()));
  }
  std::vector<AskedOrder> asked;
  asked.reserve(orders.size());
  for (const IssueOrder& order : orders) {
    asked.push_back({&context, &caller, &order});
  }
  return IssueEach(tools_, context, asked, Company::kOneCall, &repeats_);
}

absl::StatusOr<storage::IssuedVoucher> ServeVouchers::GetVoucher(
    const RequestContext& context, const identity::Principal& caller,
    const storage::DeviceKey& device, const std::string& voucher_id) {
  MASA_ASSIGN_OR_RETURN(const storage::Device found,
                        FindSeen(tools_.devices, tools_.groups, tools_.policies,
                                 context, caller, device));
  storage::VoucherQuery query{found.bucket, found.device_id, voucher_id};
  MASA_ASSIGN_OR_RETURN(query.from,
                        ReadsSince(tools_.owned, context, caller, found));
  MASA_ASSIGN_OR_RETURN(auto vouchers, issued_.ListVouchers(context, query, 1));
  if (voucher_id.empty() || vouchers.empty()) {
    return Refuse(Reason::kDeviceUnknown,
                  "no voucher with this id was issued for the device");
  }
  return std::move(vouchers.front());
}

absl::StatusOr<std::vector<storage::IssuedVoucher>> ServeVouchers::ListVouchers(
    const RequestContext& context, const identity::Principal& caller,
    const VoucherListing& listing, int limit) {
  MASA_ASSIGN_OR_RETURN(const storage::Device found,
                        FindSeen(tools_.devices, tools_.groups, tools_.policies,
                                 context, caller, listing.device));
  storage::VoucherQuery query{found.bucket, found.device_id};
  MASA_ASSIGN_OR_RETURN(const absl::Time since,
                        ReadsSince(tools_.owned, context, caller, found));
  query.from = std::max(listing.from, since);
  query.before = listing.before;
  query.after = listing.after;
  return issued_.ListVouchers(context, query, limit);
}

absl::StatusOr<std::vector<TrustAnchor>> ServeVouchers::TrustAnchors(
    const RequestContext& context, const identity::Principal& caller) {
  MASA_ASSIGN_OR_RETURN(const auto policies, tools_.policies.Current(context));
  std::vector<TrustAnchor> anchors;
  for (const auto& [key, products] :
       ProductsByKey(*policies, caller.tenant_id)) {
    MASA_ASSIGN_OR_RETURN(auto published,
                          tools_.signer.Published(context, key));
    for (signing::PublishedVersion& version : published) {
      MASA_ASSIGN_OR_RETURN(TrustAnchor anchor,
                            TrustAnchorOf(std::move(version)));
      anchor.product_ids = products;
      anchors.push_back(std::move(anchor));
    }
  }
  return anchors;
}

}  // namespace masa::issuance
