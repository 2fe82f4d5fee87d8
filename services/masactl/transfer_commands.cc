#include "services/masactl/transfer_commands.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "proto/masa/v1/transfer.grpc.pb.h"
#include "services/masactl/phrases.h"
#include "services/masactl/shown.h"
#include "services/status/macros.h"

namespace masa::masactl {
namespace {

using masa::v1::TransferService;

// One call: its answer, or the refusal as a person reads it.
template <typename Request, typename Response>
absl::StatusOr<Response> Ask(
    const CommonOptions& options,
    grpc::Status (TransferService::Stub::*method)(grpc::ClientContext*,
                                                  const Request&, Response*),
    const Request& request) {
  MASA_ASSIGN_OR_RETURN(const auto channel, Connect(options));
  grpc::ClientContext call;
  Prepare(&call);
  Response response;
  const auto stub = TransferService::NewStub(channel);
  MASA_RETURN_IF_ERROR(
      StatusOf((stub.get()->*method)(&call, request, &response)));
  return response;
}

std::string StateText(masa::v1::TransferState state) {
  return absl::AsciiStrToLower(masa::v1::TransferState_Name(state).substr(
      std::string("TRANSFER_STATE_").size()));
}

std::string Line(const masa::v1::Transfer& transfer) {
  return absl::StrCat(transfer.transfer_id(), "  ", StateText(transfer.state()),
                      "  ", transfer.from_organization_id(), " -> ",
                      transfer.to_organization_id(), "  until ",
                      TimeText(transfer.expire_time()));
}

// The serial numbers of a transfer, in the order of its outcomes.
std::vector<std::string> SerialsOf(const masa::v1::Transfer& transfer) {
  std::vector<std::string> serials;
  for (const auto& device : transfer.devices()) {
    serials.push_back(device.device().serial_number());
  }
  return serials;
}

// The outcome of each serial number; 0 all, 2 some, 1 none.
template <typename Response>
int Tell(const CommonOptions& options, const Response& response,
         const std::vector<std::string>& serials, const std::string& done,
         Terminal terminal) {
  int failed = 0;
  for (int i = 0; i < response.outcomes_size(); ++i) {
    const masa::v1::ItemOutcome& outcome = response.outcomes(i);
    if (!outcome.reason().empty()) {
      ++failed;
      terminal.err << (i < static_cast<int>(serials.size())
                           ? Shown(serials[static_cast<size_t>(i)])
                           : absl::StrCat("device ", i))
                   << ": " << outcome.reason() << ": "
                   << Shown(outcome.message()) << '\n';
    }
  }
  const int succeeded = response.outcomes_size() - failed;
  if (options.json) {
    terminal.out << JsonOf(response) << '\n';
  } else {
    terminal.out << succeeded << " " << done << ", " << failed << " refused\n";
  }
  return failed == 0 ? 0 : succeeded == 0 ? 1 : 2;
}

template <typename Request>
absl::Status FillDevices(const CommonOptions& options,
                         const TransferArguments& arguments, Request* request) {
  for (const std::string& serial : EachOnce(arguments.serials)) {
    MASA_ASSIGN_OR_RETURN(*request->add_devices(), KeyOf(options, serial));
  }
  request->set_from_organization_id(arguments.from);
  request->set_validate_only(arguments.check);
  return absl::OkStatus();
}

template <typename Request, typename Response>
absl::StatusOr<int> End(const CommonOptions& options,
                        const TransferArguments& arguments, Terminal terminal,
                        grpc::Status (TransferService::Stub::*method)(
                            grpc::ClientContext*, const Request&, Response*),
                        const char* done) {
  Request request;
  request.set_transfer_id(arguments.transfer_id);
  request.set_validate_only(arguments.check);
  MASA_ASSIGN_OR_RETURN(const Response response, Ask(options, method, request));
  return Tell(options, response, SerialsOf(response.transfer()), done,
              terminal);
}

}  // namespace

absl::StatusOr<int> OfferTransfer(const CommonOptions& options,
                                  const TransferArguments& arguments,
                                  Terminal terminal) {
  masa::v1::OfferTransferRequest request;
  MASA_RETURN_IF_ERROR(FillDevices(options, arguments, &request));
  request.set_to_organization_id(arguments.to);
  request.set_keep_history(arguments.keep_history);
  absl::Duration lifetime;
  if (!arguments.expires_in.empty()) {
    if (!absl::ParseDuration(arguments.expires_in, &lifetime) ||
        lifetime <= absl::ZeroDuration() || lifetime > absl::Hours(24 * 366)) {
      return absl::InvalidArgumentError(
          "--expires-in is not a time like 720h, of at most a year");
    }
    request.mutable_expire_time()->set_seconds(
        absl::ToUnixSeconds(absl::Now() + lifetime));
  }
  MASA_ASSIGN_OR_RETURN(
      const auto response,
      Ask(options, &TransferService::Stub::OfferTransfer, request));
  if (!options.json && response.has_transfer()) {
    terminal.out << "transfer: " << response.transfer().transfer_id() << '\n';
  }
  return Tell(options, response, EachOnce(arguments.serials), "offered",
              terminal);
}

absl::StatusOr<int> AcceptTransfer(const CommonOptions& options,
                                   const TransferArguments& arguments,
                                   Terminal terminal) {
  return End(options, arguments, terminal,
             &TransferService::Stub::AcceptTransfer, "accepted");
}

absl::StatusOr<int> RejectTransfer(const CommonOptions& options,
                                   const TransferArguments& arguments,
                                   Terminal terminal) {
  return End(options, arguments, terminal,
             &TransferService::Stub::RejectTransfer, "given back");
}

absl::StatusOr<int> CancelTransfer(const CommonOptions& options,
                                   const TransferArguments& arguments,
                                   Terminal terminal) {
  return End(options, arguments, terminal,
             &TransferService::Stub::CancelTransfer, "kept");
}

absl::StatusOr<int> GetTransfer(const CommonOptions& options,
                                const TransferArguments& arguments,
                                Terminal terminal) {
  masa::v1::GetTransferRequest request;
  request.set_transfer_id(arguments.transfer_id);
  MASA_ASSIGN_OR_RETURN(
      const auto response,
      Ask(options, &TransferService::Stub::GetTransfer, request));
  if (options.json) {
    terminal.out << JsonOf(response.transfer()) << '\n';
    return 0;
  }
  terminal.out << Line(response.transfer()) << '\n';
  for (const auto& device : response.transfer().devices()) {
    terminal.out << "  " << Shown(device.device().serial_number()) << "  "
                 << absl::AsciiStrToLower(
                        masa::v1::TransferDevice::Hold_Name(device.hold())
                            .substr(std::string("HOLD_").size()))
                 << '\n';
  }
  return 0;
}

absl::StatusOr<int> ListTransfers(const CommonOptions& options,
                                  const TransferArguments& arguments,
                                  Terminal terminal) {
  masa::v1::ListTransfersRequest request;
  request.set_organization_id(arguments.organization);
  masa::v1::ListTransfersResponse all;
  do {
    MASA_ASSIGN_OR_RETURN(
        const auto page,
        Ask(options, &TransferService::Stub::ListTransfers, request));
    all.mutable_transfers()->MergeFrom(page.transfers());
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  if (options.json) {
    terminal.out << JsonOf(all) << '\n';
    return 0;
  }
  for (const masa::v1::Transfer& transfer : all.transfers()) {
    terminal.out << Line(transfer) << '\n';
  }
  if (all.transfers().empty()) {
    terminal.out << "no transfer\n";
  }
  return 0;
}

absl::StatusOr<int> ClaimDevices(const CommonOptions& options,
                                 const TransferArguments& arguments,
                                 Terminal terminal) {
  masa::v1::ClaimDevicesRequest request;
  for (const std::string& serial : EachOnce(arguments.serials)) {
    auto* claim = request.add_claims();
    MASA_ASSIGN_OR_RETURN(*claim->mutable_device(), KeyOf(options, serial));
    claim->set_sales_order(arguments.sales_order);
  }
  request.set_organization_id(arguments.organization);
  request.set_validate_only(arguments.check);
  MASA_ASSIGN_OR_RETURN(
      const auto response,
      Ask(options, &TransferService::Stub::ClaimDevices, request));
  return Tell(options, response, EachOnce(arguments.serials), "claimed",
              terminal);
}

absl::StatusOr<int> ReleaseDevices(const CommonOptions& options,
                                   const TransferArguments& arguments,
                                   Terminal terminal) {
  masa::v1::ReleaseDevicesRequest request;
  MASA_RETURN_IF_ERROR(FillDevices(options, arguments, &request));
  MASA_ASSIGN_OR_RETURN(
      const auto response,
      Ask(options, &TransferService::Stub::ReleaseDevices, request));
  return Tell(options, response, EachOnce(arguments.serials), "released",
              terminal);
}

}  // namespace masa::masactl
