#include "services/authority/group_face.h"

#include "services/authority/convert.h"
#include "services/authority/group_calls.h"
#include "services/authority/pages.h"
#include "services/ownership/group_order.h"
#include "services/status/field_faults.h"
#include "services/status/macros.h"
#include "services/status/reason.h"

namespace masa::authority {
namespace {

using identity::Principal;

constexpr size_t kLongestDescription = 1024;

void CheckDescription(const std::string& description, FieldChecker* check) {
  check->Need("description", !description.empty());
  CheckText("description", description, kLongestDescription, check);
}

absl::Status CheckNamed(const char* field, const std::string& id) {
  FieldChecker check;
  check.Need(field, !id.empty());
  return check.Finish();
}

absl::StatusOr<storage::Delegation> DelegationOf(
    const masa::v1::Delegation& message) {
  FieldChecker check;
  check.Need("delegation.group_id", !message.group_id().empty());
  check.Need("delegation.organization_id", !message.organization_id().empty());
  MASA_RETURN_IF_ERROR(check.Finish());
  return storage::Delegation{message.group_id(), message.organization_id()};
}

masa::v1::Group MessageOf(const std::string& organization_id,
                          const storage::Group& group, bool parent_is_seen) {
  masa::v1::Group message;
  message.set_group_id(group.group_id);
  message.set_organization_id(organization_id);
  message.set_parent_id(parent_is_seen ? group.parent_id : "");
  message.set_description(group.description);
  message.set_etag(EtagOf(group.version));
  return message;
}

// `tree` holds what the caller sees.
masa::v1::Group MessageOf(const storage::OrganizationTree& tree,
                          const storage::Group& group) {
  return MessageOf(tree.id(), group, tree.groups.contains(group.parent_id));
}

}  // namespace

absl::Status GroupFace::Read(const issuance::GroupCall& call,
                             const std::string& id, masa::v1::Group* group) {
  MASA_ASSIGN_OR_RETURN(const auto view, desk_.GetGroup(call, id));
  *group = MessageOf(view.organization_id, view.group, view.parent_is_seen);
  return absl::OkStatus();
}

grpc::ServerUnaryReactor* GroupFace::GetGroup(
    grpc::CallbackServerContext* context,
    const masa::v1::GetGroupRequest* request,
    masa::v1::GetGroupResponse* response) {
  return rpc::ServeUnary(
      context, serving_, masa::v1::GroupService::service_full_name(),
      [=, this](const RequestContext& ours,
                const Principal& caller) -> absl::Status {
        MASA_RETURN_IF_ERROR(CheckNamed("group_id", request->group_id()));
        return Read(CallOf(ours, caller), request->group_id(),
                    response->mutable_group());
      });
}

grpc::ServerUnaryReactor* GroupFace::ListGroups(
    grpc::CallbackServerContext* context,
    const masa::v1::ListGroupsRequest* request,
    masa::v1::ListGroupsResponse* response) {
  return rpc::ServeUnary(
      context, serving_, masa::v1::GroupService::service_full_name(),
      [=, this](const RequestContext& ours,
                const Principal& caller) -> absl::Status {
        const std::string id =
            OrganizationOr(request->organization_id(), caller);
        MASA_ASSIGN_OR_RETURN(const auto tree,
                              desk_.GetTree(CallOf(ours, caller), id));
        MASA_ASSIGN_OR_RETURN(
            *response->mutable_next_page_token(),
            Page<storage::Group>(
                tree.groups, "groups:" + id, request->page_size(),
                request->page_token(), [&](const storage::Group& group) {
                  *response->add_groups() = MessageOf(tree, group);
                }));
        return absl::OkStatus();
      });
}

grpc::ServerUnaryReactor* GroupFace::GetGroupTree(
    grpc::CallbackServerContext* context,
    const masa::v1::GetGroupTreeRequest* request,
    masa::v1::GetGroupTreeResponse* response) {
  constexpr size_t kMostGroups = 5000;
  return rpc::ServeUnary(
      context, serving_, masa::v1::GroupService::service_full_name(),
      [=, this](const RequestContext& ours,
                const Principal& caller) -> absl::Status {
        const std::string id = OrganizationOr(request->group_id(), caller);
        MASA_RETURN_IF_ERROR(CheckNamed("group_id", id));
        const issuance::GroupCall call = CallOf(ours, caller);
        MASA_ASSIGN_OR_RETURN(const auto view, desk_.GetGroup(call, id));
        MASA_ASSIGN_OR_RETURN(const auto tree,
                              desk_.GetTree(call, view.organization_id));
        MASA_ASSIGN_OR_RETURN(
            const auto groups,
            ownership::GroupsFrom(tree.groups, id, kMostGroups));
        for (const storage::Group& group : groups) {
          *response->add_groups() = MessageOf(tree, group);
        }
        return absl::OkStatus();
      });
}

grpc::ServerUnaryReactor* GroupFace::CreateGroup(
    grpc::CallbackServerContext* context,
    const masa::v1::CreateGroupRequest* request,
    masa::v1::CreateGroupResponse* response) {
  return rpc::ServeUnary(
      context, serving_, masa::v1::GroupService::service_full_name(),
      [=, this](const RequestContext& ours,
                const Principal& caller) -> absl::Status {
        FieldChecker check;
        check.Need("parent_id", !request->parent_id().empty());
        CheckDescription(request->description(), &check);
        MASA_RETURN_IF_ERROR(check.Finish());
        MASA_ASSIGN_OR_RETURN(issuance::GroupCall call,
                              ChangeOf(ours, caller, *request));
        call.validate_only = request->validate_only();
        MASA_ASSIGN_OR_RETURN(const std::string id,
                              desk_.CreateGroup(call, request->parent_id(),
                                                request->description()));
        return call.validate_only ? absl::OkStatus()
                                  : Read(call, id, response->mutable_group());
      });
}

grpc::ServerUnaryReactor* GroupFace::UpdateGroup(
    grpc::CallbackServerContext* context,
    const masa::v1::UpdateGroupRequest* request,
    masa::v1::UpdateGroupResponse* response) {
  return rpc::ServeUnary(
      context, serving_, masa::v1::GroupService::service_full_name(),
      [=, this](const RequestContext& ours,
                const Principal& caller) -> absl::Status {
        FieldChecker check;
        check.Need("group_id", !request->group_id().empty());
        CheckDescription(request->description(), &check);
        MASA_RETURN_IF_ERROR(check.Finish());
        MASA_ASSIGN_OR_RETURN(const auto version, VersionOf(request->etag()));
        MASA_ASSIGN_OR_RETURN(const issuance::GroupCall call,
                              ChangeOf(ours, caller, *request));
        MASA_RETURN_IF_ERROR(desk_.DescribeGroup(
            call, request->group_id(), request->description(), version));
        return Read(call, request->group_id(), response->mutable_group());
      });
}

grpc::ServerUnaryReactor* GroupFace::MoveGroup(
    grpc::CallbackServerContext* context,
    const masa::v1::MoveGroupRequest* request,
    masa::v1::MoveGroupResponse* response) {
  return rpc::ServeUnary(
      context, serving_, masa::v1::GroupService::service_full_name(),
      [=, this](const RequestContext& ours,
                const Principal& caller) -> absl::Status {
        FieldChecker check;
        check.Need("group_id", !request->group_id().empty());
        check.Need("parent_id", !request->parent_id().empty());
        MASA_RETURN_IF_ERROR(check.Finish());
        MASA_ASSIGN_OR_RETURN(const auto version, VersionOf(request->etag()));
        MASA_ASSIGN_OR_RETURN(issuance::GroupCall call,
                              ChangeOf(ours, caller, *request));
        call.validate_only = request->validate_only();
        MASA_RETURN_IF_ERROR(desk_.MoveGroup(call, request->group_id(),
                                             request->parent_id(), version));
        return Read(call, request->group_id(), response->mutable_group());
      });
}

grpc::ServerUnaryReactor* GroupFace::DeleteGroup(
    grpc::CallbackServerContext* context,
    const masa::v1::DeleteGroupRequest* request,
    masa::v1::DeleteGroupResponse* response) {
  return rpc::ServeUnary(
      context, serving_, masa::v1::GroupService::service_full_name(),
      [=, this](const RequestContext& ours,
                const Principal& caller) -> absl::Status {
        MASA_RETURN_IF_ERROR(CheckNamed("group_id", request->group_id()));
        MASA_ASSIGN_OR_RETURN(const auto version, VersionOf(request->etag()));
        MASA_ASSIGN_OR_RETURN(const auto call,
                              ChangeOf(ours, caller, *request));
        return desk_.DeleteGroup(call, request->group_id(), version);
      });
}

grpc::ServerUnaryReactor* GroupFace::AddDelegation(
    grpc::CallbackServerContext* context,
    const masa::v1::AddDelegationRequest* request,
    masa::v1::AddDelegationResponse* response) {
  return rpc::ServeUnary(
      context, serving_, masa::v1::GroupService::service_full_name(),
      [=, this](const RequestContext& ours,
                const Principal& caller) -> absl::Status {
        MASA_ASSIGN_OR_RETURN(const auto delegation,
                              DelegationOf(request->delegation()));
        MASA_ASSIGN_OR_RETURN(const auto call,
                              ChangeOf(ours, caller, *request));
        return desk_.AddDelegation(call, delegation);
      });
}

grpc::ServerUnaryReactor* GroupFace::RemoveDelegation(
    grpc::CallbackServerContext* context,
    const masa::v1::RemoveDelegationRequest* request,
    masa::v1::RemoveDelegationResponse* response) {
  return rpc::ServeUnary(
      context, serving_, masa::v1::GroupService::service_full_name(),
      [=, this](const RequestContext& ours,
                const Principal& caller) -> absl::Status {
        MASA_ASSIGN_OR_RETURN(const auto delegation,
                              DelegationOf(request->delegation()));
        MASA_ASSIGN_OR_RETURN(const auto call,
                              ChangeOf(ours, caller, *request));
        return desk_.RemoveDelegation(call, delegation);
      });
}

grpc::ServerUnaryReactor* GroupFace::ListDelegations(
    grpc::CallbackServerContext* context,
    const masa::v1::ListDelegationsRequest* request,
    masa::v1::ListDelegationsResponse* response) {
  return rpc::ServeUnary(
      context, serving_, masa::v1::GroupService::service_full_name(),
      [=, this](const RequestContext& ours,
                const Principal& caller) -> absl::Status {
        MASA_RETURN_IF_ERROR(CheckNamed("group_id", request->group_id()));
        MASA_ASSIGN_OR_RETURN(
            const auto view,
            desk_.GetGroup(CallOf(ours, caller), request->group_id()));
        for (const auto& [organization, groups] : view.delegated) {
          for (const std::string& group : groups) {
            auto* delegation = response->add_delegations();
            delegation->set_group_id(group);
            delegation->set_organization_id(organization);
          }
        }
        return absl::OkStatus();
      });
}

}  // namespace masa::authority
