#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "proto/masa/v1/approval.grpc.pb.h"
#include "services/masactl/shown.h"
#include "services/masactl/voucher_commands.h"
#include "services/status/macros.h"

namespace masa::masactl {
namespace {

using masa::v1::ApprovalService;

void Print(const masa::v1::Claim& claim, std::ostream& out) {
  out << absl::BytesToHexString(claim.claim_id()) << "  "
      << absl::FormatTime("%Y-%m-%dT%H:%M:%SZ",
                          absl::FromUnixSeconds(claim.asked_at().seconds()),
                          absl::UTCTimeZone())
      << "  device " << Shown(claim.serial_number()) << "  domain "
      << absl::BytesToHexString(claim.domain_id()) << '\n';
}

}  // namespace

absl::StatusOr<int> ListClaims(const CommonOptions& options,
                               Terminal terminal) {
  MASA_ASSIGN_OR_RETURN(const auto channel, Connect(options));
  masa::v1::ListClaimsResponse response;
  grpc::ClientContext call;
  Prepare(&call);
  MASA_RETURN_IF_ERROR(StatusOf(ApprovalService::NewStub(channel)->ListClaims(
      &call, masa::v1::ListClaimsRequest(), &response)));
  if (options.json) {
    terminal.out << JsonOf(response) << '\n';
    return 0;
  }
  if (response.claims().empty()) {
    terminal.out << "no claim waits\n";
  }
  for (const masa::v1::Claim& claim : response.claims()) {
    Print(claim, terminal.out);
  }
  return 0;
}

absl::StatusOr<int> DecideClaim(const CommonOptions& options,
                                const std::string& claim_hex, bool approve,
                                const std::string& reason, Terminal terminal) {
  masa::v1::DecideClaimRequest request;
  MASA_ASSIGN_OR_RETURN(*request.mutable_claim_id(),
                        OctetsOfHex("the claim", claim_hex));
  request.set_approve(approve);
  request.set_reason(reason);
  MASA_ASSIGN_OR_RETURN(const auto channel, Connect(options));
  masa::v1::DecideClaimResponse response;
  grpc::ClientContext call;
  Prepare(&call);
  MASA_RETURN_IF_ERROR(StatusOf(ApprovalService::NewStub(channel)->DecideClaim(
      &call, request, &response)));
  if (options.json) {
    terminal.out << JsonOf(response.claim()) << '\n';
  } else {
    terminal.out << (approve ? "approved: " : "declined: ");
    Print(response.claim(), terminal.out);
  }
  return 0;
}

}  // namespace masa::masactl
