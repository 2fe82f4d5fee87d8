#include "services/masactl/audit_commands.h"

#include <fstream>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "proto/masa/v1/audit.grpc.pb.h"
#include "services/masactl/ask.h"
#include "services/masactl/shown.h"
#include "services/status/macros.h"

namespace masa::masactl {
namespace {

using masa::v1::AuditEvent;
using masa::v1::AuditService;

absl::StatusOr<masa::v1::ListAuditEventsRequest> RequestOf(
    const CommonOptions& options, const AuditArguments& arguments) {
  masa::v1::ListAuditEventsRequest request;
  if (!arguments.serial.empty()) {
    MASA_ASSIGN_OR_RETURN(*request.mutable_device(),
                          KeyOf(options, arguments.serial));
  }
  request.set_organization_id(arguments.organization);
  request.set_kind(arguments.kind);
  request.set_actor(arguments.actor);
  if (!arguments.since.empty()) {
    absl::Duration since;
    if (!absl::ParseDuration(arguments.since, &since) ||
        since < absl::ZeroDuration()) {
      return absl::InvalidArgumentError(absl::StrCat(
          "--since ", arguments.since, ": give a time like 30m or 24h"));
    }
    request.mutable_from()->set_seconds(
        absl::ToUnixSeconds(absl::Now() - since));
  }
  return request;
}

}  // namespace

std::string LineOf(const AuditEvent& event) {
  const absl::Time at = absl::FromUnixSeconds(event.at().seconds()) +
                        absl::Nanoseconds(event.at().nanos());
  return absl::StrCat(
      event.has_log_index() ? absl::StrCat(event.log_index()) : "-", "  ",
      absl::FormatTime("%Y-%m-%dT%H:%M:%E6SZ", at, absl::UTCTimeZone()), "  ",
      event.kind().empty() ? "MISSING" : event.kind(), "  ", event.event_id(),
      event.device_id().empty()
          ? ""
          : absl::StrCat("  device ",
                         absl::BytesToHexString(event.device_id())),
      event.voucher_id().empty()
          ? ""
          : absl::StrCat("  voucher ", event.voucher_id()),
      event.actor().empty() ? "" : absl::StrCat("  by ", Shown(event.actor())));
}

absl::StatusOr<int> ListAudit(const CommonOptions& options,
                              const AuditArguments& arguments,
                              Terminal terminal) {
  MASA_ASSIGN_OR_RETURN(auto request, RequestOf(options, arguments));
  masa::v1::ListAuditEventsResponse all;
  do {
    request.set_page_size(static_cast<int32_t>(
        std::min<size_t>(1000, arguments.most - all.events_size())));
    MASA_ASSIGN_OR_RETURN(
        const auto page,
        Ask<AuditService>(options, &AuditService::Stub::ListAuditEvents,
                          request));
    all.mutable_events()->MergeFrom(page.events());
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty() &&
           static_cast<uint32_t>(all.events_size()) < arguments.most);
  if (options.json) {
    terminal.out << JsonOf(all) << '\n';
    return 0;
  }
  for (const AuditEvent& event : all.events()) {
    terminal.out << LineOf(event) << '\n';
  }
  if (all.events().empty()) {
    // A kind that is none is a quiet log otherwise.
    terminal.out << "no such event"
                 << (arguments.kind.empty()
                         ? ""
                         : "; without --kind the list shows the kinds there "
                           "are")
                 << '\n';
  }
  return 0;
}

absl::StatusOr<int> ShowEvent(const CommonOptions& options,
                              const std::string& event_id, Terminal terminal) {
  masa::v1::ListAuditEventsRequest request;
  request.set_event_id(event_id);
  MASA_ASSIGN_OR_RETURN(
      const auto found,
      Ask<AuditService>(options, &AuditService::Stub::ListAuditEvents,
                        request));
  if (found.events().empty()) {
    return absl::NotFoundError(
        "no such event is in the log; one that has just happened is in a "
        "second or two");
  }
  const AuditEvent& event = found.events(0);
  if (options.json) {
    terminal.out << JsonOf(event) << '\n';
    return 0;
  }
  terminal.out << LineOf(event) << '\n';
  if (!event.request_id().empty()) {
    terminal.out << "request: " << Shown(event.request_id()) << '\n';
  }
  // As the log commits to it.
  terminal.out << "salt: " << absl::BytesToHexString(event.salt())
               << "\nentry: " << absl::BytesToHexString(event.entry())
               << "\nevent: " << Shown(event.event()) << '\n';
  return 0;
}

absl::StatusOr<int> ProveAudit(const CommonOptions& options,
                               const AuditArguments& arguments,
                               Terminal terminal) {
  masa::v1::GetInclusionProofRequest request;
  if (arguments.event_id.empty() == arguments.voucher_id.empty()) {
    return absl::InvalidArgumentError("give one of EVENT and --voucher");
  }
  if (arguments.voucher_id.empty()) {
    request.set_event_id(arguments.event_id);
  } else {
    request.set_voucher_id(arguments.voucher_id);
  }
  MASA_ASSIGN_OR_RETURN(
      const auto proof,
      Ask<AuditService>(options, &AuditService::Stub::GetInclusionProof,
                        request));
  std::ofstream file(arguments.out_file, std::ios::binary);
  file << proof.receipt();
  file.close();
  if (!file) {
    return absl::InvalidArgumentError(
        absl::StrCat("the receipt cannot be written to ", arguments.out_file));
  }
  return Tell(
      options, terminal, proof,
      absl::StrCat("event number ", proof.log_index(), " of ", proof.size(),
                   " in the log; the receipt is in ", arguments.out_file));
}

}  // namespace masa::masactl
