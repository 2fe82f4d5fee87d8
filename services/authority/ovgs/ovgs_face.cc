#include "services/authority/ovgs/ovgs_face.h"

#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "services/ownership/group_access.h"
#include "services/rpc/serve_pages.h"
#include "services/status/field_faults.h"
#include "services/status/macros.h"
#include "services/status/reason.h"

namespace masa::authority::ovgs {
namespace {

using absl::Status;
using issuance::GroupCall;
using ::ovgs::v1::GetComponentsResponse;
using ::ovgs::v1::GetOwnershipVoucherResponse;

constexpr int kPage = 500;
constexpr uint32_t kLargestGroup = 50'000;

GroupCall CallOf(const RequestContext& context,
                 const identity::Principal& caller) {
  GroupCall call{context, caller};
  call.is_told_of_foreign = true;
  return call;
}

storage::DevicePlace After(const issuance::PlacedDevice& last) {
  return {last.device.bucket, last.device.device_id};
}

// What is unknown to GetSerial is a precondition here.
absl::Status AsPrecondition(const absl::Status& status) {
  switch (ReasonOf(status)) {
    case Reason::kDeviceUnknown:
    case Reason::kCertNotFound:
      return Recode(status, absl::StatusCode::kFailedPrecondition);
    default:
      return status;
  }
}

}  // namespace

template <typename Body>
grpc::ServerUnaryReactor* OvgsFace::Serve(const char* method,
                                          grpc::CallbackServerContext* context,
                                          Body body) {
  return rpc::ServeUnary(
      context, serving_,
      ::ovgs::v1::OwnershipVoucherService::service_full_name(),
      [this, method, body = std::move(body)](
          const RequestContext& ours, const identity::Principal& caller) {
        Count(method, caller);
        return Probed(method, caller, body(CallOf(ours, caller)));
      });
}

void OvgsFace::Count(const char* method, const identity::Principal& caller) {
  if (caller.role == identity::Role::kOperator) {
    events_.OvgsCalled(method, CallerClass::kOperator);
  } else if (caller.role == identity::Role::kCustomer) {
    events_.OvgsCalled(method, CallerClass::kCustomer);
  }
}

Status OvgsFace::Probed(const char* method, const identity::Principal& caller,
                        Status outcome) {
  if (caller.role == identity::Role::kCustomer &&
      ownership::IsForeign(outcome)) {
    events_.OvgsProbed(method);
  }
  return outcome;
}

absl::StatusOr<Parts> OvgsFace::Forgiving(absl::StatusOr<Parts> parts) const {
  if (parts.ok() && parts->lacks_ien) {
    forgave_ien_();
  }
  return parts;
}

absl::StatusOr<Parts> OvgsFace::OnePart(
    const GroupCall& call, const ::ovgs::v1::Component& component) {
  MASA_ASSIGN_OR_RETURN(const uint32_t number, desk_.EnterpriseNumber(call));
  return Forgiving(PartOf(component, number, options_.ien_required()));
}

absl::StatusOr<Parts> OvgsFace::ManyParts(
    const GroupCall& call,
    const google::protobuf::RepeatedPtrField<::ovgs::v1::Component>& components,
    const std::string& field) {
  MASA_ASSIGN_OR_RETURN(const uint32_t number, desk_.EnterpriseNumber(call));
  return Forgiving(PartsOf(components, field, number, options_.ien_required()));
}

template <typename Request>
absl::StatusOr<std::vector<GetOwnershipVoucherResponse>> OvgsFace::Issue(
    const GroupCall& call, const absl::StatusOr<Parts>& parts,
    const Request& request) {
  const auto lifetime = LifetimeOf(request.has_lifetime(), request.lifetime(),
                                   options_.unlimited_lifetime());
  MASA_RETURN_IF_ERROR(Together(
      {CheckCertId(request.cert_id()), lifetime.status(), parts.status()}));
  std::vector<storage::Device> devices;
  const auto issued =
      desk_.IssueVouchers(call, {parts->keys, request.cert_id(), *lifetime},
                          parts->fields, &devices);
  if (!issued.ok()) {
    return AtLifetime(AsPrecondition(issued.status()));
  }
  std::vector<GetOwnershipVoucherResponse> vouchers;
  for (size_t i = 0; i < issued->size(); ++i) {
    vouchers.push_back(VoucherOf((*issued)[i], devices[i]));
  }
  return vouchers;
}

absl::Status OvgsFace::AddComponents(const GroupCall& call,
                                     const std::string& group_id,
                                     ::ovgs::v1::GetGroupResponse* response) {
  const auto largest = static_cast<int>(
      options_.largest_group() == 0 ? kLargestGroup : options_.largest_group());
  MASA_ASSIGN_OR_RETURN(const uint32_t number, desk_.EnterpriseNumber(call));
  storage::DevicePlace after;
  for (size_t size = kPage; size == kPage;) {
    MASA_ASSIGN_OR_RETURN(const auto page,
                          desk_.ListDevices(call, group_id, after, kPage));
    for (const issuance::PlacedDevice& placed : page) {
      *response->add_components() = ComponentOf(placed.device, number);
    }
    if (response->components_size() > largest) {
      response->Clear();
      return AtField(Refuse(Reason::kGroupTooLarge,
                            absl::StrCat("the group has more than ", largest,
                                         " parts; GetComponents streams them")),
                     "group_id");
    }
    size = page.size();
    if (!page.empty()) {
      after = After(page.back());
    }
  }
  return absl::OkStatus();
}

grpc::ServerUnaryReactor* OvgsFace::CreateGroup(
    grpc::CallbackServerContext* context,
    const ::ovgs::v1::CreateGroupRequest* request,
    ::ovgs::v1::CreateGroupResponse* response) {
  return Serve(__func__, context, [=, this](const GroupCall& call) -> Status {
    MASA_RETURN_IF_ERROR(CheckFields(*request));
    MASA_ASSIGN_OR_RETURN(
        *response->mutable_group_id(),
        desk_.CreateGroup(call, request->parent(), request->description()));
    return absl::OkStatus();
  });
}

grpc::ServerUnaryReactor* OvgsFace::DeleteGroup(
    grpc::CallbackServerContext* context,
    const ::ovgs::v1::DeleteGroupRequest* request,
    ::ovgs::v1::DeleteGroupResponse* response) {
  return Serve(__func__, context, [=, this](const GroupCall& call) -> Status {
    MASA_RETURN_IF_ERROR(CheckGroupId(request->group_id()));
    return desk_.DeleteGroup(call, request->group_id(), {});
  });
}

grpc::ServerUnaryReactor* OvgsFace::GetGroup(
    grpc::CallbackServerContext* context,
    const ::ovgs::v1::GetGroupRequest* request,
    ::ovgs::v1::GetGroupResponse* response) {
  return Serve(__func__, context, [=, this](const GroupCall& call) -> Status {
    MASA_RETURN_IF_ERROR(CheckGroupId(request->group_id()));
    MASA_ASSIGN_OR_RETURN(const auto view,
                          desk_.GetGroup(call, request->group_id()));
    Fill(view, response);
    return AddComponents(call, request->group_id(), response);
  });
}

grpc::ServerUnaryReactor* OvgsFace::AddGroupDelegatedOrg(
    grpc::CallbackServerContext* context,
    const ::ovgs::v1::AddGroupDelegatedOrgRequest* request,
    ::ovgs::v1::AddGroupDelegatedOrgResponse* response) {
  return Serve(__func__, context, [=, this](const GroupCall& call) -> Status {
    MASA_ASSIGN_OR_RETURN(const auto delegation,
                          DelegationOf(request->group_id(), request->org_id()));
    return desk_.AddDelegation(call, delegation);
  });
}

grpc::ServerUnaryReactor* OvgsFace::RemoveGroupDelegatedOrg(
    grpc::CallbackServerContext* context,
    const ::ovgs::v1::RemoveGroupDelegatedOrgRequest* request,
    ::ovgs::v1::RemoveGroupDelegatedOrgResponse* response) {
  return Serve(__func__, context, [=, this](const GroupCall& call) -> Status {
    MASA_ASSIGN_OR_RETURN(const auto delegation,
                          DelegationOf(request->group_id(), request->org_id()));
    return desk_.RemoveDelegation(call, delegation);
  });
}

grpc::ServerUnaryReactor* OvgsFace::AddUserRole(
    grpc::CallbackServerContext* context,
    const ::ovgs::v1::AddUserRoleRequest* request,
    ::ovgs::v1::AddUserRoleResponse* response) {
  return Serve(__func__, context, [=, this](const GroupCall& call) -> Status {
    MASA_ASSIGN_OR_RETURN(const auto binding, BindingOf(*request));
    return desk_.GiveRole(call, binding, options_.assigners_give_roles());
  });
}

grpc::ServerUnaryReactor* OvgsFace::RemoveUserRole(
    grpc::CallbackServerContext* context,
    const ::ovgs::v1::RemoveUserRoleRequest* request,
    ::ovgs::v1::RemoveUserRoleResponse* response) {
  return Serve(__func__, context, [=, this](const GroupCall& call) -> Status {
    MASA_RETURN_IF_ERROR(CheckGroupId(request->group_id()));
    MASA_ASSIGN_OR_RETURN(const auto account,
                          AccountOf(request->username(), request->user_type(),
                                    request->org_id()));
    return desk_.TakeRole(call, request->group_id(), account);
  });
}

grpc::ServerUnaryReactor* OvgsFace::GetUserRole(
    grpc::CallbackServerContext* context,
    const ::ovgs::v1::GetUserRoleRequest* request,
    ::ovgs::v1::GetUserRoleResponse* response) {
  return Serve(__func__, context, [=, this](const GroupCall& call) -> Status {
    MASA_ASSIGN_OR_RETURN(const auto account,
                          AccountOf(request->username(), request->user_type(),
                                    request->org_id()));
    MASA_ASSIGN_OR_RETURN(const auto roles, desk_.ListRoles(call, account));
    for (const storage::Binding& binding : roles) {
      (*response->mutable_groups())[binding.group_id] = RoleOf(binding.role);
    }
    return absl::OkStatus();
  });
}

grpc::ServerUnaryReactor* OvgsFace::CreateDomainCert(
    grpc::CallbackServerContext* context,
    const ::ovgs::v1::CreateDomainCertRequest* request,
    ::ovgs::v1::CreateDomainCertResponse* response) {
  return Serve(__func__, context, [=, this](const GroupCall& call) -> Status {
    MASA_ASSIGN_OR_RETURN(const auto cert, CertOf(*request));
    const auto id = desk_.CreateCert(call, cert);
    MASA_RETURN_IF_ERROR(AtCertField(id.status()));
    response->set_cert_id(*id);
    return absl::OkStatus();
  });
}

grpc::ServerUnaryReactor* OvgsFace::DeleteDomainCert(
    grpc::CallbackServerContext* context,
    const ::ovgs::v1::DeleteDomainCertRequest* request,
    ::ovgs::v1::DeleteDomainCertResponse* response) {
  return Serve(__func__, context, [=, this](const GroupCall& call) -> Status {
    MASA_RETURN_IF_ERROR(CheckCertId(request->cert_id()));
    return desk_.DeleteCert(call, request->cert_id());
  });
}

grpc::ServerUnaryReactor* OvgsFace::GetDomainCert(
    grpc::CallbackServerContext* context,
    const ::ovgs::v1::GetDomainCertRequest* request,
    ::ovgs::v1::GetDomainCertResponse* response) {
  return Serve(__func__, context, [=, this](const GroupCall& call) -> Status {
    MASA_RETURN_IF_ERROR(CheckCertId(request->cert_id()));
    MASA_ASSIGN_OR_RETURN(const auto cert,
                          desk_.GetCert(call, request->cert_id()));
    Fill(cert, response);
    return absl::OkStatus();
  });
}

grpc::ServerUnaryReactor* OvgsFace::AddSerial(
    grpc::CallbackServerContext* context,
    const ::ovgs::v1::AddSerialRequest* request,
    ::ovgs::v1::AddSerialResponse* response) {
  return Serve(__func__, context, [=, this](const GroupCall& call) -> Status {
    MASA_RETURN_IF_ERROR(CheckGroupId(request->group_id()));
    MASA_ASSIGN_OR_RETURN(const Parts part,
                          OnePart(call, request->component()));
    return desk_.AddDevice(call, part.keys.front(), request->group_id());
  });
}

grpc::ServerUnaryReactor* OvgsFace::RemoveSerial(
    grpc::CallbackServerContext* context,
    const ::ovgs::v1::RemoveSerialRequest* request,
    ::ovgs::v1::RemoveSerialResponse* response) {
  return Serve(__func__, context, [=, this](const GroupCall& call) -> Status {
    MASA_RETURN_IF_ERROR(CheckGroupId(request->group_id()));
    MASA_ASSIGN_OR_RETURN(const Parts part,
                          OnePart(call, request->component()));
    return desk_.RemoveDevice(call, part.keys.front(), request->group_id());
  });
}

grpc::ServerUnaryReactor* OvgsFace::GetSerial(
    grpc::CallbackServerContext* context,
    const ::ovgs::v1::GetSerialRequest* request,
    ::ovgs::v1::GetSerialResponse* response) {
  return Serve(__func__, context, [=, this](const GroupCall& call) -> Status {
    MASA_ASSIGN_OR_RETURN(const Parts part,
                          OnePart(call, request->component()));
    MASA_ASSIGN_OR_RETURN(const auto placed,
                          desk_.GetDevices(call, part.keys, part.fields));
    *response = SerialOf(placed.front());
    return absl::OkStatus();
  });
}

grpc::ServerUnaryReactor* OvgsFace::GetSerials(
    grpc::CallbackServerContext* context,
    const ::ovgs::v1::GetSerialsRequest* request,
    ::ovgs::v1::GetSerialsResponse* response) {
  return Serve(__func__, context, [=, this](const GroupCall& call) -> Status {
    MASA_ASSIGN_OR_RETURN(const Parts parts,
                          ManyParts(call, request->components(), "components"));
    MASA_ASSIGN_OR_RETURN(const auto placed,
                          desk_.GetDevices(call, parts.keys, parts.fields));
    for (const issuance::PlacedDevice& one : placed) {
      *response->add_serials() = SerialOf(one);
    }
    return absl::OkStatus();
  });
}

grpc::ServerUnaryReactor* OvgsFace::GetOwnershipVoucher(
    grpc::CallbackServerContext* context,
    const ::ovgs::v1::GetOwnershipVoucherRequest* request,
    ::ovgs::v1::GetOwnershipVoucherResponse* response) {
  return Serve(__func__, context, [=, this](const GroupCall& call) -> Status {
    MASA_ASSIGN_OR_RETURN(
        auto vouchers,
        Issue(call, OnePart(call, request->component()), *request));
    *response = std::move(vouchers.front());
    return absl::OkStatus();
  });
}

grpc::ServerUnaryReactor* OvgsFace::GetOwnershipVouchers(
    grpc::CallbackServerContext* context,
    const ::ovgs::v1::GetOwnershipVouchersRequest* request,
    ::ovgs::v1::GetOwnershipVouchersResponse* response) {
  return Serve(__func__, context, [=, this](const GroupCall& call) -> Status {
    MASA_ASSIGN_OR_RETURN(
        const auto vouchers,
        Issue(call, ManyParts(call, request->component(), "component"),
              *request));
    response->mutable_ownership_vouchers()->Assign(vouchers.begin(),
                                                   vouchers.end());
    return absl::OkStatus();
  });
}

grpc::ServerWriteReactor<GetComponentsResponse>* OvgsFace::GetComponents(
    grpc::CallbackServerContext* context,
    const ::ovgs::v1::GetComponentsRequest* request) {
  auto after = std::make_shared<storage::DevicePlace>();
  auto counted = std::make_shared<bool>(false);
  return rpc::ServePages<GetComponentsResponse>(
      context, serving_,
      ::ovgs::v1::OwnershipVoucherService::service_full_name(),
      [this, after, counted, group_id = request->group_id()](
          const RequestContext& ours, const identity::Principal& caller)
          -> absl::StatusOr<std::vector<GetComponentsResponse>> {
        if (!std::exchange(*counted, true)) {
          Count("GetComponents", caller);
        }
        const GroupCall call = CallOf(ours, caller);
        MASA_RETURN_IF_ERROR(CheckGroupId(group_id));
        MASA_ASSIGN_OR_RETURN(const uint32_t number,
                              desk_.EnterpriseNumber(call));
        const auto page = desk_.ListDevices(call, group_id, *after, kPage);
        MASA_RETURN_IF_ERROR(Probed("GetComponents", caller, page.status()));
        std::vector<GetComponentsResponse> items;
        for (const issuance::PlacedDevice& placed : *page) {
          GetComponentsResponse& item = items.emplace_back();
          *item.mutable_component() = ComponentOf(placed.device, number);
          *item.mutable_serial() = SerialOf(placed);
          *after = After(placed);
        }
        return items;
      });
}

}  // namespace masa::authority::ovgs
