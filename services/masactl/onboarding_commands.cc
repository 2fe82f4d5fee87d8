#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "openssl/sha.h"
#include "proto/masa/v1/organization.grpc.pb.h"
#include "services/masactl/ask.h"
#include "services/masactl/group_commands.h"
#include "services/masactl/shown.h"
#include "services/status/macros.h"

namespace masa::masactl {
namespace {

using masa::v1::GroupService;

std::string TextOf(const masa::v1::Onboarding& onboarding) {
  if (!onboarding.has_est()) {
    return absl::StrCat("registrar ", Shown(onboarding.registrar_url()));
  }
  const std::string& der = onboarding.est().certificate_der();
  uint8_t digest[SHA256_DIGEST_LENGTH];
  SHA256(reinterpret_cast<const uint8_t*>(der.data()), der.size(), digest);
  const std::string& more = onboarding.est().additional_configuration_url();
  return absl::StrCat(
      "EST server ", Shown(onboarding.est().domain()), "\ncertificate SHA-256 ",
      absl::BytesToHexString(absl::string_view(
          reinterpret_cast<const char*>(digest), sizeof(digest))),
      more.empty() ? "" : "\nadditional configuration ", Shown(more));
}

absl::StatusOr<masa::v1::Onboarding> RecordOf(const GroupArguments& arguments) {
  masa::v1::Onboarding record;
  record.set_group_id(arguments.group);
  if (arguments.est_domain.empty() == arguments.registrar_url.empty() ||
      arguments.est_domain.empty() != arguments.cert_file.empty() ||
      (arguments.est_domain.empty() && !arguments.configuration_url.empty())) {
    return absl::InvalidArgumentError(
        "give --registrar-url, or --est-domain with --est-cert and, where "
        "there "
        "is one, --configuration-url");
  }
  if (!arguments.registrar_url.empty()) {
    record.set_registrar_url(arguments.registrar_url);
    return record;
  }
  masa::v1::EstServer& est = *record.mutable_est();
  est.set_domain(arguments.est_domain);
  est.set_additional_configuration_url(arguments.configuration_url);
  MASA_ASSIGN_OR_RETURN(*est.mutable_certificate_der(),
                        ReadCertificate(arguments.cert_file));
  return record;
}

}  // namespace

absl::StatusOr<int> SetOnboarding(const CommonOptions& options,
                                  const GroupArguments& arguments,
                                  Terminal terminal) {
  masa::v1::SetOnboardingRequest request;
  MASA_ASSIGN_OR_RETURN(*request.mutable_onboarding(), RecordOf(arguments));
  MASA_ASSIGN_OR_RETURN(
      const auto response,
      Ask<GroupService>(options, &GroupService::Stub::SetOnboarding, request));
  return Tell(
      options, terminal, response.onboarding(),
      absl::StrCat(arguments.group, ": ", TextOf(response.onboarding())));
}

absl::StatusOr<int> ShowOnboarding(const CommonOptions& options,
                                   const GroupArguments& arguments,
                                   Terminal terminal) {
  masa::v1::GetOnboardingRequest request;
  request.set_group_id(arguments.group);
  MASA_ASSIGN_OR_RETURN(
      const auto response,
      Ask<GroupService>(options, &GroupService::Stub::GetOnboarding, request));
  const masa::v1::Onboarding& record = response.onboarding();
  return Tell(options, terminal, record,
              absl::StrCat(record.group_id().empty() ? "a group above"
                                                     : record.group_id(),
                           ": ", TextOf(record)));
}

absl::StatusOr<int> ClearOnboarding(const CommonOptions& options,
                                    const GroupArguments& arguments,
                                    Terminal terminal) {
  masa::v1::ClearOnboardingRequest request;
  request.set_group_id(arguments.group);
  MASA_ASSIGN_OR_RETURN(
      const auto response,
      Ask<GroupService>(options, &GroupService::Stub::ClearOnboarding,
                        request));
  return Tell(options, terminal, response,
              arguments.group + " has no onboarding of its own");
}

}  // namespace masa::masactl
