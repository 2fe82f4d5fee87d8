#include "services/masad/certificates_last.h"

#include <optional>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "services/status/reason.h"
#include "services/telemetry/tls_expiries.h"

namespace masa::masad {
namespace {

absl::Status Ended(const std::string& shown_for, const std::string& path,
                   absl::Time at) {
  return Refuse(Reason::kMisconfigured,
                absl::StrCat("the certificate for ", shown_for, " ended at ",
                             absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", at,
                                              absl::UTCTimeZone()),
                             "; renew ", path, ", no restart is needed"));
}

}  // namespace

absl::Status CheckCertificatesLast(
    const std::map<std::string, std::string>& chains, absl::Time now) {
  absl::Status hosts;
  bool serves_a_host = false;
  for (const auto& [shown_for, path] : chains) {
    const std::optional<absl::Time> end = telemetry::TlsNotAfter(path);
    const bool has_ended = end.has_value() && *end <= now;
    if (absl::StartsWith(shown_for, "edge:")) {
      serves_a_host = serves_a_host || !has_ended;
      hosts.Update(has_ended ? Ended(shown_for, path, *end) : hosts);
    } else if (has_ended && shown_for != "admin") {
      return Ended(shown_for, path, *end);
    }
  }
  return serves_a_host ? absl::OkStatus() : hosts;
}

}  // namespace masa::masad
