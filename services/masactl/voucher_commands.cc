#include "services/masactl/voucher_commands.h"

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <system_error>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "proto/masa/v1/audit.grpc.pb.h"
#include "proto/masa/v1/voucher.grpc.pb.h"
#include "services/masactl/shown.h"
#include "services/status/macros.h"
#include "services/wire/voucher.h"

namespace masa::masactl {
namespace {

std::string TimeText(const google::protobuf::Timestamp& timestamp) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%SZ",
                          absl::FromUnixSeconds(timestamp.seconds()),
                          absl::UTCTimeZone());
}

void Print(const masa::v1::AuditLogEntry& entry, std::ostream& out) {
  out << TimeText(entry.at()) << "  "
      << std::string(wire::AssertionName(entry.assertion())) << "  domain "
      << absl::BytesToHexString(entry.domain_id()) << "  "
      << (entry.has_nonce() ? "nonce " + Shown(entry.nonce()) : "no nonce");
  if (entry.has_expires_on()) {
    out << "  until " << TimeText(entry.expires_on());
  }
  if (!entry.actor().empty()) {
    out << "  by " << Shown(entry.actor());
  }
  out << '\n';
}

}  // namespace

absl::StatusOr<masa::v1::IssueVoucherRequest> OrderOf(
    const IssueArguments& arguments) {
  masa::v1::IssueVoucherRequest request;
  if (arguments.est != arguments.domain_cert_file.empty()) {
    return absl::InvalidArgumentError("give one of --domain-cert and --est");
  }
  request.set_est_onboarding(arguments.est);
  if (!arguments.est) {
    MASA_ASSIGN_OR_RETURN(*request.mutable_pinned_cert_der(),
                          ReadCertificate(arguments.domain_cert_file));
  }
  request.set_format(arguments.format == "jws"    ? masa::v1::FORMAT_JWS_JSON
                     : arguments.format == "cose" ? masa::v1::FORMAT_COSE_CBOR
                                                  : masa::v1::FORMAT_CMS_JSON);
  request.set_nonce(arguments.nonce);
  absl::Duration lifetime;
  const int given = (arguments.nonce.empty() ? 0 : 1) +
                    (arguments.expires_in.empty() ? 0 : 1) +
                    (arguments.endless ? 1 : 0);
  if (given != 1) {
    return absl::InvalidArgumentError(
        "give exactly one of --nonce, --expires-in and --endless");
  }
  if (!arguments.expires_in.empty()) {
    if (!absl::ParseDuration(arguments.expires_in, &lifetime) ||
        lifetime <= absl::ZeroDuration()) {
      return absl::InvalidArgumentError(
          "--expires-in is not a time like 20m or 720h");
    }
    request.mutable_expires_on()->set_seconds(
        absl::ToUnixSeconds(absl::Now() + lifetime));
  }
  return request;
}

absl::Status CheckEnd(const IssueArguments& arguments) {
  return arguments.expires_in.empty() == arguments.endless
             ? absl::OkStatus()
             : absl::InvalidArgumentError(
                   "give one of --expires-in and --endless");
}

std::string EndingOf(masa::v1::Format format) {
  return format == masa::v1::FORMAT_JWS_JSON    ? ".vjj"
         : format == masa::v1::FORMAT_COSE_CBOR ? ".vch"
                                                : ".vcj";
}

std::string VoucherPath(const std::string& out, const std::string& voucher_id,
                        masa::v1::Format format) {
  std::error_code error;
  if (!std::filesystem::is_directory(out, error)) {
    return out;
  }
  return (std::filesystem::path(out) / (voucher_id + EndingOf(format)))
      .string();
}

absl::Status CheckWritable(const std::string& out) {
  std::error_code error;
  const std::filesystem::path path(out);
  const std::filesystem::path folder =
      path.has_parent_path() ? path.parent_path() : ".";
  const bool is_there = std::filesystem::exists(path, error);
  const bool has_place =
      is_there || std::filesystem::is_directory(folder, error);
  return has_place && access((is_there ? path : folder).c_str(), W_OK) == 0
             ? absl::OkStatus()
             : absl::InvalidArgumentError(
                   absl::StrCat("the voucher could not be written to ", out,
                                ", so none was issued"));
}

absl::StatusOr<int> IssueVoucher(const CommonOptions& options,
                                 const IssueArguments& arguments,
                                 Terminal terminal) {
  MASA_ASSIGN_OR_RETURN(auto request, OrderOf(arguments));
  MASA_ASSIGN_OR_RETURN(*request.mutable_device(),
                        KeyOf(options, arguments.serials.front()));
  MASA_RETURN_IF_ERROR(CheckWritable(arguments.out_file));
  MASA_ASSIGN_OR_RETURN(const auto channel, Connect(options));
  masa::v1::IssueVoucherResponse response;
  grpc::ClientContext call;
  Prepare(&call);
  MASA_RETURN_IF_ERROR(
      StatusOf(masa::v1::VoucherService::NewStub(channel)->IssueVoucher(
          &call, request, &response)));
  const std::string path =
      VoucherPath(arguments.out_file, response.voucher_id(), request.format());
  std::ofstream file(path, std::ios::binary);
  file << response.voucher();
  file.close();
  if (!file) {
    return absl::InvalidArgumentError(
        absl::StrCat("the voucher was issued (", response.voucher_id(),
                     ") but cannot be written to ", path));
  }
  if (options.json) {
    terminal.out << JsonOf(response) << '\n';
  } else {
    terminal.out << "voucher " << response.voucher_id() << " of "
                 << response.voucher().size() << " octets, signed with "
                 << response.signing_key() << ", is in " << path << '\n';
  }
  return 0;
}

absl::StatusOr<int> ShowAudit(const CommonOptions& options,
                              const std::string& serial, Terminal terminal) {
  MASA_ASSIGN_OR_RETURN(const auto channel, Connect(options));
  masa::v1::GetDeviceAuditLogRequest request;
  MASA_ASSIGN_OR_RETURN(*request.mutable_device(), KeyOf(options, serial));
  masa::v1::GetDeviceAuditLogResponse response;
  grpc::ClientContext call;
  Prepare(&call);
  MASA_RETURN_IF_ERROR(
      StatusOf(masa::v1::AuditService::NewStub(channel)->GetDeviceAuditLog(
          &call, request, &response)));
  if (options.json) {
    terminal.out << JsonOf(response) << '\n';
    return 0;
  }
  if (response.entries().empty()) {
    terminal.out << "no voucher was issued for this device\n";
  }
  for (const masa::v1::AuditLogEntry& entry : response.entries()) {
    Print(entry, terminal.out);
  }
  return 0;
}

}  // namespace masa::masactl
