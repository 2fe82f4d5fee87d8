// masa.v1.OrganizationService and GroupService on the `api` listener:
// translate, call the desk, translate back.
#ifndef SERVICES_AUTHORITY_GROUP_FACE_H_
#define SERVICES_AUTHORITY_GROUP_FACE_H_

#include <string>

#include "proto/masa/v1/organization.grpc.pb.h"
#include "services/issuance/group_desk.h"
#include "services/issuance/transfer_desk.h"
#include "services/rpc/serve_unary.h"

namespace masa::authority {

class OrganizationFace final
    : public masa::v1::OrganizationService::CallbackService {
 public:
  // Both outlive this.
  OrganizationFace(issuance::GroupDesk& desk, const rpc::Serving& serving)
      : desk_(desk), serving_(serving) {}

  grpc::ServerUnaryReactor* GetOrganization(
      grpc::CallbackServerContext* context,
      const masa::v1::GetOrganizationRequest* request,
      masa::v1::GetOrganizationResponse* response) override;
  grpc::ServerUnaryReactor* ListOrganizations(
      grpc::CallbackServerContext* context,
      const masa::v1::ListOrganizationsRequest* request,
      masa::v1::ListOrganizationsResponse* response) override;
  grpc::ServerUnaryReactor* CreateOrganization(
      grpc::CallbackServerContext* context,
      const masa::v1::CreateOrganizationRequest* request,
      masa::v1::CreateOrganizationResponse* response) override;
  grpc::ServerUnaryReactor* UpdateOrganization(
      grpc::CallbackServerContext* context,
      const masa::v1::UpdateOrganizationRequest* request,
      masa::v1::UpdateOrganizationResponse* response) override;
  grpc::ServerUnaryReactor* DeleteOrganization(
      grpc::CallbackServerContext* context,
      const masa::v1::DeleteOrganizationRequest* request,
      masa::v1::DeleteOrganizationResponse* response) override;

 private:
  absl::Status Read(const issuance::GroupCall& call, const std::string& id,
                    masa::v1::OrganizationRecord* record);

  issuance::GroupDesk& desk_;
  const rpc::Serving serving_;
};

class GroupFace final : public masa::v1::GroupService::CallbackService {
 public:
  // All outlive this.
  GroupFace(issuance::GroupDesk& desk, issuance::TransferDesk& transfers,
            const rpc::Serving& serving)
      : desk_(desk), transfers_(transfers), serving_(serving) {}

  grpc::ServerUnaryReactor* GetGroup(
      grpc::CallbackServerContext* context,
      const masa::v1::GetGroupRequest* request,
      masa::v1::GetGroupResponse* response) override;
  grpc::ServerUnaryReactor* ListGroups(
      grpc::CallbackServerContext* context,
      const masa::v1::ListGroupsRequest* request,
      masa::v1::ListGroupsResponse* response) override;
  grpc::ServerUnaryReactor* GetGroupTree(
      grpc::CallbackServerContext* context,
      const masa::v1::GetGroupTreeRequest* request,
      masa::v1::GetGroupTreeResponse* response) override;
  grpc::ServerUnaryReactor* CreateGroup(
      grpc::CallbackServerContext* context,
      const masa::v1::CreateGroupRequest* request,
      masa::v1::CreateGroupResponse* response) override;
  grpc::ServerUnaryReactor* UpdateGroup(
      grpc::CallbackServerContext* context,
      const masa::v1::UpdateGroupRequest* request,
      masa::v1::UpdateGroupResponse* response) override;
  grpc::ServerUnaryReactor* MoveGroup(
      grpc::CallbackServerContext* context,
      const masa::v1::MoveGroupRequest* request,
      masa::v1::MoveGroupResponse* response) override;
  grpc::ServerUnaryReactor* DeleteGroup(
      grpc::CallbackServerContext* context,
      const masa::v1::DeleteGroupRequest* request,
      masa::v1::DeleteGroupResponse* response) override;
  grpc::ServerUnaryReactor* AddDelegation(
      grpc::CallbackServerContext* context,
      const masa::v1::AddDelegationRequest* request,
      masa::v1::AddDelegationResponse* response) override;
  grpc::ServerUnaryReactor* RemoveDelegation(
      grpc::CallbackServerContext* context,
      const masa::v1::RemoveDelegationRequest* request,
      masa::v1::RemoveDelegationResponse* response) override;
  grpc::ServerUnaryReactor* ListDelegations(
      grpc::CallbackServerContext* context,
      const masa::v1::ListDelegationsRequest* request,
      masa::v1::ListDelegationsResponse* response) override;
  grpc::ServerUnaryReactor* GetOnboarding(
      grpc::CallbackServerContext* context,
      const masa::v1::GetOnboardingRequest* request,
      masa::v1::GetOnboardingResponse* response) override;
  grpc::ServerUnaryReactor* SetOnboarding(
      grpc::CallbackServerContext* context,
      const masa::v1::SetOnboardingRequest* request,
      masa::v1::SetOnboardingResponse* response) override;
  grpc::ServerUnaryReactor* ClearOnboarding(
      grpc::CallbackServerContext* context,
      const masa::v1::ClearOnboardingRequest* request,
      masa::v1::ClearOnboardingResponse* response) override;
  grpc::ServerUnaryReactor* PlaceDevices(
      grpc::CallbackServerContext* context,
      const masa::v1::PlaceDevicesRequest* request,
      masa::v1::PlaceDevicesResponse* response) override;

 private:
  absl::Status Read(const issuance::GroupCall& call, const std::string& id,
                    masa::v1::Group* group);

  issuance::GroupDesk& desk_;
  issuance::TransferDesk& transfers_;
  const rpc::Serving serving_;
};

}  // namespace masa::authority

#endif  // SERVICES_AUTHORITY_GROUP_FACE_H_
