// ovgs.v1.OwnershipVoucherService on the `api` listener: translates, calls the
// desk, translates back. Its roles and status codes are the rules' of
// services/ownership; what is peculiar to the protocol is in this folder.
#ifndef SERVICES_AUTHORITY_OVGS_OVGS_FACE_H_
#define SERVICES_AUTHORITY_OVGS_OVGS_FACE_H_

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "proto/masa/v1/config.pb.h"
#include "proto/ovgs/v1/ovgs.grpc.pb.h"
#include "services/authority/ovgs/requests.h"
#include "services/issuance/group_desk.h"
#include "services/observe/api_events.h"
#include "services/rpc/serve_unary.h"

namespace masa::authority::ovgs {

class OvgsFace final
    : public ::ovgs::v1::OwnershipVoucherService::CallbackService {
 public:
  // The desk, what serves and `events`, which is told of each call that was
  // admitted, outlive this. `forgave_ien` is told of each call that is served
  // without an enterprise number (O2).
  OvgsFace(issuance::GroupDesk& desk, const masa::v1::Ovgs& options,
           const rpc::Serving& serving, std::function<void()> forgave_ien,
           ApiEvents& events)
      : desk_(desk),
        options_(options),
        serving_(serving),
        forgave_ien_(std::move(forgave_ien)),
        events_(events) {}

  grpc::ServerUnaryReactor* CreateGroup(
      grpc::CallbackServerContext* context,
      const ::ovgs::v1::CreateGroupRequest* request,
      ::ovgs::v1::CreateGroupResponse* response) override;
  grpc::ServerUnaryReactor* DeleteGroup(
      grpc::CallbackServerContext* context,
      const ::ovgs::v1::DeleteGroupRequest* request,
      ::ovgs::v1::DeleteGroupResponse* response) override;
  grpc::ServerUnaryReactor* GetGroup(
      grpc::CallbackServerContext* context,
      const ::ovgs::v1::GetGroupRequest* request,
      ::ovgs::v1::GetGroupResponse* response) override;
  grpc::ServerUnaryReactor* AddGroupDelegatedOrg(
      grpc::CallbackServerContext* context,
      const ::ovgs::v1::AddGroupDelegatedOrgRequest* request,
      ::ovgs::v1::AddGroupDelegatedOrgResponse* response) override;
  grpc::ServerUnaryReactor* RemoveGroupDelegatedOrg(
      grpc::CallbackServerContext* context,
      const ::ovgs::v1::RemoveGroupDelegatedOrgRequest* request,
      ::ovgs::v1::RemoveGroupDelegatedOrgResponse* response) override;
  grpc::ServerUnaryReactor* AddUserRole(
      grpc::CallbackServerContext* context,
      const ::ovgs::v1::AddUserRoleRequest* request,
      ::ovgs::v1::AddUserRoleResponse* response) override;
  grpc::ServerUnaryReactor* RemoveUserRole(
      grpc::CallbackServerContext* context,
      const ::ovgs::v1::RemoveUserRoleRequest* request,
      ::ovgs::v1::RemoveUserRoleResponse* response) override;
  grpc::ServerUnaryReactor* GetUserRole(
      grpc::CallbackServerContext* context,
      const ::ovgs::v1::GetUserRoleRequest* request,
      ::ovgs::v1::GetUserRoleResponse* response) override;
  grpc::ServerUnaryReactor* CreateDomainCert(
      grpc::CallbackServerContext* context,
      const ::ovgs::v1::CreateDomainCertRequest* request,
      ::ovgs::v1::CreateDomainCertResponse* response) override;
  grpc::ServerUnaryReactor* DeleteDomainCert(
      grpc::CallbackServerContext* context,
      const ::ovgs::v1::DeleteDomainCertRequest* request,
      ::ovgs::v1::DeleteDomainCertResponse* response) override;
  grpc::ServerUnaryReactor* GetDomainCert(
      grpc::CallbackServerContext* context,
      const ::ovgs::v1::GetDomainCertRequest* request,
      ::ovgs::v1::GetDomainCertResponse* response) override;
  grpc::ServerUnaryReactor* AddSerial(
      grpc::CallbackServerContext* context,
      const ::ovgs::v1::AddSerialRequest* request,
      ::ovgs::v1::AddSerialResponse* response) override;
  grpc::ServerUnaryReactor* RemoveSerial(
      grpc::CallbackServerContext* context,
      const ::ovgs::v1::RemoveSerialRequest* request,
      ::ovgs::v1::RemoveSerialResponse* response) override;
  grpc::ServerUnaryReactor* GetSerial(
      grpc::CallbackServerContext* context,
      const ::ovgs::v1::GetSerialRequest* request,
      ::ovgs::v1::GetSerialResponse* response) override;
  grpc::ServerUnaryReactor* GetSerials(
      grpc::CallbackServerContext* context,
      const ::ovgs::v1::GetSerialsRequest* request,
      ::ovgs::v1::GetSerialsResponse* response) override;
  grpc::ServerUnaryReactor* GetOwnershipVoucher(
      grpc::CallbackServerContext* context,
      const ::ovgs::v1::GetOwnershipVoucherRequest* request,
      ::ovgs::v1::GetOwnershipVoucherResponse* response) override;
  grpc::ServerUnaryReactor* GetOwnershipVouchers(
      grpc::CallbackServerContext* context,
      const ::ovgs::v1::GetOwnershipVouchersRequest* request,
      ::ovgs::v1::GetOwnershipVouchersResponse* response) override;
  grpc::ServerWriteReactor<::ovgs::v1::GetComponentsResponse>* GetComponents(
      grpc::CallbackServerContext* context,
      const ::ovgs::v1::GetComponentsRequest* request) override;

 private:
  template <typename Body>
  grpc::ServerUnaryReactor* Serve(const char* method,
                                  grpc::CallbackServerContext* context,
                                  Body body);
  // Tells of an admitted call of an operator or a customer: others that a
  // configuration admits here belong to no organisation and have no roles.
  void Count(const char* method, const identity::Principal& caller);
  // Hands an outcome on, and tells of one that is about what is another's.
  absl::Status Probed(const char* method, const identity::Principal& caller,
                      absl::Status outcome);
  // Tells of parts that lack an enterprise number.
  absl::StatusOr<Parts> Forgiving(absl::StatusOr<Parts> parts) const;
  absl::StatusOr<Parts> OnePart(const issuance::GroupCall& call,
                                const ::ovgs::v1::Component& component);
  absl::StatusOr<Parts> ManyParts(
      const issuance::GroupCall& call,
      const google::protobuf::RepeatedPtrField<::ovgs::v1::Component>&
          components,
      const std::string& field);
  // Of one call for vouchers, whose parts are as they were found to be.
  template <typename Request>
  absl::StatusOr<std::vector<::ovgs::v1::GetOwnershipVoucherResponse>> Issue(
      const issuance::GroupCall& call, const absl::StatusOr<Parts>& parts,
      const Request& request);
  // All parts of the group, for GetGroup. kGroupTooLarge (O5).
  absl::Status AddComponents(const issuance::GroupCall& call,
                             const std::string& group_id,
                             ::ovgs::v1::GetGroupResponse* response);

  issuance::GroupDesk& desk_;
  const masa::v1::Ovgs options_;
  const rpc::Serving serving_;
  const std::function<void()> forgave_ien_;
  ApiEvents& events_;
};

}  // namespace masa::authority::ovgs

#endif  // SERVICES_AUTHORITY_OVGS_OVGS_FACE_H_
