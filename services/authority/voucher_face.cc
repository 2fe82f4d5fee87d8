#include "services/authority/voucher_face.h"

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "services/authority/convert.h"
#include "services/authority/group_calls.h"
#include "services/authority/ownership_calls.h"
#include "services/authority/voucher_calls.h"
#include "services/status/field_faults.h"
#include "services/status/macros.h"
#include "services/status/reason.h"

namespace masa::authority {
namespace {

using identity::Principal;
using masa::v1::VoucherService;

// Items that do not translate fail alone; the others go on together.
absl::Status Issue(issuance::VoucherDesk& desk, const RequestContext& context,
                   const Principal& caller, rpc::ItemFaults& faults,
                   const masa::v1::IssueVouchersRequest& request,
                   masa::v1::IssueVouchersResponse* response) {
  constexpr int kMostItems = 500;
  if (request.requests_size() < 1 || request.requests_size() > kMostItems) {
    return AtField(Refuse(Reason::kTooManyItems, "a call takes 1 to 500 items"),
                   "requests");
  }
  std::vector<issuance::IssueOrder> orders;
  std::vector<absl::Status> refused;  // one per item; OK: goes on
  for (int i = 0; i < request.requests_size(); ++i) {
    auto order = OrderOf(request.requests(i));
    refused.push_back(order.status());
    if (order.ok()) {
      orders.push_back(*std::move(order));
    }
  }
  std::vector<absl::StatusOr<storage::Committed>> outcomes;
  if (!orders.empty()) {
    MASA_ASSIGN_OR_RETURN(outcomes, desk.IssueAll(context, caller, orders));
  }
  auto next = outcomes.begin();
  for (int i = 0; i < request.requests_size(); ++i) {
    auto* result = response->add_results();
    absl::StatusOr<storage::Committed> outcome =
        refused[i].ok() ? std::move(*next++) : refused[i];
    SetStatus(FieldsUnder(outcome.status(), absl::StrCat("requests[", i, "]")),
              faults, result->mutable_status());
    if (outcome.ok()) {
      Fill(*std::move(outcome), result->mutable_value());
    }
  }
  return absl::OkStatus();
}

}  // namespace

grpc::ServerUnaryReactor* VoucherFace::IssueVoucher(
    grpc::CallbackServerContext* context,
    const masa::v1::IssueVoucherRequest* request,
    masa::v1::IssueVoucherResponse* response) {
  return rpc::ServeUnary(
      context, serving_, VoucherService::service_full_name(),
      [=, this](const RequestContext& ours,
                const Principal& caller) -> absl::Status {
        MASA_ASSIGN_OR_RETURN(const auto order, OrderOf(*request));
        MASA_ASSIGN_OR_RETURN(
            auto committed,
            operators_.IssueVoucher(Under(ours, {order.request_id}), caller,
                                    order));
        Fill(std::move(committed), response);
        return absl::OkStatus();
      });
}

grpc::ServerUnaryReactor* VoucherFace::IssueVouchers(
    grpc::CallbackServerContext* context,
    const masa::v1::IssueVouchersRequest* request,
    masa::v1::IssueVouchersResponse* response) {
  return rpc::ServeUnary(
      context, serving_, VoucherService::service_full_name(),
      [=, this](const RequestContext& ours, const Principal& caller) {
        rpc::ItemFaults faults(serving_.gate,
                               VoucherService::service_full_name(), ours);
        return Issue(vouchers_, ours, caller, faults, *request, response);
      });
}

grpc::ServerUnaryReactor* VoucherFace::GetVoucher(
    grpc::CallbackServerContext* context,
    const masa::v1::GetVoucherRequest* request,
    masa::v1::GetVoucherResponse* response) {
  return rpc::ServeUnary(
      context, serving_, VoucherService::service_full_name(),
      [=, this](const RequestContext& ours,
                const Principal& caller) -> absl::Status {
        MASA_ASSIGN_OR_RETURN(const auto device, KeyIn(*request));
        MASA_ASSIGN_OR_RETURN(const std::string id,
                              VoucherIdOf(request->voucher_id()));
        MASA_ASSIGN_OR_RETURN(const auto voucher,
                              vouchers_.GetVoucher(ours, caller, device, id));
        *response->mutable_voucher() =
            MessageOf(voucher, request->view() != masa::v1::VOUCHER_VIEW_BASIC);
        return absl::OkStatus();
      });
}

grpc::ServerUnaryReactor* VoucherFace::ListVouchers(
    grpc::CallbackServerContext* context,
    const masa::v1::ListVouchersRequest* request,
    masa::v1::ListVouchersResponse* response) {
  return rpc::ServeUnary(
      context, serving_, VoucherService::service_full_name(),
      [=, this](const RequestContext& ours,
                const Principal& caller) -> absl::Status {
        MASA_ASSIGN_OR_RETURN(const VoucherQuery query, QueryOf(*request));
        MASA_ASSIGN_OR_RETURN(
            const auto vouchers,
            vouchers_.ListVouchers(ours, caller, query.listing,
                                   query.page_size));
        for (const storage::IssuedVoucher& voucher : vouchers) {
          *response->add_vouchers() = MessageOf(voucher, query.is_full);
        }
        if (static_cast<int>(vouchers.size()) == query.page_size) {
          response->set_next_page_token(TokenBehind(query, vouchers.back()));
        }
        return absl::OkStatus();
      });
}

grpc::ServerUnaryReactor* VoucherFace::GetTrustAnchors(
    grpc::CallbackServerContext* context,
    const masa::v1::GetTrustAnchorsRequest*,
    masa::v1::GetTrustAnchorsResponse* response) {
  return rpc::ServeUnary(context, serving_, VoucherService::service_full_name(),
                         [=, this](const RequestContext& ours,
                                   const Principal& caller) -> absl::Status {
                           MASA_ASSIGN_OR_RETURN(
                               const auto anchors,
                               vouchers_.TrustAnchors(ours, caller));
                           for (const issuance::TrustAnchor& anchor : anchors) {
                             *response->add_trust_anchors() = MessageOf(anchor);
                           }
                           return absl::OkStatus();
                         });
}

}  // namespace masa::authority
