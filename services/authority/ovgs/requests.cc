#include "services/authority/ovgs/requests.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "services/authority/convert.h"
#include "services/status/field_faults.h"
#include "services/status/macros.h"
#include "services/status/reason.h"
#include "services/wire/certificate.h"

namespace masa::authority::ovgs {
namespace {

namespace wire_v1 = ::ovgs::v1;

constexpr size_t kLongestName = 256;
constexpr size_t kLongestDescription = 1024;
constexpr int64_t kMostSeconds = 253'402'300'799;  // the end of year 9999

bool IsTime(const google::protobuf::Timestamp& time) {
  return time.seconds() > 0 && time.seconds() <= kMostSeconds &&
         time.nanos() >= 0 && time.nanos() < 1'000'000'000;
}

void CheckAccount(const std::string& username, wire_v1::AccountType type,
                  const std::string& org_id, FieldChecker* check) {
  check->Need("username", !username.empty());
  CheckText("username", username, kLongestName, check);
  check->Need("user_type", type != wire_v1::ACCOUNT_TYPE_UNSPECIFIED);
  if (type != wire_v1::ACCOUNT_TYPE_UNSPECIFIED &&
      type != wire_v1::ACCOUNT_TYPE_USER &&
      type != wire_v1::ACCOUNT_TYPE_SERVICE_ACCOUNT) {
    check->Fault("user_type", "is not one that is known");
  }
  check->Need("org_id", !org_id.empty());
}

storage::Account MakeAccount(const std::string& username,
                             wire_v1::AccountType type,
                             const std::string& org_id) {
  return {org_id, username,
          type == wire_v1::ACCOUNT_TYPE_USER
              ? storage::AccountType::kUser
              : storage::AccountType::kServiceAccount};
}

std::optional<storage::GroupRole> GivenRole(wire_v1::UserRole role) {
  switch (role) {
    case wire_v1::USER_ROLE_ADMIN:
      return storage::GroupRole::kAdmin;
    case wire_v1::USER_ROLE_ASSIGNER:
      return storage::GroupRole::kAssigner;
    case wire_v1::USER_ROLE_REQUESTOR:
      return storage::GroupRole::kRequestor;
    default:
      return std::nullopt;
  }
}

wire_v1::TpmInfo TpmOf(const storage::Device& device) {
  wire_v1::TpmInfo tpm;
  // One of the two: the certificate has the key in it.
  if (!device.details.ek_cert_der.empty()) {
    tpm.set_ek_certificate(device.details.ek_cert_der);
  } else if (!device.ek_public_key_der.empty()) {
    tpm.set_endorsement_key(device.ek_public_key_der);
  }
  tpm.set_platform_primary_key(device.details.ppk_public_key_der);
  return tpm;
}

absl::Status CheckIen(const std::string& ien, const std::string& field,
                      uint32_t enterprise_number) {
  return ien.empty() || ien == absl::StrCat(enterprise_number)
             ? absl::OkStatus()
             : AtField(Refuse(Reason::kIenNotServed,
                              "ien is not an enterprise number that is served "
                              "here"),
                       field);
}

}  // namespace

absl::StatusOr<Parts> PartsOf(
    const google::protobuf::RepeatedPtrField<wire_v1::Component>& components,
    const std::string& field, uint32_t enterprise_number, bool ien_required) {
  FieldChecker check;
  check.Need(field, !components.empty());
  if (components.size() > kMostComponents) {
    return AtField(Refuse(Reason::kTooManyItems,
                          absl::StrCat("a call takes at most ", kMostComponents,
                                       " parts, not ", components.size())),
                   field);
  }
  Parts parts;
  for (int i = 0; i < components.size(); ++i) {
    const wire_v1::Component& component = components[i];
    parts.fields.push_back(absl::StrCat(field, "[", i, "]"));
    check.Need(parts.fields.back() + ".serial_number",
               !component.serial_number().empty());
    check.Need(parts.fields.back() + ".ien",
               !ien_required || !component.ien().empty());
    parts.keys.push_back({"", component.serial_number(), {}});
    parts.lacks_ien = parts.lacks_ien || component.ien().empty();
  }
  MASA_RETURN_IF_ERROR(check.Finish());
  for (int i = 0; i < components.size(); ++i) {
    MASA_RETURN_IF_ERROR(CheckIen(components[i].ien(), parts.fields[i] + ".ien",
                                  enterprise_number));
  }
  return parts;
}

absl::StatusOr<Parts> PartOf(const wire_v1::Component& component,
                             uint32_t enterprise_number, bool ien_required) {
  FieldChecker check;
  check.Need("component.serial_number", !component.serial_number().empty());
  check.Need("component.ien", !ien_required || !component.ien().empty());
  MASA_RETURN_IF_ERROR(check.Finish());
  MASA_RETURN_IF_ERROR(
      CheckIen(component.ien(), "component.ien", enterprise_number));
  return Parts{{{"", component.serial_number(), {}}},
               {"component"},
               component.ien().empty()};
}

absl::Status CheckFields(const wire_v1::CreateGroupRequest& request) {
  FieldChecker check;
  check.Need("parent", !request.parent().empty());
  check.Need("description", !request.description().empty());
  CheckText("description", request.description(), kLongestDescription, &check);
  return check.Finish();
}

absl::Status CheckGroupId(const std::string& group_id) {
  FieldChecker check;
  check.Need("group_id", !group_id.empty());
  return check.Finish();
}

absl::Status CheckCertId(const std::string& cert_id) {
  FieldChecker check;
  check.Need("cert_id", !cert_id.empty());
  return check.Finish();
}

absl::Status Together(const std::vector<absl::Status>& checks) {
  FieldChecker all;
  absl::Status first;
  for (const absl::Status& check : checks) {
    first = first.ok() ? check : first;
    if (ReasonOf(check) != Reason::kInvalidArgument) {
      continue;
    }
    for (const FieldFault& fault : FieldFaultsOf(check)) {
      all.Fault(fault.field, fault.description);
    }
  }
  const absl::Status invalid = all.Finish();
  return invalid.ok() ? first : invalid;
}

absl::StatusOr<storage::Delegation> DelegationOf(const std::string& group_id,
                                                 const std::string& org_id) {
  FieldChecker check;
  check.Need("group_id", !group_id.empty());
  check.Need("org_id", !org_id.empty());
  MASA_RETURN_IF_ERROR(check.Finish());
  return storage::Delegation{group_id, org_id};
}

absl::StatusOr<storage::Binding> BindingOf(
    const wire_v1::AddUserRoleRequest& request) {
  FieldChecker check;
  CheckAccount(request.username(), request.user_type(), request.org_id(),
               &check);
  check.Need("group_id", !request.group_id().empty());
  check.Need("user_role",
             request.user_role() != wire_v1::USER_ROLE_UNSPECIFIED);
  const auto role = GivenRole(request.user_role());
  const bool is_support = request.user_role() == wire_v1::USER_ROLE_SUPPORT;
  if (request.user_role() != wire_v1::USER_ROLE_UNSPECIFIED && !role &&
      !is_support) {
    check.Fault("user_role", "is not one that is known");
  }
  MASA_RETURN_IF_ERROR(check.Finish());
  if (is_support) {
    return AtField(Refuse(Reason::kPermissionDenied,
                          "SUPPORT is the manufacturer's own and not given"),
                   "user_role");
  }
  return storage::Binding{
      request.group_id(),
      MakeAccount(request.username(), request.user_type(), request.org_id()),
      *role};
}

absl::StatusOr<storage::Account> AccountOf(const std::string& username,
                                           wire_v1::AccountType type,
                                           const std::string& org_id) {
  FieldChecker check;
  CheckAccount(username, type, org_id, &check);
  MASA_RETURN_IF_ERROR(check.Finish());
  return MakeAccount(username, type, org_id);
}

absl::StatusOr<storage::GroupCert> CertOf(
    const wire_v1::CreateDomainCertRequest& request) {
  FieldChecker check;
  check.Need("group_id", !request.group_id().empty());
  check.Need("certificate_der", !request.certificate_der().empty());
  check.Need("expiry_time", request.has_expiry_time());
  if (request.has_expiry_time() && !IsTime(request.expiry_time())) {
    check.Fault("expiry_time", "is not a time to come");
  }
  MASA_RETURN_IF_ERROR(check.Finish());
  return storage::GroupCert{"", request.group_id(), request.certificate_der(),
                            request.revocation_checks(),
                            TimeOf(request.expiry_time())};
}

absl::Status AtCertField(const absl::Status& status) {
  switch (ReasonOf(status)) {
    case Reason::kCertMalformed:
    case Reason::kCertExpired:
      return AtField(status, "certificate_der");
    case Reason::kLifetimeInPast:
      return AtField(status, "expiry_time");
    default:
      return status;
  }
}

absl::Status AtLifetime(const absl::Status& status) {
  switch (ReasonOf(status)) {
    case Reason::kLifetimeInPast:
    case Reason::kLifetimeExceedsCert:
      return AtField(Refuse(ReasonOf(status),
                            absl::StrReplaceAll(status.message(),
                                                {{"expires_on", "lifetime"},
                                                 {"pinned_cert_der",
                                                  "the domain certificate"}})),
                     "lifetime");
    default:
      return status;
  }
}

absl::StatusOr<std::optional<absl::Time>> LifetimeOf(
    bool has_lifetime, const google::protobuf::Timestamp& lifetime,
    bool unlimited) {
  FieldChecker check;
  check.Need("lifetime", has_lifetime || unlimited);
  if (has_lifetime && !IsTime(lifetime)) {
    check.Fault("lifetime", "is not a time to come");
  }
  MASA_RETURN_IF_ERROR(check.Finish());
  return has_lifetime ? std::optional<absl::Time>(TimeOf(lifetime))
                      : std::nullopt;
}

wire_v1::UserRole RoleOf(storage::GroupRole role) {
  switch (role) {
    case storage::GroupRole::kAdmin:
      return wire_v1::USER_ROLE_ADMIN;
    case storage::GroupRole::kAssigner:
      return wire_v1::USER_ROLE_ASSIGNER;
    case storage::GroupRole::kRequestor:
      return wire_v1::USER_ROLE_REQUESTOR;
  }
  return wire_v1::USER_ROLE_UNSPECIFIED;
}

wire_v1::User UserOf(const storage::Binding& binding) {
  wire_v1::User user;
  user.set_username(binding.account.username);
  user.set_user_type(binding.account.type == storage::AccountType::kUser
                         ? wire_v1::ACCOUNT_TYPE_USER
                         : wire_v1::ACCOUNT_TYPE_SERVICE_ACCOUNT);
  user.set_org_id(binding.account.organization_id);
  user.set_user_role(RoleOf(binding.role));
  return user;
}

wire_v1::Component ComponentOf(const storage::Device& device,
                               uint32_t enterprise_number) {
  wire_v1::Component component;
  component.set_ien(absl::StrCat(enterprise_number));
  component.set_serial_number(device.serial_number);
  return component;
}

wire_v1::GetSerialResponse SerialOf(const issuance::PlacedDevice& placed) {
  wire_v1::GetSerialResponse serial;
  const storage::Device& device = placed.device;
  serial.set_public_key_der(device.ek_public_key_der);  // O14
  serial.mutable_group_ids()->Assign(placed.group_ids.begin(),
                                     placed.group_ids.end());
  serial.set_mac_addr(device.mac_addr);
  serial.set_model(device.model);
  *serial.mutable_tpm_info() = TpmOf(device);
  return serial;
}

wire_v1::GetOwnershipVoucherResponse VoucherOf(const storage::Committed& issued,
                                               const storage::Device& device) {
  wire_v1::GetOwnershipVoucherResponse voucher;
  voucher.set_voucher_cms(issued.voucher.voucher);
  voucher.set_public_key_der(device.ek_public_key_der);  // O14
  *voucher.mutable_tpm_info() = TpmOf(device);
  return voucher;
}

void Fill(const ownership::GroupView& view,
          wire_v1::GetGroupResponse* response) {
  response->set_group_id(view.group.group_id);
  response->set_description(view.group.description);
  response->mutable_cert_ids()->Assign(view.cert_ids.begin(),
                                       view.cert_ids.end());
  response->mutable_child_group_ids()->Assign(view.child_ids.begin(),
                                              view.child_ids.end());
  for (const storage::Binding& binding : view.bindings) {
    *response->add_users() = UserOf(binding);
  }
  for (const auto& [organization, groups] : view.delegated) {
    (*response->mutable_delegated_orgs())[organization]
        .mutable_group_ids()
        ->Assign(groups.begin(), groups.end());
  }
}

void Fill(const storage::GroupCert& cert,
          wire_v1::GetDomainCertResponse* response) {
  response->set_cert_id(cert.cert_id);
  response->set_group_id(cert.group_id);
  response->set_certificate_der(cert.certificate_der);
  response->set_revocation_checks(cert.revocation_checks);
  const auto certificate = wire::Certificate::Parse(cert.certificate_der);
  if (cert.expires_at) {
    *response->mutable_expiry_time() = TimestampOf(*cert.expires_at);
  } else if (certificate.ok()) {
    *response->mutable_expiry_time() = TimestampOf((*certificate)->not_after);
  }
}

}  // namespace masa::authority::ovgs
