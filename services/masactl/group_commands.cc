#include "services/masactl/group_commands.h"

#include <map>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "proto/masa/v1/access.grpc.pb.h"
#include "proto/masa/v1/organization.grpc.pb.h"
#include "services/masactl/ask.h"
#include "services/masactl/phrases.h"
#include "services/masactl/shown.h"
#include "services/status/macros.h"

namespace masa::masactl {
namespace {

using masa::v1::AccessService;
using masa::v1::DomainCertService;
using masa::v1::GroupService;
using masa::v1::OrganizationService;

// All pages of a list; `add` takes each.
template <typename Service, typename Request, typename Response>
absl::Status AskAll(const CommonOptions& options,
                    grpc::Status (Service::Stub::*method)(grpc::ClientContext*,
                                                          const Request&,
                                                          Response*),
                    Request request,
                    const std::function<void(const Response&)>& add) {
  do {
    MASA_ASSIGN_OR_RETURN(const Response page,
                          (Ask<Service>(options, method, request)));
    add(page);
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  return absl::OkStatus();
}

absl::StatusOr<masa::v1::Group> ReadGroup(const CommonOptions& options,
                                          const std::string& group_id) {
  masa::v1::GetGroupRequest request;
  request.set_group_id(group_id);
  MASA_ASSIGN_OR_RETURN(
      const auto response,
      Ask<GroupService>(options, &GroupService::Stub::GetGroup, request));
  return response.group();
}

void PrintTree(const std::multimap<std::string, masa::v1::Group>& by_parent,
               const std::string& parent, int depth, std::ostream& out) {
  const auto [first, last] = by_parent.equal_range(parent);
  for (auto at = first; at != last; ++at) {
    const masa::v1::Group& group = at->second;
    out << std::string(2 * static_cast<size_t>(depth), ' ') << group.group_id()
        << (group.description().empty() ? ""
                                        : "  " + Shown(group.description()))
        << '\n';
    PrintTree(by_parent, group.group_id(), depth + 1, out);
  }
}

std::string RoleText(masa::v1::GroupRole role) {
  return absl::AsciiStrToLower(
      masa::v1::GroupRole_Name(role).substr(std::string("GROUP_ROLE_").size()));
}

masa::v1::GroupRole RoleNamed(const std::string& name) {
  masa::v1::GroupRole role = masa::v1::GROUP_ROLE_UNSPECIFIED;
  masa::v1::GroupRole_Parse("GROUP_ROLE_" + absl::AsciiStrToUpper(name), &role);
  return role;
}

absl::StatusOr<masa::v1::AccessBinding> BindingOf(
    const CommonOptions& options, const GroupArguments& arguments) {
  masa::v1::AccessBinding binding;
  binding.set_group_id(arguments.group);
  binding.set_username(arguments.username);
  binding.set_account_type(arguments.person
                               ? masa::v1::ACCOUNT_TYPE_USER
                               : masa::v1::ACCOUNT_TYPE_SERVICE_ACCOUNT);
  binding.set_account_organization_id(arguments.account_organization);
  if (arguments.account_organization.empty()) {
    MASA_ASSIGN_OR_RETURN(const auto group,
                          ReadGroup(options, arguments.group));
    binding.set_account_organization_id(group.organization_id());
  }
  return binding;
}

// The certificate and its end, for `add` and `rotate`.
template <typename Request>
absl::Status FillCert(const GroupArguments& arguments, Request* request) {
  MASA_ASSIGN_OR_RETURN(*request->mutable_certificate_der(),
                        ReadCertificate(arguments.cert_file));
  request->set_revocation_checks(arguments.revocation_checks);
  absl::Duration lifetime;
  if (arguments.expires_in.empty()) {
    return absl::OkStatus();
  }
  if (!absl::ParseDuration(arguments.expires_in, &lifetime) ||
      lifetime <= absl::ZeroDuration()) {
    return absl::InvalidArgumentError("--expires-in is not a time like 720h");
  }
  request->mutable_expiry_time()->set_seconds(
      absl::ToUnixSeconds(absl::Now() + lifetime));
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<int> ListOrganizations(const CommonOptions& options,
                                      const GroupArguments& arguments,
                                      Terminal terminal) {
  masa::v1::ListOrganizationsResponse all;
  MASA_RETURN_IF_ERROR(
      (AskAll<OrganizationService, masa::v1::ListOrganizationsRequest,
              masa::v1::ListOrganizationsResponse>(
          options, &OrganizationService::Stub::ListOrganizations, {},
          [&all](const auto& page) { all.MergeFrom(page); })));
  std::string said;
  for (const auto& organization : all.organizations()) {
    absl::StrAppend(&said, said.empty() ? "" : "\n",
                    organization.organization_id(), "  ",
                    Shown(organization.display_name()));
  }
  return Tell(options, terminal, all, said.empty() ? "no organisation" : said);
}

absl::StatusOr<int> CreateOrganization(const CommonOptions& options,
                                       const GroupArguments& arguments,
                                       Terminal terminal) {
  masa::v1::CreateOrganizationRequest request;
  request.set_organization_id(arguments.organization);
  request.set_display_name(arguments.name);
  MASA_ASSIGN_OR_RETURN(
      const auto response,
      Ask<OrganizationService>(
          options, &OrganizationService::Stub::CreateOrganization, request));
  return Tell(options, terminal, response.organization(),
              arguments.organization + " is there");
}

absl::StatusOr<int> RenameOrganization(const CommonOptions& options,
                                       const GroupArguments& arguments,
                                       Terminal terminal) {
  masa::v1::UpdateOrganizationRequest request;
  request.set_organization_id(arguments.organization);
  request.set_display_name(arguments.name);
  MASA_ASSIGN_OR_RETURN(
      const auto response,
      Ask<OrganizationService>(
          options, &OrganizationService::Stub::UpdateOrganization, request));
  return Tell(
      options, terminal, response.organization(),
      absl::StrCat(arguments.organization, " is called ", arguments.name));
}

absl::StatusOr<int> DeleteOrganization(const CommonOptions& options,
                                       const GroupArguments& arguments,
                                       Terminal terminal) {
  masa::v1::DeleteOrganizationRequest request;
  request.set_organization_id(arguments.organization);
  MASA_ASSIGN_OR_RETURN(
      const auto response,
      Ask<OrganizationService>(
          options, &OrganizationService::Stub::DeleteOrganization, request));
  return Tell(options, terminal, response,
              arguments.organization + " is there no more");
}

absl::StatusOr<int> ListGroups(const CommonOptions& options,
                               const GroupArguments& arguments,
                               Terminal terminal) {
  masa::v1::ListGroupsRequest request;
  request.set_organization_id(arguments.organization);
  masa::v1::ListGroupsResponse all;
  MASA_RETURN_IF_ERROR((AskAll<GroupService, masa::v1::ListGroupsRequest,
                               masa::v1::ListGroupsResponse>(
      options, &GroupService::Stub::ListGroups, request,
      [&all](const auto& page) { all.MergeFrom(page); })));
  if (options.json) {
    return Tell(options, terminal, all, "");
  }
  std::multimap<std::string, masa::v1::Group> by_parent;
  for (const masa::v1::Group& group : all.groups()) {
    by_parent.emplace(group.parent_id(), group);
  }
  PrintTree(by_parent, "", 0, terminal.out);
  if (all.groups().empty()) {
    terminal.out << "no group\n";
  }
  return 0;
}

absl::StatusOr<int> CreateGroup(const CommonOptions& options,
                                const GroupArguments& arguments,
                                Terminal terminal) {
  masa::v1::CreateGroupRequest request;
  request.set_parent_id(arguments.parent);
  request.set_description(arguments.name);
  MASA_ASSIGN_OR_RETURN(
      const auto response,
      Ask<GroupService>(options, &GroupService::Stub::CreateGroup, request));
  return Tell(options, terminal, response.group(), response.group().group_id());
}

absl::StatusOr<int> RenameGroup(const CommonOptions& options,
                                const GroupArguments& arguments,
                                Terminal terminal) {
  masa::v1::UpdateGroupRequest request;
  request.set_group_id(arguments.group);
  request.set_description(arguments.name);
  MASA_ASSIGN_OR_RETURN(
      const auto response,
      Ask<GroupService>(options, &GroupService::Stub::UpdateGroup, request));
  return Tell(options, terminal, response.group(),
              absl::StrCat(arguments.group, " is called ", arguments.name));
}

absl::StatusOr<int> MoveGroup(const CommonOptions& options,
                              const GroupArguments& arguments,
                              Terminal terminal) {
  masa::v1::MoveGroupRequest request;
  request.set_group_id(arguments.group);
  request.set_parent_id(arguments.parent);
  MASA_ASSIGN_OR_RETURN(
      const auto response,
      Ask<GroupService>(options, &GroupService::Stub::MoveGroup, request));
  return Tell(options, terminal, response.group(),
              absl::StrCat(arguments.group, " is below ", arguments.parent));
}

absl::StatusOr<int> DeleteGroup(const CommonOptions& options,
                                const GroupArguments& arguments,
                                Terminal terminal) {
  masa::v1::DeleteGroupRequest request;
  request.set_group_id(arguments.group);
  MASA_ASSIGN_OR_RETURN(
      const auto response,
      Ask<GroupService>(options, &GroupService::Stub::DeleteGroup, request));
  return Tell(options, terminal, response, arguments.group + " is deleted");
}

absl::StatusOr<int> Delegate(const CommonOptions& options,
                             const GroupArguments& arguments,
                             Terminal terminal) {
  masa::v1::AddDelegationRequest request;
  request.mutable_delegation()->set_group_id(arguments.group);
  request.mutable_delegation()->set_organization_id(arguments.organization);
  MASA_ASSIGN_OR_RETURN(
      const auto response,
      Ask<GroupService>(options, &GroupService::Stub::AddDelegation, request));
  return Tell(options, terminal, response,
              absl::StrCat(arguments.group, " is open to accounts of ",
                           arguments.organization));
}

absl::StatusOr<int> Undelegate(const CommonOptions& options,
                               const GroupArguments& arguments,
                               Terminal terminal) {
  masa::v1::RemoveDelegationRequest request;
  request.mutable_delegation()->set_group_id(arguments.group);
  request.mutable_delegation()->set_organization_id(arguments.organization);
  MASA_ASSIGN_OR_RETURN(
      const auto response,
      Ask<GroupService>(options, &GroupService::Stub::RemoveDelegation,
                        request));
  return Tell(options, terminal, response,
              absl::StrCat(arguments.group, " is closed to accounts of ",
                           arguments.organization));
}

absl::StatusOr<int> ListRoles(const CommonOptions& options,
                              const GroupArguments& arguments,
                              Terminal terminal) {
  masa::v1::ListAccessBindingsRequest request;
  request.set_organization_id(arguments.organization);
  request.set_group_id(arguments.group);
  masa::v1::ListAccessBindingsResponse all;
  MASA_RETURN_IF_ERROR(
      (AskAll<AccessService, masa::v1::ListAccessBindingsRequest,
              masa::v1::ListAccessBindingsResponse>(
          options, &AccessService::Stub::ListAccessBindings, request,
          [&all](const auto& page) { all.MergeFrom(page); })));
  std::string said;
  for (const auto& binding : all.access_bindings()) {
    absl::StrAppend(&said, said.empty() ? "" : "\n", binding.group_id(), "  ",
                    RoleText(binding.role()), "  ", Shown(binding.username()),
                    " of ", binding.account_organization_id(),
                    binding.account_type() == masa::v1::ACCOUNT_TYPE_USER
                        ? "  (person)"
                        : "");
  }
  return Tell(options, terminal, all, said.empty() ? "no role" : said);
}

absl::StatusOr<int> GiveRole(const CommonOptions& options,
                             const GroupArguments& arguments,
                             Terminal terminal) {
  masa::v1::CreateAccessBindingRequest request;
  MASA_ASSIGN_OR_RETURN(*request.mutable_access_binding(),
                        BindingOf(options, arguments));
  request.mutable_access_binding()->set_role(RoleNamed(arguments.role));
  MASA_ASSIGN_OR_RETURN(
      const auto response,
      Ask<AccessService>(options, &AccessService::Stub::CreateAccessBinding,
                         request));
  return Tell(options, terminal, response,
              absl::StrCat(arguments.username, " is ", arguments.role, " in ",
                           arguments.group));
}

absl::StatusOr<int> TakeRole(const CommonOptions& options,
                             const GroupArguments& arguments,
                             Terminal terminal) {
  masa::v1::DeleteAccessBindingRequest request;
  MASA_ASSIGN_OR_RETURN(*request.mutable_access_binding(),
                        BindingOf(options, arguments));
  MASA_ASSIGN_OR_RETURN(
      const auto response,
      Ask<AccessService>(options, &AccessService::Stub::DeleteAccessBinding,
                         request));
  return Tell(options, terminal, response,
              absl::StrCat(arguments.username, " has no role given in ",
                           arguments.group));
}

absl::StatusOr<int> ListDomainCerts(const CommonOptions& options,
                                    const GroupArguments& arguments,
                                    Terminal terminal) {
  masa::v1::ListDomainCertsRequest request;
  request.set_organization_id(arguments.organization);
  request.set_group_id(arguments.group);
  masa::v1::ListDomainCertsResponse all;
  MASA_RETURN_IF_ERROR(
      (AskAll<DomainCertService, masa::v1::ListDomainCertsRequest,
              masa::v1::ListDomainCertsResponse>(
          options, &DomainCertService::Stub::ListDomainCerts, request,
          [&all](const auto& page) { all.MergeFrom(page); })));
  std::string said;
  for (const auto& cert : all.domain_certs()) {
    absl::StrAppend(&said, said.empty() ? "" : "\n", cert.cert_id(), "  in ",
                    cert.group_id(), "  until ",
                    cert.has_expiry_time() ? TimeText(cert.expiry_time())
                                           : "the certificate ends");
  }
  return Tell(options, terminal, all,
              said.empty() ? "no domain certificate" : said);
}

absl::StatusOr<int> AddDomainCert(const CommonOptions& options,
                                  const GroupArguments& arguments,
                                  Terminal terminal) {
  masa::v1::CreateDomainCertRequest request;
  request.set_group_id(arguments.group);
  MASA_RETURN_IF_ERROR(FillCert(arguments, &request));
  MASA_ASSIGN_OR_RETURN(
      const auto response,
      Ask<DomainCertService>(
          options, &DomainCertService::Stub::CreateDomainCert, request));
  return Tell(options, terminal, response.domain_cert(),
              response.domain_cert().cert_id());
}

absl::StatusOr<int> RotateDomainCert(const CommonOptions& options,
                                     const GroupArguments& arguments,
                                     Terminal terminal) {
  masa::v1::RotateDomainCertRequest request;
  request.set_cert_id(arguments.cert_id);
  MASA_RETURN_IF_ERROR(FillCert(arguments, &request));
  MASA_ASSIGN_OR_RETURN(
      const auto response,
      Ask<DomainCertService>(
          options, &DomainCertService::Stub::RotateDomainCert, request));
  return Tell(options, terminal, response.domain_cert(),
              arguments.cert_id + " has another certificate");
}

absl::StatusOr<int> DeleteDomainCert(const CommonOptions& options,
                                     const GroupArguments& arguments,
                                     Terminal terminal) {
  masa::v1::DeleteDomainCertRequest request;
  request.set_cert_id(arguments.cert_id);
  MASA_ASSIGN_OR_RETURN(
      const auto response,
      Ask<DomainCertService>(
          options, &DomainCertService::Stub::DeleteDomainCert, request));
  return Tell(options, terminal, response, arguments.cert_id + " is deleted");
}

}  // namespace masa::masactl
