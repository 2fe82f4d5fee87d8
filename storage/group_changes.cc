#include "storage/group_changes.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "services/status/macros.h"
#include "services/status/reason.h"
#include "storage/record_checks.h"

namespace masa::storage {
namespace {

// Names stand in keys, which no engine takes at any length.
constexpr size_t kLongestName = 256;
constexpr size_t kLongestText = 1024;

bool IsText(const std::string& text) {
  return !text.empty() && text.size() <= kLongestText && IsStorableText(text);
}

bool IsName(const std::string& name) {
  return IsText(name) && name.size() <= kLongestName;
}

bool IsAccount(const Account& account) {
  return IsName(account.organization_id) && IsName(account.username);
}

// One of the two ways, and all of it.
bool IsOnboarding(const Onboarding& record) {
  const auto maybe = [](const std::string& url) {
    return url.empty() || IsText(url);
  };
  return IsName(record.group_id) && maybe(record.registrar_url) &&
         maybe(record.est_domain) &&
         maybe(record.additional_configuration_url) &&
         record.registrar_url.empty() != record.est_domain.empty() &&
         record.est_domain.empty() == record.est_certificate_der.empty();
}

bool AreNames(const TreeChange& change) {
  const auto all = [](const auto& records, const auto& is) {
    return std::all_of(records.begin(), records.end(), is);
  };
  const auto is_binding = [](const Binding& binding) {
    return IsName(binding.group_id) && IsAccount(binding.account);
  };
  const auto is_delegation = [](const Delegation& delegation) {
    return IsName(delegation.group_id) && IsName(delegation.organization_id);
  };
  return IsName(change.tenant_id) && IsName(change.organization_id) &&
         all(change.groups,
             [](const Group& group) {
               return IsName(group.group_id) && IsName(group.parent_id) &&
                      IsText(group.description);
             }) &&
         all(change.bindings, is_binding) &&
         all(change.removed_bindings, is_binding) &&
         all(change.delegations, is_delegation) &&
         all(change.removed_delegations, is_delegation) &&
         all(change.certs,
             [](const GroupCert& cert) {
               return IsName(cert.cert_id) && IsName(cert.group_id);
             }) &&
         all(change.removed_groups, IsName) &&
         all(change.removed_certs, IsName) &&
         all(change.onboardings, IsOnboarding) &&
         all(change.removed_onboardings, IsName) &&
         (!change.organization || change.organization->display_name().empty() ||
          IsText(change.organization->display_name()));
}

}  // namespace

absl::Status CheckTreeChange(const TreeChange& change) {
  if (!AreNames(change)) {
    return Refuse(Reason::kInvalidArgument,
                  "an id, name or text of the change is empty, too long (256 "
                  "octets; a description 1024) or not UTF-8");
  }
  if (change.once &&
      (!IsName(change.once->request_id) || !IsName(change.once->actor))) {
    return Refuse(Reason::kInvalidArgument,
                  "request_id is not UTF-8, or longer than 256 octets");
  }
  for (const GroupCert& cert : change.certs) {
    MASA_RETURN_IF_ERROR(SpkiSha256Of(cert.certificate_der).status());
    if (cert.expires_at && !IsStorableTime(*cert.expires_at)) {
      return Refuse(Reason::kInvalidArgument,
                    "expiry_time is no time of the years 1 to 9999");
    }
  }
  for (const Onboarding& record : change.onboardings) {
    if (!record.est_domain.empty()) {
      MASA_RETURN_IF_ERROR(SpkiSha256Of(record.est_certificate_der).status());
    }
  }
  return absl::OkStatus();
}

bool CanBeAsked(const TreeQuestion& question) {
  return IsStorableText(question.tenant_id) && IsStorableText(question.id) &&
         IsStorableText(question.account.organization_id) &&
         IsStorableText(question.account.username);
}

absl::StatusOr<Device> PlanPlace(const Placement& placement,
                                 absl::Span<const Device> candidates) {
  MASA_ASSIGN_OR_RETURN(Device device, Choose(placement.device, candidates));
  if (device.organization_id != placement.organization_id ||
      device.group_id != placement.from_group_id) {
    return Refuse(Reason::kStoreConflict,
                  "the device was moved meanwhile; try again");
  }
  MASA_RETURN_IF_ERROR(CheckNotInTransfer(device));
  device.group_id = placement.to_group_id;
  ++device.version;
  return device;
}

GroupCert CertOf(const masa::v1::DomainCert& record) {
  GroupCert cert;
  cert.cert_id = record.cert_id();
  cert.group_id =
      record.group_id().empty() ? record.organization_id() : record.group_id();
  cert.certificate_der = record.certificate_der();
  cert.revocation_checks = record.revocation_checks();
  if (record.has_expiry_time()) {
    cert.expires_at = absl::FromUnixSeconds(record.expiry_time().seconds()) +
                      absl::Nanoseconds(record.expiry_time().nanos());
  }
  return cert;
}

Binding BindingOf(const masa::v1::AccessBinding& record) {
  Binding binding;
  binding.group_id =
      record.group_id().empty() ? record.organization_id() : record.group_id();
  binding.account.organization_id = record.account_organization_id().empty()
                                        ? record.organization_id()
                                        : record.account_organization_id();
  binding.account.username = record.username();
  binding.account.type = static_cast<AccountType>(record.account_type());
  binding.role = static_cast<GroupRole>(record.role());
  return binding;
}

absl::Status TreeHasChanged() {
  return Refuse(Reason::kStoreConflict,
                "the organisation was changed meanwhile; try again");
}

absl::Status GroupHasDevices() {
  return Refuse(Reason::kGroupNotEmpty,
                "the group has devices; move them to another one first");
}

absl::Status OrganizationHas(absl::string_view what) {
  return Refuse(Reason::kGroupNotEmpty,
                absl::StrCat("the organisation cannot go: ", what));
}

std::set<std::string> RightsHoldersOf(const TreeChange& change) {
  std::set<std::string> holders;
  for (const Delegation& delegation : change.delegations) {
    holders.insert(delegation.organization_id);
  }
  for (const Binding& binding : change.bindings) {
    holders.insert(binding.account.organization_id);
  }
  holders.erase(kEveryone);
  return holders;
}

absl::Status RightsHolderIsGone() {
  return Refuse(Reason::kOrganizationUnknown, "there is no such customer");
}

absl::Status GroupIsGone() {
  return Refuse(Reason::kGroupNotFound, "there is no such group");
}

}  // namespace masa::storage
