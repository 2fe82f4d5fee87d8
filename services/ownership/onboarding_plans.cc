#include "services/ownership/onboarding_plans.h"

#include "services/ownership/group_plans.h"
#include "services/status/field_faults.h"
#include "services/status/macros.h"
#include "services/status/reason.h"
#include "services/wire/certificate.h"
#include "services/wire/https_uri.h"
#include "storage/audit_kinds.h"

namespace masa::ownership {
namespace {

using storage::Onboarding;
using storage::OrganizationTree;
using storage::TreeChange;

absl::Status OnboardingUnknown() {
  return Refuse(Reason::kOnboardingUnknown,
                "no onboarding is recorded for this group");
}

absl::Status CheckShape(const Onboarding& record) {
  FieldChecker check;
  const auto uri = [&check](const char* field, const std::string& text) {
    if (!text.empty() && !wire::IsHttpsUri(text)) {
      check.Fault(field,
                  "is not an absolute https:// URL of at most 1024 octets");
    }
  };
  uri("onboarding.registrar_url", record.registrar_url);
  if (record.registrar_url.find_first_of("?#") != std::string::npos) {
    check.Fault("onboarding.registrar_url",
                "has a query or a fragment, and devices are sent to a path of "
                "the registrar's without either");
  }
  uri("onboarding.est.domain", record.est_domain);
  uri("onboarding.est.additional_configuration_url",
      record.additional_configuration_url);
  if (record.registrar_url.empty() == record.est_domain.empty()) {
    check.Fault("onboarding",
                "names either a registrar by its URL or an EST server by its "
                "domain");
  }
  if (record.est_domain.empty() &&
      !(record.est_certificate_der.empty() &&
        record.additional_configuration_url.empty())) {
    check.Fault("onboarding.est",
                "goes with a domain: a certificate and a configuration URL are "
                "an EST server's");
  }
  return check.Finish();
}

// The certificate must hold when the record is written (CR-18).
absl::Status CheckCertificate(const Onboarding& record, absl::Time now) {
  constexpr char kField[] = "onboarding.est.certificate_der";
  if (record.est_domain.empty()) {
    return absl::OkStatus();
  }
  const auto certificate = wire::Certificate::Parse(record.est_certificate_der);
  if (!certificate.ok()) {
    return AtField(Refuse(Reason::kCertMalformed,
                          "the EST server's certificate is not an X.509 "
                          "certificate in DER"),
                   kField);
  }
  if ((*certificate)->not_after <= now || (*certificate)->not_before > now) {
    return AtField(Refuse(Reason::kCertExpired,
                          "the EST server's certificate has expired or is not "
                          "valid yet"),
                   kField);
  }
  return absl::OkStatus();
}

absl::Status CheckIsStill(const OrganizationTree& tree,
                          const std::string& group_id,
                          const std::optional<int64_t>& expected) {
  const auto found = tree.onboardings.find(group_id);
  return !expected || (found != tree.onboardings.end() &&
                       found->second.version == *expected)
             ? absl::OkStatus()
             : Refuse(Reason::kEtagMismatch,
                      "the onboarding was changed meanwhile; read it again");
}

}  // namespace

std::optional<Onboarding> OnboardingIn(const OrganizationTree& tree,
                                       const std::string& group_id) {
  for (const std::string& group : PathUp(tree, group_id)) {
    const auto found = tree.onboardings.find(group);
    if (found != tree.onboardings.end()) {
      return found->second;
    }
  }
  return std::nullopt;
}

absl::StatusOr<Onboarding> FindOnboarding(const OrganizationTree& tree,
                                          const Actor& actor,
                                          const std::string& group_id) {
  MASA_RETURN_IF_ERROR(CheckMay(tree, actor, group_id, Act::kSee));
  std::optional<Onboarding> record = OnboardingIn(tree, group_id);
  if (!record) {
    return OnboardingUnknown();
  }
  if (PowerIn(tree, actor, record->group_id) == Power::kNone) {
    record->group_id.clear();
  }
  return *std::move(record);
}

absl::StatusOr<TreeChange> PlanSetOnboarding(
    const OrganizationTree& tree, const Actor& actor, const Onboarding& record,
    const std::optional<int64_t>& expected, absl::Time now) {
  MASA_RETURN_IF_ERROR(CheckMay(tree, actor, record.group_id, Act::kKeepCert));
  MASA_RETURN_IF_ERROR(CheckShape(record));
  MASA_RETURN_IF_ERROR(CheckCertificate(record, now));
  MASA_RETURN_IF_ERROR(CheckIsStill(tree, record.group_id, expected));
  TreeChange change = ChangeOf(tree, storage::kOnboardingSet);
  change.onboardings = {record};
  // Never that of an earlier record, also when one was cleared in between.
  change.onboardings[0].version = tree.version + 1;
  change.result = record.group_id;
  return change;
}

absl::StatusOr<TreeChange> PlanClearOnboarding(
    const OrganizationTree& tree, const Actor& actor,
    const std::string& group_id, const std::optional<int64_t>& expected) {
  MASA_RETURN_IF_ERROR(CheckMay(tree, actor, group_id, Act::kKeepCert));
  if (!tree.onboardings.contains(group_id)) {
    return OnboardingUnknown();
  }
  MASA_RETURN_IF_ERROR(CheckIsStill(tree, group_id, expected));
  TreeChange change = ChangeOf(tree, storage::kOnboardingCleared);
  change.removed_onboardings = {group_id};
  change.result = group_id;
  return change;
}

absl::StatusOr<Onboarding> EstServerOf(const OrganizationTree& tree,
                                       const storage::Device& device) {
  std::optional<Onboarding> record = OnboardingIn(tree, PlaceOf(device));
  if (!record || record->est_domain.empty()) {
    return Refuse(Reason::kOnboardingUnknown,
                  "no EST server is recorded for the device's group; record "
                  "one with masactl onboarding set");
  }
  return *std::move(record);
}

storage::OwnershipStanding StandingOfEstServer(
    const OrganizationTree& tree, const Onboarding& server,
    const storage::DomainFacts& domain) {
  storage::OwnershipStanding standing;
  standing.owner_recorded = true;
  standing.is_owner = true;
  standing.registered_domain = domain.registered();
  standing.blocked_domain = domain.blocked;
  standing.may_have_endless = tree.organization.nonceless_without_expiry();
  standing.owner_cert_der = server.est_certificate_der;
  return standing;
}

}  // namespace masa::ownership
