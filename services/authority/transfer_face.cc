#include "services/authority/transfer_face.h"

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "services/authority/convert.h"
#include "services/authority/group_calls.h"
#include "services/merkle/merkle_tree.h"
#include "services/status/field_faults.h"
#include "services/status/macros.h"
#include "services/wire/ownership_root.h"

namespace masa::authority {
namespace {

using identity::Principal;
using issuance::GroupCall;
using masa::v1::TransferService;

masa::v1::Transfer MessageOf(const storage::Transfer& transfer) {
  masa::v1::Transfer message;
  message.set_transfer_id(UuidText(transfer.transfer_id));
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
  return uuid.size() == kTextOctets && UuidText(octets) == uuid ? octets
                                                                : std::string();
}

absl::StatusOr<std::vector<storage::DeviceKey>> KeysOf(
    const google::protobuf::RepeatedPtrField<masa::v1::DeviceKey>& messages) {
  std::vector<storage::DeviceKey> keys;
  for (int i = 0; i < messages.size(); ++i) {
    auto key = KeyOf(messages[i]);
    if (!key.ok()) {
      return AtField(key.status(), absl::StrCat("devices[", i, "]"));
    }
    keys.push_back(*std::move(key));
  }
  return keys;
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
    order.expires_at = TimeOf(request.expire_time());
  }
  order.keep_history = request.keep_history();
  return order;
}

template <typename Response>
void Fill(const issuance::TransferOutcome& outcome, Response* response) {
  if (outcome.transfer) {
    *response->mutable_transfer() = MessageOf(*outcome.transfer);
  }
  for (const absl::Status& one : outcome.outcomes) {
    *response->add_outcomes() = OutcomeOf(one);
  }
}

masa::v1::OwnershipEntry MessageOf(const storage::HistoryRecord& record) {
  const storage::OwnershipEntry& entry = record.entry;
  const storage::OwnershipBatch& batch = record.batch;
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
  message.set_leaf_index(static_cast<uint32_t>(record.leaf_index));
  for (std::string& hash : merkle::InclusionProof(
           batch.leaves, static_cast<size_t>(record.leaf_index))) {
    message.add_inclusion_proof(std::move(hash));
  }
  if (!record.signature) {
    return message;
  }
  auto* root = message.mutable_root();
  root->set_signed_root(
      wire::EncodeOwnershipRoot({batch.tenant_id, batch.batch_id,
                                 static_cast<uint32_t>(batch.leaves.size()),
                                 merkle::RootOf(batch.leaves)}));
  root->set_signature(record.signature->signature);
  root->set_key_id(record.signature->signing_key);
  for (const std::string& der : record.signature->chain_der) {
    root->add_chain_der(der);
  }
  *root->mutable_sign_time() = TimestampOf(record.signature->signed_at);
  return message;
}

absl::Status ReadHistory(issuance::TransferDesk& desk, const GroupCall& call,
                         const masa::v1::GetOwnershipHistoryRequest& request,
                         masa::v1::GetOwnershipHistoryResponse* response) {
  MASA_ASSIGN_OR_RETURN(const auto key, KeyOf(request.device()));
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
        GroupCall call = ChangeOf(ours, caller, *request);
        call.validate_only = request->validate_only();
        MASA_ASSIGN_OR_RETURN(const auto order, OrderOf(*request));
        MASA_ASSIGN_OR_RETURN(const auto outcome, desk_.Offer(call, order));
        Fill(outcome, response);
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
        GroupCall call = ChangeOf(ours, caller, *request);
        call.validate_only = request->validate_only();
        MASA_ASSIGN_OR_RETURN(const auto version, VersionOf(request->etag()));
        MASA_ASSIGN_OR_RETURN(
            const auto outcome,
            desk_.End(call, IdOf(request->transfer_id()), act, version));
        Fill(outcome, response);
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

grpc::ServerUnaryReactor* TransferFace::ReleaseDevices(
    grpc::CallbackServerContext* context,
    const masa::v1::ReleaseDevicesRequest* request,
    masa::v1::ReleaseDevicesResponse* response) {
  return rpc::ServeUnary(
      context, serving_, TransferService::service_full_name(),
      [=, this](const RequestContext& ours,
                const Principal& caller) -> absl::Status {
        GroupCall call = ChangeOf(ours, caller, *request);
        call.validate_only = request->validate_only();
        MASA_ASSIGN_OR_RETURN(const auto keys, KeysOf(request->devices()));
        MASA_ASSIGN_OR_RETURN(
            const auto outcome,
            desk_.Release(call, request->from_organization_id(), keys));
        for (const absl::Status& one : outcome.outcomes) {
          *response->add_outcomes() = OutcomeOf(one);
        }
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

}  // namespace masa::authority
