// Messages of ovgs.v1 as values of the use cases, and what is wrong with a
// request before anything is looked up: each bad field by its name. Pure.
#ifndef SERVICES_AUTHORITY_OVGS_REQUESTS_H_
#define SERVICES_AUTHORITY_OVGS_REQUESTS_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "proto/masa/v1/config.pb.h"
#include "proto/ovgs/v1/ovgs.pb.h"
#include "services/issuance/group_desk.h"

namespace masa::authority::ovgs {

// As many parts are in one call (O6).
inline constexpr int kMostComponents = 500;

// Parts with the fields that name them. kInvalidArgument for an empty one
// (O16), kTooManyItems, kIenNotServed for a number that is not the tenant's
// (O2).
struct Parts {
  std::vector<storage::DeviceKey> keys;
  std::vector<std::string> fields;
  bool lacks_ien = false;  // one of them at least
};
absl::StatusOr<Parts> PartsOf(
    const google::protobuf::RepeatedPtrField<::ovgs::v1::Component>& components,
    const std::string& field, uint32_t enterprise_number, bool ien_required);
absl::StatusOr<Parts> PartOf(const ::ovgs::v1::Component& component,
                             uint32_t enterprise_number, bool ien_required);

// kInvalidArgument that names every field that is empty, or too long.
absl::Status CheckFields(const ::ovgs::v1::CreateGroupRequest& request);
absl::Status CheckGroupId(const std::string& group_id);
absl::Status CheckCertId(const std::string& cert_id);
// One refusal for all the fields that `checks` name, where fields are invalid;
// else the first that is not OK.
absl::Status Together(const std::vector<absl::Status>& checks);

absl::StatusOr<storage::Delegation> DelegationOf(const std::string& group_id,
                                                 const std::string& org_id);
// kPermissionDenied for SUPPORT, which the manufacturer alone has.
absl::StatusOr<storage::Binding> BindingOf(
    const ::ovgs::v1::AddUserRoleRequest& request);
absl::StatusOr<storage::Account> AccountOf(const std::string& username,
                                           ::ovgs::v1::AccountType type,
                                           const std::string& org_id);
absl::StatusOr<storage::GroupCert> CertOf(
    const ::ovgs::v1::CreateDomainCertRequest& request);
// What the rules of certificates and of vouchers refuse, at the field that it
// is about here, in this protocol's words.
absl::Status AtCertField(const absl::Status& status);
absl::Status AtLifetime(const absl::Status& status);
// None only where `unlimited` allows it (O9).
absl::StatusOr<std::optional<absl::Time>> LifetimeOf(
    bool has_lifetime, const google::protobuf::Timestamp& lifetime,
    bool unlimited);

// The other way.
::ovgs::v1::UserRole RoleOf(storage::GroupRole role);
::ovgs::v1::User UserOf(const storage::Binding& binding);
::ovgs::v1::Component ComponentOf(const storage::Device& device,
                                  uint32_t enterprise_number);
::ovgs::v1::GetSerialResponse SerialOf(const issuance::PlacedDevice& placed);
::ovgs::v1::GetOwnershipVoucherResponse VoucherOf(
    const storage::Committed& issued, const storage::Device& device);
void Fill(const ownership::GroupView& view,
          ::ovgs::v1::GetGroupResponse* response);
void Fill(const storage::GroupCert& cert,
          ::ovgs::v1::GetDomainCertResponse* response);

}  // namespace masa::authority::ovgs

#endif  // SERVICES_AUTHORITY_OVGS_REQUESTS_H_
