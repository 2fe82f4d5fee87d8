#include "services/authority/transfer_face.h"

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "services/authority/convert.h"
#include "services/authority/device_calls.h"
#include "services/authority/group_calls.h"
#include "services/ownership/history_claims.h"
#include "services/status/field_faults.h"
#include "services/status/macros.h"
#include "services/wire/uuid_text.h"

namespace masa::authority {
namespace {

using identity::Principal;
using issuance::GroupCall;
using masa::v1::TransferService;

masa::v1::Transfer MessageOf(const storage::Transfer& transfer) {
  masa::v1::Transfer message;
  message.set_transfer_id(wire::UuidTextOf(transfer.transfer_id));
  message.set_from_organization_id(transfer.from_organization_id);
  message.set_to_organization_id(transfer.to_organization_id);
  message.set_state(static_cast<masa::v1::TransferState>(transfer.state));
  message.set_keep_history(transfer.keep_history);
  *message.mutable_offer_time() = TimestampOf(transfer.offered_at);
  *message.mutable_expire_time() = TimestampOf(transfer.expires_at);
  if (transfer.ended_at) {
    *message.mutable_end_time() = TimestampOf(*transfer.ended_at);
  }
  for (const storage::TransferDevice& device : transfer.devices) {
    auto* added = message.add_devices();
    added->mutable_device()->set_serial_number(device.serial_number);
    added->mutable_device()->set_idevid_issuer_ski(
        device.idevid_issuer.value_or(""));
    added->set_hold(static_cast<masa::v1::TransferDevice::Hold>(device.hold));
  }
  message.set_etag(EtagOf(transfer.version));
  return message;
}

// 16 octets; empty, which no transfer has, for what is no id.
std::string IdOf(const std::string& uuid) {
  constexpr size_t kTextOctets = 36;
  std::string hex;
  for (const char c : uuid) {
    if (c != '-') {
      hex.push_back(c);
    }
  }
  const std::string octets = absl::HexStringToBytes(hex);
  return uuid.size() == kTextOctets && wire::UuidTextOf(octets) == uuid
             ? octets
             : std::string();
}

absl::StatusOr<issuance::OfferOrder> OrderOf(
    const masa::v1::OfferTransferRequest& request) {
  FieldChecker check;
  check.Need("to_organization_id", !request.to_organization_id().empty());
  MASA_RETURN_IF_ERROR(check.Finish());
  issuance::OfferOrder order;
  order.from_organization_id = request.from_organization_id();
  order.to_organization_id = request.to_organization_id();
  MASA_ASSIGN_OR_RETURN(order.devices, KeysOf(request.devices()));
  if (request.has_expire_time()) {
    MASA_ASSIGN_OR_RETURN(order.expires_at,
                          MomentOf("expire_time", request.expire_time()));
  }
  order.keep_history = request.keep_history();
  return order;
}

absl::StatusOr<issuance::ClaimOrder> OrderOf(
    const masa::v1::ClaimDevicesRequest& request) {
  constexpr size_t kLongestOrder = 256;
  issuance::ClaimOrder order;
  order.organization_id = request.organization_id();
  for (int i = 0; i < request.claims_size(); ++i) {
    const masa::v1::DeviceClaim& claim = request.claims(i);
    const std::string field = absl::StrCat("claims[", i, "]");
    auto key = KeyOf(claim.device());
    if (!key.ok()) {
      return UnderField(key.status(), field + ".device");
    }
    FieldChecker check;
    if (claim.sales_order().empty() ||
        claim.sales_order().size() > kLongestOrder) {
      check.Fault(field + ".sales_order", "is empty or over 256 octets");
    }
    MASA_RETURN_IF_ERROR(check.Finish());
    order.devices.push_back(*std::move(key));
    order.sales_orders.push_back(claim.sales_order());
  }
  return order;
}

template <typename Response>
void Fill(const issuance::TransferOutcome& outcome, const rpc::Serving& serving,
          const RequestContext& ours, Response* response) {
  if (outcome.transfer) {
    *response->mutable_transfer() = MessageOf(*outcome.transfer);
  }
  FillOutcomes(outcome.outcomes, serving, TransferService::service_full_name(),
               ours, response);
}

masa::v1::OwnershipEntry MessageOf(const storage::HistoryRecord& record) {
  const ownership::EntryClaim claim = ownership::ClaimOf(record);
  const storage::OwnershipEntry& entry = claim.entry;
  masa::v1::OwnershipEntry message;
  message.set_number(entry.number);
  message.set_prev_hash(entry.prev_hash);
  message.set_device_id(entry.device_id);
  message.set_from_organization_id(entry.from_organization_id);
  message.set_to_organization_id(entry.to_organization_id);
  *message.mutable_at() = TimestampOf(entry.at);
  message.set_change(static_cast<masa::v1::OwnerChange>(entry.kind));
  message.set_opens_past(entry.opens_past);
  message.set_entry_hash(storage::EntryHash(entry));
  message.set_leaf_index(claim.leaf_index);
  for (const std::string& hash : claim.proof) {
    message.add_inclusion_proof(hash);
  }
  if (!claim.root) {
    return message;
  }
  auto* root = message.mutable_root();
  root->set_signed_root(claim.root->signed_root);
  root->set_signature(claim.root->signature);
  root->set_key_id(record.signature->signing_key);
  for (const std::string& der : claim.root->chain_der) {
    root->add_chain_der(der);
  }
  *root->mutable_sign_time() = TimestampOf(claim.root->signed_at);
  return message;
}

absl::Status ReadHistory(issuance::TransferDesk& desk, const GroupCall& call,
                         const masa::v1::GetOwnershipHistoryRequest& request,
                         masa::v1::GetOwnershipHistoryResponse* response) {
  MASA_ASSIGN_OR_RETURN(const auto key, KeyIn(request));
  MASA_ASSIGN_OR_RETURN(const int limit, PageSizeOf(request.page_size()));
  const std::string list =
      absl::StrCat("history/", request.device().SerializeAsString());
  MASA_ASSIGN_OR_RETURN(const std::string last,
                        LastOf(list, request.page_token()));
  int32_t first = 0;
  // Of a token of ours there is nothing else to read.
  (void)absl::SimpleAtoi(last, &first);
  MASA_ASSIGN_OR_RETURN(const issuance::HistoryPage page,
                        desk.GetHistory(call, key, first, limit));
  for (const storage::HistoryRecord& record : page.records) {
    *response->add_entries() = MessageOf(record);
  }
  if (page.next_number) {
    response->set_next_page_token(
        PageTokenOf(list, absl::StrCat(*page.next_number)));
  }
  response->set_tenant_id(page.device.tenant_id);
  response->set_serial_number(page.device.serial_number);
  response->set_idevid_issuer_ski(page.device.idevid_issuer.value_or(""));
  response->set_organization_id(page.device.organization_id);
  return absl::OkStatus();
}

}  // namespace

grpc::ServerUnaryReactor* TransferFace::OfferTransfer(
    grpc::CallbackServerContext* context,
    const masa::v1::OfferTransferRequest* request,
    masa::v1::OfferTransferResponse* response) {
  return rpc::ServeUnary(
      context, serving_, TransferService::service_full_name(),
      [=, this](const RequestContext& ours,
                const Principal& caller) -> absl::Status {
        MASA_ASSIGN_OR_RETURN(GroupCall call, ChangeOf(ours, caller, *request));
        call.validate_only = request->validate_only();
        MASA_ASSIGN_OR_RETURN(const auto order, OrderOf(*request));
        MASA_ASSIGN_OR_RETURN(const auto outcome, desk_.Offer(call, order));
        Fill(outcome, serving_, ours, response);
        return absl::OkStatus();
      });
}

template <typename Request, typename Response>
grpc::ServerUnaryReactor* TransferFace::End(
    grpc::CallbackServerContext* context, const Request* request,
    Response* response, ownership::TransferAct act) {
  return rpc::ServeUnary(
      context, serving_, TransferService::service_full_name(),
      [=, this](const RequestContext& ours,
                const Principal& caller) -> absl::Status {
        MASA_ASSIGN_OR_RETURN(GroupCall call, ChangeOf(ours, caller, *request));
        call.validate_only = request->validate_only();
        MASA_ASSIGN_OR_RETURN(const auto version, VersionOf(request->etag()));
        MASA_ASSIGN_OR_RETURN(
            const auto outcome,
            desk_.End(call, IdOf(request->transfer_id()), act, version));
        Fill(outcome, serving_, ours, response);
        return absl::OkStatus();
      });
}

grpc::ServerUnaryReactor* TransferFace::AcceptTransfer(
    grpc::CallbackServerContext* context,
    const masa::v1::AcceptTransferRequest* request,
    masa::v1::AcceptTransferResponse* response) {
  return End(context, request, response, ownership::TransferAct::kAccept);
}

grpc::ServerUnaryReactor* TransferFace::RejectTransfer(
    grpc::CallbackServerContext* context,
    const masa::v1::RejectTransferRequest* request,
    masa::v1::RejectTransferResponse* response) {
  return End(context, request, response, ownership::TransferAct::kReject);
}

grpc::ServerUnaryReactor* TransferFace::CancelTransfer(
    grpc::CallbackServerContext* context,
    const masa::v1::CancelTransferRequest* request,
    masa::v1::CancelTransferResponse* response) {
  return End(context, request, response, ownership::TransferAct::kCancel);
}

grpc::ServerUnaryReactor* TransferFace::GetTransfer(
    grpc::CallbackServerContext* context,
    const masa::v1::GetTransferRequest* request,
    masa::v1::GetTransferResponse* response) {
  return rpc::ServeUnary(
      context, serving_, TransferService::service_full_name(),
      [=, this](const RequestContext& ours,
                const Principal& caller) -> absl::Status {
        MASA_ASSIGN_OR_RETURN(const auto transfer,
                              desk_.GetTransfer(CallOf(ours, caller),
                                                IdOf(request->transfer_id())));
        *response->mutable_transfer() = MessageOf(transfer);
        return absl::OkStatus();
      });
}

grpc::ServerUnaryReactor* TransferFace::ListTransfers(
    grpc::CallbackServerContext* context,
    const masa::v1::ListTransfersRequest* request,
    masa::v1::ListTransfersResponse* response) {
  return rpc::ServeUnary(
      context, serving_, TransferService::service_full_name(),
      [=, this](const RequestContext& ours,
                const Principal& caller) -> absl::Status {
        const std::string organization =
            OrganizationOr(request->organization_id(), caller);
        const std::string list = absl::StrCat("transfers/", organization);
        MASA_ASSIGN_OR_RETURN(const int limit,
                              PageSizeOf(request->page_size()));
        MASA_ASSIGN_OR_RETURN(const std::string last,
                              LastOf(list, request->page_token()));
        MASA_ASSIGN_OR_RETURN(const auto transfers,
                              desk_.ListTransfers(CallOf(ours, caller),
                                                  organization, last, limit));
        for (const storage::Transfer& transfer : transfers) {
          *response->add_transfers() = MessageOf(transfer);
        }
        if (static_cast<int>(transfers.size()) == limit) {
          response->set_next_page_token(
              PageTokenOf(list, transfers.back().transfer_id));
        }
        return absl::OkStatus();
      });
}

grpc::ServerUnaryReactor* TransferFace::ClaimDevices(
    grpc::CallbackServerContext* context,
    const masa::v1::ClaimDevicesRequest* request,
    masa::v1::ClaimDevicesResponse* response) {
  return rpc::ServeUnary(
      context, serving_, TransferService::service_full_name(),
      [=, this](const RequestContext& ours,
                const Principal& caller) -> absl::Status {
        MASA_ASSIGN_OR_RETURN(GroupCall call, ChangeOf(ours, caller, *request));
        call.validate_only = request->validate_only();
        MASA_ASSIGN_OR_RETURN(const auto order, OrderOf(*request));
        MASA_ASSIGN_OR_RETURN(const auto outcome, desk_.Claim(call, order));
        FillOutcomes(outcome.outcomes, serving_,
                     TransferService::service_full_name(), ours, response);
        return absl::OkStatus();
      });
}

grpc::ServerUnaryReactor* TransferFace::ReleaseDevices(
    grpc::CallbackServerContext* context,
    const masa::v1::ReleaseDevicesRequest* request,
    masa::v1::ReleaseDevicesResponse* response) {
  return rpc::ServeUnary(
      context, serving_, TransferService::service_full_name(),
      [=, this](const RequestContext& ours,
                const Principal& caller) -> absl::Status {
        MASA_ASSIGN_OR_RETURN(GroupCall call, ChangeOf(ours, caller, *request));
        call.validate_only = request->validate_only();
        MASA_ASSIGN_OR_RETURN(const auto keys, KeysOf(request->devices()));
        MASA_ASSIGN_OR_RETURN(
            const auto outcome,
            desk_.Release(call, request->from_organization_id(), keys));
        FillOutcomes(outcome.outcomes, serving_,
                     TransferService::service_full_name(), ours, response);
        return absl::OkStatus();
      });
}

grpc::ServerUnaryReactor* TransferFace::GetOwnershipHistory(
    grpc::CallbackServerContext* context,
    const masa::v1::GetOwnershipHistoryRequest* request,
    masa::v1::GetOwnershipHistoryResponse* response) {
  return rpc::ServeUnary(
      context, serving_, TransferService::service_full_name(),
      [=, this](const RequestContext& ours, const Principal& caller) {
        return ReadHistory(desk_, CallOf(ours, caller), *request, response);
      });
}

grpc::ServerUnaryReactor* TransferFace::VerifyOwnershipHistory(
    grpc::CallbackServerContext* context,
    const masa::v1::VerifyOwnershipHistoryRequest* request,
    masa::v1::VerifyOwnershipHistoryResponse* response) {
  return rpc::ServeUnary(
      context, serving_, TransferService::service_full_name(),
      [=, this](const RequestContext& ours,
                const Principal& caller) -> absl::Status {
        FieldChecker check;
        check.Need("anchor_der", !request->anchor_der().empty());
        MASA_RETURN_IF_ERROR(check.Finish());
        MASA_ASSIGN_OR_RETURN(const auto key, KeyIn(*request));
        MASA_ASSIGN_OR_RETURN(const auto finding,
                              desk_.VerifyHistory(CallOf(ours, caller), key,
                                                  request->anchor_der()));
        response->set_holds(finding.holds());
        response->set_signed_entries(finding.signed_entries);
        response->set_unsigned_entries(finding.unsigned_entries);
        response->set_first_number(finding.first_number);
        *response->mutable_faults() = {finding.faults.begin(),
                                       finding.faults.end()};
        return absl::OkStatus();
      });
}

}  // namespace masa::authority
