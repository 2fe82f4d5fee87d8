#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "proto/masa/v1/device.grpc.pb.h"
#include "services/masactl/ask.h"
#include "services/masactl/commands.h"
#include "services/masactl/shown.h"
#include "services/status/macros.h"
#include "services/wire/certificate.h"

namespace masa::masactl {
namespace {

using masa::v1::OwnershipService;
using masa::v1::ResolveOwnershipRequest;
using masa::v1::ResolveOwnershipResponse;

// A line of what is known.
std::string Line(const char* name, const std::string& value) {
  return value.empty() ? "" : absl::StrCat(name, ": ", Shown(value), "\n");
}

// Without what all names of an enumeration begin with.
std::string Word(const std::string& name, const char* prefix) {
  return name.substr(std::string(prefix).size());
}

std::string TimeText(const google::protobuf::Timestamp& time) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%SZ",
                          absl::FromUnixSeconds(time.seconds()),
                          absl::UTCTimeZone());
}

// As a person reads it, up to the last end of line, which Tell writes.
std::string Describe(const ResolveOwnershipResponse& response) {
  const std::string& owner = response.organization_id();
  std::string text = absl::StrCat(
      Line("owner", owner.empty() ? "none" : owner),
      Line("group", response.group_id()),
      Line("state",
           Word(masa::v1::DeviceState_Name(response.state()), "DEVICE_STATE_")),
      Line("decision",
           Word(ResolveOwnershipResponse::Decision_Name(response.decision()),
                "DECISION_")),
      Line("reason", response.reason()),
      Line("certificate", response.cert_id()));
  if (response.has_max_expires_on()) {
    absl::StrAppend(&text, Line("until", TimeText(response.max_expires_on())));
  }
  if (response.decision() != ResolveOwnershipResponse::DECISION_DENY) {
    absl::StrAppend(
        &text,
        Line("assertion", Word(masa::v1::Assertion_Name(response.assertion()),
                               "ASSERTION_")),
        Line("revocation", response.revocation_checks() ? "checked" : ""));
  }
  absl::StrAppend(&text, "as of: ", TimeText(response.as_of()));
  return text;
}

}  // namespace

absl::StatusOr<int> ResolveOwner(const CommonOptions& options,
                                 const std::string& serial,
                                 const std::string& registrar_file,
                                 Terminal terminal) {
  ResolveOwnershipRequest request;
  MASA_ASSIGN_OR_RETURN(*request.mutable_device(), KeyOf(options, serial));
  if (!registrar_file.empty()) {
    MASA_ASSIGN_OR_RETURN(const std::string der,
                          ReadCertificate(registrar_file));
    MASA_ASSIGN_OR_RETURN(const auto certificate,
                          wire::Certificate::Parse(der));
    request.mutable_registrar()->set_spki_sha256(certificate->spki_sha256);
  }
  MASA_ASSIGN_OR_RETURN(
      const auto response,
      (Ask<OwnershipService>(options, &OwnershipService::Stub::ResolveOwnership,
                             request)));
  return Tell(options, terminal, response, Describe(response));
}

}  // namespace masa::masactl
