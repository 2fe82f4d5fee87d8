#include "services/authority/access_face.h"

#include <algorithm>
#include <map>

#include "absl/time/clock.h"
#include "services/authority/convert.h"
#include "services/authority/group_calls.h"
#include "services/authority/pages.h"
#include "services/status/field_faults.h"
#include "services/status/macros.h"
#include "services/status/reason.h"
#include "services/wire/certificate.h"

namespace masa::authority {
namespace {

using identity::Principal;

absl::Status CheckNamed(const char* field, const std::string& id) {
  FieldChecker check;
  check.Need(field, !id.empty());
  return check.Finish();
}

// Whether a list that is of one group, or of all, has what is in `group_id`.
bool IsIn(const std::string& group_id, const std::string& wanted) {
  return wanted.empty() || group_id == wanted;
}

// In the order of the list; unique.
std::string KeyOf(const storage::Binding& binding) {
  return absl::StrCat(binding.group_id, "/", binding.account.organization_id,
                      "/", binding.account.username, "/",
                      static_cast<int>(binding.account.type));
}

absl::StatusOr<storage::Binding> BindingOf(
    const masa::v1::AccessBinding& message, bool with_role) {
  FieldChecker check;
  check.Need("access_binding.group_id", !message.group_id().empty());
  check.Need("access_binding.username", !message.username().empty());
  check.Need("access_binding.account_organization_id",
             !message.account_organization_id().empty());
  constexpr size_t kLongestName = 256;
  CheckText("access_binding.username", message.username(), kLongestName,
            &check);
  if (message.account_type() != masa::v1::ACCOUNT_TYPE_USER &&
      message.account_type() != masa::v1::ACCOUNT_TYPE_SERVICE_ACCOUNT) {
    check.Fault("access_binding.account_type", "is not one that is known");
  }
  if (with_role && (message.role() < masa::v1::GROUP_ROLE_REQUESTOR ||
                    message.role() > masa::v1::GROUP_ROLE_ADMIN)) {
    check.Fault("access_binding.role", "is not one that is known");
  }
  MASA_RETURN_IF_ERROR(check.Finish());
  return storage::Binding{
      message.group_id(),
      {message.account_organization_id(), message.username(),
       static_cast<storage::AccountType>(message.account_type())},
      static_cast<storage::GroupRole>(message.role())};
}

masa::v1::AccessBinding MessageOf(const std::string& organization_id,
                                  const storage::Binding& binding) {
  masa::v1::AccessBinding message;
  message.set_organization_id(organization_id);
  message.set_group_id(binding.group_id);
  message.set_username(binding.account.username);
  message.set_account_type(
      static_cast<masa::v1::AccountType>(binding.account.type));
  message.set_account_organization_id(binding.account.organization_id);
  message.set_role(static_cast<masa::v1::GroupRole>(binding.role));
  return message;
}

// When it ends to be of use, by itself or by its registration.
absl::Time EndOf(const storage::GroupCert& cert) {
  const auto parsed = wire::Certificate::Parse(cert.certificate_der);
  return std::min(cert.expires_at.value_or(absl::InfiniteFuture()),
                  parsed.ok() ? (*parsed)->not_after : absl::InfinitePast());
}

masa::v1::DomainCert MessageOf(const storage::GroupCert& cert) {
  masa::v1::DomainCert message;
  message.set_cert_id(cert.cert_id);
  message.set_group_id(cert.group_id);
  message.set_certificate_der(cert.certificate_der);
  message.set_revocation_checks(cert.revocation_checks);
  if (cert.expires_at) {
    *message.mutable_expiry_time() = TimestampOf(*cert.expires_at);
  }
  return message;
}

// Of what a certificate is refused for, the field that has it.
absl::Status AtCertField(const absl::Status& status) {
  switch (status.ok() ? Reason::kInternal : ReasonOf(status)) {
    case Reason::kCertMalformed:
    case Reason::kCertExpired:
    case Reason::kCertExists:
      return AtField(status, "certificate_der");
    case Reason::kLifetimeInPast:
      return AtField(status, "expiry_time");
    default:
      return status;
  }
}

template <typename Request>
absl::StatusOr<storage::GroupCert> CertOf(const Request& request) {
  storage::GroupCert cert;
  cert.certificate_der = request.certificate_der();
  cert.revocation_checks = request.revocation_checks();
  if (request.has_expiry_time()) {
    MASA_ASSIGN_OR_RETURN(cert.expires_at,
                          MomentOf("expiry_time", request.expiry_time()));
  }
  return cert;
}

}  // namespace

absl::Status DomainCertFace::Read(const issuance::GroupCall& call,
                                  const std::string& id,
                                  masa::v1::DomainCert* message) {
  MASA_ASSIGN_OR_RETURN(const auto cert, desk_.GetCert(call, id));
  *message = MessageOf(cert);
  return absl::OkStatus();
}

grpc::ServerUnaryReactor* AccessFace::ListAccessBindings(
    grpc::CallbackServerContext* context,
    const masa::v1::ListAccessBindingsRequest* request,
    masa::v1::ListAccessBindingsResponse* response) {
  return rpc::ServeUnary(
      context, serving_, masa::v1::AccessService::service_full_name(),
      [=, this](const RequestContext& ours,
                const Principal& caller) -> absl::Status {
        const std::string id =
            OrganizationOr(request->organization_id(), caller);
        MASA_ASSIGN_OR_RETURN(const auto tree,
                              desk_.GetTree(CallOf(ours, caller), id));
        std::map<std::string, storage::Binding> bindings;
        for (const storage::Binding& binding : tree.bindings) {
          if (IsIn(binding.group_id, request->group_id())) {
            bindings[KeyOf(binding)] = binding;
          }
        }
        MASA_ASSIGN_OR_RETURN(
            *response->mutable_next_page_token(),
            Page<storage::Binding>(
                bindings,
                absl::StrCat("bindings:", id, ":", request->group_id()),
                request->page_size(), request->page_token(),
                [&](const storage::Binding& binding) {
                  *response->add_access_bindings() = MessageOf(id, binding);
                }));
        return notes_.Write(ours, caller, issuance::kNamesOfAccounts,
                            response->access_bindings_size(), nullptr);
      });
}

grpc::ServerUnaryReactor* AccessFace::CreateAccessBinding(
    grpc::CallbackServerContext* context,
    const masa::v1::CreateAccessBindingRequest* request,
    masa::v1::CreateAccessBindingResponse* response) {
  return rpc::ServeUnary(
      context, serving_, masa::v1::AccessService::service_full_name(),
      [=, this](const RequestContext& ours,
                const Principal& caller) -> absl::Status {
        MASA_ASSIGN_OR_RETURN(const auto binding,
                              BindingOf(request->access_binding(), true));
        MASA_ASSIGN_OR_RETURN(issuance::GroupCall call,
                              ChangeOf(ours, caller, *request));
        call.validate_only = request->validate_only();
        return desk_.GiveRole(call, binding, false);
      });
}

grpc::ServerUnaryReactor* AccessFace::DeleteAccessBinding(
    grpc::CallbackServerContext* context,
    const masa::v1::DeleteAccessBindingRequest* request,
    masa::v1::DeleteAccessBindingResponse* response) {
  return rpc::ServeUnary(
      context, serving_, masa::v1::AccessService::service_full_name(),
      [=, this](const RequestContext& ours,
                const Principal& caller) -> absl::Status {
        MASA_ASSIGN_OR_RETURN(const auto binding,
                              BindingOf(request->access_binding(), false));
        MASA_ASSIGN_OR_RETURN(const auto call,
                              ChangeOf(ours, caller, *request));
        return desk_.TakeRole(call, binding.group_id, binding.account);
      });
}

grpc::ServerUnaryReactor* AccessFace::TestPermissions(
    grpc::CallbackServerContext* context,
    const masa::v1::TestPermissionsRequest* request,
    masa::v1::TestPermissionsResponse* response) {
  return rpc::ServeUnary(
      context, serving_, masa::v1::AccessService::service_full_name(),
      [=, this](const RequestContext& ours,
                const Principal& caller) -> absl::Status {
        MASA_RETURN_IF_ERROR(CheckNamed("group_id", request->group_id()));
        MASA_ASSIGN_OR_RETURN(
            const auto acts,
            desk_.ListActs(CallOf(ours, caller), request->group_id()));
        for (const int asked : request->permissions()) {
          if (std::any_of(acts.begin(), acts.end(),
                          [asked](ownership::Act act) {
                            return static_cast<int>(act) + 1 == asked;
                          })) {
            response->add_permissions(static_cast<masa::v1::Permission>(asked));
          }
        }
        return absl::OkStatus();
      });
}

grpc::ServerUnaryReactor* DomainCertFace::GetDomainCert(
    grpc::CallbackServerContext* context,
    const masa::v1::GetDomainCertRequest* request,
    masa::v1::GetDomainCertResponse* response) {
  return rpc::ServeUnary(
      context, serving_, masa::v1::DomainCertService::service_full_name(),
      [=, this](const RequestContext& ours,
                const Principal& caller) -> absl::Status {
        MASA_RETURN_IF_ERROR(CheckNamed("cert_id", request->cert_id()));
        return Read(CallOf(ours, caller), request->cert_id(),
                    response->mutable_domain_cert());
      });
}

grpc::ServerUnaryReactor* DomainCertFace::ListDomainCerts(
    grpc::CallbackServerContext* context,
    const masa::v1::ListDomainCertsRequest* request,
    masa::v1::ListDomainCertsResponse* response) {
  return rpc::ServeUnary(
      context, serving_, masa::v1::DomainCertService::service_full_name(),
      [=, this](const RequestContext& ours,
                const Principal& caller) -> absl::Status {
        const std::string id =
            OrganizationOr(request->organization_id(), caller);
        MASA_ASSIGN_OR_RETURN(auto tree,
                              desk_.GetTree(CallOf(ours, caller), id));
        std::erase_if(tree.certs, [&](const auto& entry) {
          return !IsIn(entry.second.group_id, request->group_id());
        });
        MASA_ASSIGN_OR_RETURN(
            *response->mutable_next_page_token(),
            Page<storage::GroupCert>(
                tree.certs,
                absl::StrCat("certs:", id, ":", request->group_id()),
                request->page_size(), request->page_token(),
                [&](const storage::GroupCert& cert) {
                  *response->add_domain_certs() = MessageOf(cert);
                }));
        return absl::OkStatus();
      });
}

grpc::ServerUnaryReactor* DomainCertFace::ListExpiringDomainCerts(
    grpc::CallbackServerContext* context,
    const masa::v1::ListExpiringDomainCertsRequest* request,
    masa::v1::ListExpiringDomainCertsResponse* response) {
  return rpc::ServeUnary(
      context, serving_, masa::v1::DomainCertService::service_full_name(),
      [=, this](const RequestContext& ours,
                const Principal& caller) -> absl::Status {
        constexpr size_t kMost = 1000;
        if (request->within().seconds() < 0) {
          return AtField(Refuse(Reason::kInvalidArgument, "is no time to come"),
                         "within");
        }
        const std::string id =
            OrganizationOr(request->organization_id(), caller);
        MASA_ASSIGN_OR_RETURN(const auto tree,
                              desk_.GetTree(CallOf(ours, caller), id));
        const absl::Time before =
            absl::Now() + absl::Seconds(request->within().seconds());
        std::multimap<absl::Time, const storage::GroupCert*> by_end;
        for (const auto& [cert_id, cert] : tree.certs) {
          if (EndOf(cert) <= before) {
            by_end.emplace(EndOf(cert), &cert);
          }
        }
        for (const auto& [end, cert] : by_end) {
          if (response->domain_certs_size() < static_cast<int>(kMost)) {
            *response->add_domain_certs() = MessageOf(*cert);
          }
        }
        return absl::OkStatus();
      });
}

grpc::ServerUnaryReactor* DomainCertFace::CreateDomainCert(
    grpc::CallbackServerContext* context,
    const masa::v1::CreateDomainCertRequest* request,
    masa::v1::CreateDomainCertResponse* response) {
  return rpc::ServeUnary(
      context, serving_, masa::v1::DomainCertService::service_full_name(),
      [=, this](const RequestContext& ours,
                const Principal& caller) -> absl::Status {
        FieldChecker check;
        check.Need("group_id", !request->group_id().empty());
        check.Need("certificate_der", !request->certificate_der().empty());
        MASA_RETURN_IF_ERROR(check.Finish());
        MASA_ASSIGN_OR_RETURN(storage::GroupCert cert, CertOf(*request));
        cert.group_id = request->group_id();
        MASA_ASSIGN_OR_RETURN(issuance::GroupCall call,
                              ChangeOf(ours, caller, *request));
        call.validate_only = request->validate_only();
        const auto id = desk_.CreateCert(call, cert);
        MASA_RETURN_IF_ERROR(AtCertField(id.status()));
        return call.validate_only
                   ? absl::OkStatus()
                   : Read(call, *id, response->mutable_domain_cert());
      });
}

grpc::ServerUnaryReactor* DomainCertFace::RotateDomainCert(
    grpc::CallbackServerContext* context,
    const masa::v1::RotateDomainCertRequest* request,
    masa::v1::RotateDomainCertResponse* response) {
  return rpc::ServeUnary(
      context, serving_, masa::v1::DomainCertService::service_full_name(),
      [=, this](const RequestContext& ours,
                const Principal& caller) -> absl::Status {
        FieldChecker check;
        check.Need("cert_id", !request->cert_id().empty());
        check.Need("certificate_der", !request->certificate_der().empty());
        MASA_RETURN_IF_ERROR(check.Finish());
        MASA_ASSIGN_OR_RETURN(storage::GroupCert cert, CertOf(*request));
        cert.cert_id = request->cert_id();
        MASA_ASSIGN_OR_RETURN(const issuance::GroupCall call,
                              ChangeOf(ours, caller, *request));
        MASA_RETURN_IF_ERROR(AtCertField(desk_.RotateCert(call, cert)));
        return Read(call, request->cert_id(), response->mutable_domain_cert());
      });
}

grpc::ServerUnaryReactor* DomainCertFace::DeleteDomainCert(
    grpc::CallbackServerContext* context,
    const masa::v1::DeleteDomainCertRequest* request,
    masa::v1::DeleteDomainCertResponse* response) {
  return rpc::ServeUnary(
      context, serving_, masa::v1::DomainCertService::service_full_name(),
      [=, this](const RequestContext& ours,
                const Principal& caller) -> absl::Status {
        MASA_RETURN_IF_ERROR(CheckNamed("cert_id", request->cert_id()));
        MASA_ASSIGN_OR_RETURN(const auto call,
                              ChangeOf(ours, caller, *request));
        return desk_.DeleteCert(call, request->cert_id());
      });
}

}  // namespace masa::authority
