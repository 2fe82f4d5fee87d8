// OrganizationService: customers as operators keep them.
#include <algorithm>
#include <cctype>

#include "absl/strings/match.h"
#include "services/authority/group_calls.h"
#include "services/authority/group_face.h"
#include "services/authority/pages.h"
#include "services/status/field_faults.h"
#include "services/status/macros.h"
#include "services/status/reason.h"

namespace masa::authority {
namespace {

using identity::Principal;

absl::Status CheckOrganizationId(const std::string& id) {
  constexpr size_t kLongest = 64;
  const bool plain = std::all_of(id.begin(), id.end(), [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '-' || c == '.';
  });
  FieldChecker check;
  if (!absl::StartsWith(id, "org-") || id.size() == 4 || id.size() > kLongest ||
      !plain) {
    check.Fault("organization_id",
                "is org- and a name of letters, digits, dots and dashes, 64 "
                "octets at most");
  }
  return check.Finish();
}

masa::v1::OrganizationRecord RecordOf(const storage::OrganizationTree& tree) {
  masa::v1::OrganizationRecord record;
  record.set_organization_id(tree.id());
  record.set_display_name(tree.organization.display_name());
  record.set_etag(EtagOf(tree.version));
  return record;
}

}  // namespace

absl::Status OrganizationFace::Read(const issuance::GroupCall& call,
                                    const std::string& id,
                                    masa::v1::OrganizationRecord* record) {
  MASA_ASSIGN_OR_RETURN(const auto tree, desk_.GetTree(call, id));
  *record = RecordOf(tree);
  return absl::OkStatus();
}

grpc::ServerUnaryReactor* OrganizationFace::GetOrganization(
    grpc::CallbackServerContext* context,
    const masa::v1::GetOrganizationRequest* request,
    masa::v1::GetOrganizationResponse* response) {
  return rpc::ServeUnary(
      context, serving_, masa::v1::OrganizationService::service_full_name(),
      [=, this](const RequestContext& ours,
                const Principal& caller) -> absl::Status {
        return Read(CallOf(ours, caller),
                    OrganizationOr(request->organization_id(), caller),
                    response->mutable_organization());
      });
}

grpc::ServerUnaryReactor* OrganizationFace::ListOrganizations(
    grpc::CallbackServerContext* context,
    const masa::v1::ListOrganizationsRequest* request,
    masa::v1::ListOrganizationsResponse* response) {
  return rpc::ServeUnary(
      context, serving_, masa::v1::OrganizationService::service_full_name(),
      [=, this](const RequestContext& ours,
                const Principal& caller) -> absl::Status {
        constexpr char kList[] = "organizations";
        MASA_ASSIGN_OR_RETURN(const int size, PageSizeOf(request->page_size()));
        MASA_ASSIGN_OR_RETURN(const std::string last,
                              LastOf(kList, request->page_token()));
        MASA_ASSIGN_OR_RETURN(
            const auto found,
            desk_.ListOrganizations(CallOf(ours, caller), last, size));
        for (const storage::OrganizationTree& tree : found) {
          *response->add_organizations() = RecordOf(tree);
        }
        if (static_cast<int>(found.size()) == size) {
          response->set_next_page_token(PageTokenOf(kList, found.back().id()));
        }
        return absl::OkStatus();
      });
}

grpc::ServerUnaryReactor* OrganizationFace::CreateOrganization(
    grpc::CallbackServerContext* context,
    const masa::v1::CreateOrganizationRequest* request,
    masa::v1::CreateOrganizationResponse* response) {
  return rpc::ServeUnary(
      context, serving_, masa::v1::OrganizationService::service_full_name(),
      [=, this](const RequestContext& ours,
                const Principal& caller) -> absl::Status {
        MASA_RETURN_IF_ERROR(CheckOrganizationId(request->organization_id()));
        masa::v1::Organization organization;
        organization.set_organization_id(request->organization_id());
        organization.set_display_name(request->display_name());
        MASA_ASSIGN_OR_RETURN(issuance::GroupCall call,
                              ChangeOf(ours, caller, *request));
        call.validate_only = request->validate_only();
        MASA_RETURN_IF_ERROR(
            desk_.CreateOrganization(call, organization).status());
        return call.validate_only ? absl::OkStatus()
                                  : Read(call, request->organization_id(),
                                         response->mutable_organization());
      });
}

grpc::ServerUnaryReactor* OrganizationFace::UpdateOrganization(
    grpc::CallbackServerContext* context,
    const masa::v1::UpdateOrganizationRequest* request,
    masa::v1::UpdateOrganizationResponse* response) {
  return rpc::ServeUnary(
      context, serving_, masa::v1::OrganizationService::service_full_name(),
      [=, this](const RequestContext& ours,
                const Principal& caller) -> absl::Status {
        MASA_ASSIGN_OR_RETURN(const auto version, VersionOf(request->etag()));
        masa::v1::Organization organization;
        organization.set_organization_id(request->organization_id());
        organization.set_display_name(request->display_name());
        MASA_ASSIGN_OR_RETURN(const issuance::GroupCall call,
                              ChangeOf(ours, caller, *request));
        MASA_RETURN_IF_ERROR(
            desk_.UpdateOrganization(call, organization, version));
        return Read(call, request->organization_id(),
                    response->mutable_organization());
      });
}

grpc::ServerUnaryReactor* OrganizationFace::DeleteOrganization(
    grpc::CallbackServerContext* context,
    const masa::v1::DeleteOrganizationRequest* request,
    masa::v1::DeleteOrganizationResponse* response) {
  return rpc::ServeUnary(
      context, serving_, masa::v1::OrganizationService::service_full_name(),
      [=, this](const RequestContext& ours,
                const Principal& caller) -> absl::Status {
        MASA_RETURN_IF_ERROR(CheckOrganizationId(request->organization_id()));
        MASA_ASSIGN_OR_RETURN(const auto version, VersionOf(request->etag()));
        MASA_ASSIGN_OR_RETURN(issuance::GroupCall call,
                              ChangeOf(ours, caller, *request));
        call.validate_only = request->validate_only();
        return desk_.DeleteOrganization(call, request->organization_id(),
                                        version);
      });
}

}  // namespace masa::authority
