#include "storage/group_changes.h"

#include <google/protobuf/struct.pb.h>
#include <google/protobuf/util/json_util.h>

#include <algorithm>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "openssl/sha.h"
#include "services/status/macros.h"
#include "services/status/reason.h"
#include "storage/record_checks.h"

namespace masa::storage {
namespace {

using google::protobuf::Struct;

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

void Put(Struct& fields, const char* name, const std::string& value) {
  (*fields.mutable_fields())[name].set_string_value(value);
}

void Append(Struct& fields, const char* list, const std::string& value) {
  (*fields.mutable_fields())[list]
      .mutable_list_value()
      ->add_values()
      ->set_string_value(value);
}

void AppendBinding(Struct& fields, const char* list, const std::string& tenant,
                   const Binding& binding) {
  Append(
      fields, list,
      absl::StrCat(binding.group_id, "/", AccountHash(tenant, binding.account),
                   "/", static_cast<int>(binding.role)));
}

// Of the EST server's certificate, its key: what devices will trust.
void AppendOnboardings(Struct& fields, const TreeChange& change) {
  for (const Onboarding& record : change.onboardings) {
    const auto key = SpkiSha256Of(record.est_certificate_der);
    Append(fields, "onboardings",
           key.ok() ? absl::StrCat(record.group_id, "/est/",
                                   absl::BytesToHexString(*key), "/",
                                   record.est_domain)
                    : absl::StrCat(record.group_id, "/registrar/",
                                   record.registrar_url));
  }
  for (const std::string& id : change.removed_onboardings) {
    Append(fields, "removed_onboardings", id);
  }
}

std::string Describe(const TreeChange& change) {
  Struct fields;
  Put(fields, "organization_id", change.organization_id);
  for (const Group& group : change.groups) {
    Append(fields, "groups",
           absl::StrCat(group.parent_id, "/", group.group_id));
  }
  for (const std::string& id : change.removed_groups) {
    Append(fields, "removed_groups", id);
  }
  for (const Binding& binding : change.bindings) {
    AppendBinding(fields, "bindings", change.tenant_id, binding);
  }
  for (const Binding& binding : change.removed_bindings) {
    AppendBinding(fields, "removed_bindings", change.tenant_id, binding);
  }
  for (const Delegation& one : change.delegations) {
    Append(fields, "delegations",
           absl::StrCat(one.group_id, "/", one.organization_id));
  }
  for (const Delegation& one : change.removed_delegations) {
    Append(fields, "removed_delegations",
           absl::StrCat(one.group_id, "/", one.organization_id));
  }
  for (const GroupCert& cert : change.certs) {
    Append(fields, "domain_certs",
           absl::StrCat(cert.group_id, "/", cert.cert_id));
  }
  for (const std::string& id : change.removed_certs) {
    Append(fields, "removed_domain_certs", id);
  }
  AppendOnboardings(fields, change);
  std::string json;
  // Cannot fail: the fields are strings that were checked to be UTF-8.
  (void)google::protobuf::util::MessageToJsonString(fields, &json);
  return json;
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

std::string AccountHash(const std::string& tenant_id, const Account& account) {
  constexpr size_t kOctets = 16;
  const std::string text =
      absl::StrCat(tenant_id, std::string(1, '\0'), account.organization_id,
                   std::string(1, '\0'), static_cast<int>(account.type),
                   std::string(1, '\0'), account.username);
  uint8_t digest[SHA256_DIGEST_LENGTH];
  SHA256(reinterpret_cast<const uint8_t*>(text.data()), text.size(), digest);
  return absl::BytesToHexString(
      absl::string_view(reinterpret_cast<const char*>(digest), kOctets));
}

AuditEvent TreeEvent(const TreeChange& change, const std::string& actor,
                     absl::Time at, const std::string& request_id) {
  AuditEvent event;
  event.event_id = NewEventId(at);
  event.tenant_id = change.tenant_id;
  event.kind = change.kind;
  event.at = at;
  event.actor = actor;
  event.request_id = request_id;
  event.payload = Describe(change);
  return event;
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

absl::Status GroupIsGone() {
  return Refuse(Reason::kGroupNotFound, "there is no such group");
}

}  // namespace masa::storage
