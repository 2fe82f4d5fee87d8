#include <google/protobuf/struct.pb.h>
#include <google/protobuf/util/json_util.h>

#include "absl/time/clock.h"
#include "proto/masa/v1/transfer.grpc.pb.h"
#include "services/masactl/history_pages.h"
#include "services/masactl/history_report.h"
#include "services/masactl/transfer_commands.h"
#include "services/status/macros.h"
#include "services/verification/boring_verifier.h"

namespace masa::masactl {
namespace {

using masa::v1::GetOwnershipHistoryResponse;

absl::StatusOr<GetOwnershipHistoryResponse> ReadAll(
    const CommonOptions& options, const std::string& serial) {
  MASA_ASSIGN_OR_RETURN(const auto channel, Connect(options));
  const auto stub = masa::v1::TransferService::NewStub(channel);
  MASA_ASSIGN_OR_RETURN(const auto device, KeyOf(options, serial));
  return ReadHistory(*stub, device);
}

// The history and the verdict as one object.
std::string JsonWith(const GetOwnershipHistoryResponse& history,
                     const HistoryReport& report) {
  google::protobuf::Struct whole;
  auto& fields = *whole.mutable_fields();
  // Cannot fail: it is JSON that was written here.
  (void)google::protobuf::util::JsonStringToMessage(
      JsonOf(history), fields["history"].mutable_struct_value());
  fields["holds"].set_bool_value(report.faults.empty());
  for (const std::string& fault : report.faults) {
    fields["faults"].mutable_list_value()->add_values()->set_string_value(
        fault);
  }
  return JsonOf(whole);
}

// The exit status: not to be signed yet is no word against the history.
int SayFaults(const HistoryReport& report, std::ostream& err) {
  for (const std::string& fault : report.faults) {
    err << (report.waits_for_signature ? "" : "does not hold: ") << fault
        << '\n';
  }
  return report.faults.empty() ? 0 : report.waits_for_signature ? 2 : 1;
}

}  // namespace

absl::StatusOr<int> ShowHistory(const CommonOptions& options,
                                const TransferArguments& arguments,
                                Terminal terminal) {
  HistoryTrust trust;
  trust.serial_number = arguments.serial;
  trust.now = absl::Now();
  if (arguments.verify) {
    MASA_ASSIGN_OR_RETURN(trust.anchor_der,
                          ReadCertificate(arguments.anchor_file));
  }
  if (!options.idevid_issuer_hex.empty()) {
    MASA_ASSIGN_OR_RETURN(
        trust.idevid_issuer,
        OctetsOfHex("--idevid-issuer", options.idevid_issuer_hex));
  }
  MASA_ASSIGN_OR_RETURN(const GetOwnershipHistoryResponse history,
                        ReadAll(options, arguments.serial));
  if (!arguments.verify) {
    if (options.json) {
      terminal.out << JsonOf(history) << '\n';
    } else if (history.entries().empty()) {
      terminal.out << kNoEntry << '\n';
    } else {
      Print(history, terminal.out);
    }
    return 0;
  }
  const HistoryReport report =
      Verify(history, trust, verification::BoringVerifier());
  if (options.json) {
    terminal.out << JsonWith(history, report) << '\n';
  } else {
    Print(history, terminal.out);
    for (const std::string& sentence : report.says) {
      terminal.out << sentence << '\n';
    }
  }
  return SayFaults(report, terminal.err);
}

}  // namespace masa::masactl
