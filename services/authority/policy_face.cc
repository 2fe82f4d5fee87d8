#include "services/authority/policy_face.h"

#include <utility>

#include "services/authority/group_calls.h"
#include "services/status/field_faults.h"
#include "services/status/macros.h"
#include "services/status/reason.h"

namespace masa::authority {

using identity::Principal;

namespace {

constexpr size_t kHashOctets = 32;
constexpr size_t kLongestNote = 1024;

}  // namespace

template <typename Body>
grpc::ServerUnaryReactor* PolicyFace::Serve(
    grpc::CallbackServerContext* context, Body body) {
  return rpc::ServeUnary(context, serving_,
                         masa::v1::PolicyService::service_full_name(),
                         std::move(body));
}

grpc::ServerUnaryReactor* PolicyFace::GetTenant(
    grpc::CallbackServerContext* context,
    const masa::v1::GetTenantRequest* request,
    masa::v1::GetTenantResponse* response) {
  return Serve(context,
               [=, this](const RequestContext& ours,
                         const Principal& caller) -> absl::Status {
                 MASA_ASSIGN_OR_RETURN(*response->mutable_tenant(),
                                       desk_.GetTenant(ours, caller));
                 return absl::OkStatus();
               });
}

grpc::ServerUnaryReactor* PolicyFace::UpdateTenant(
    grpc::CallbackServerContext* context,
    const masa::v1::UpdateTenantRequest* request,
    masa::v1::UpdateTenantResponse* response) {
  return Serve(
      context,
      [=, this](const RequestContext& ours,
                const Principal& caller) -> absl::Status {
        MASA_ASSIGN_OR_RETURN(const auto once, OnceOf(*request));
        MASA_ASSIGN_OR_RETURN(
            *response->mutable_tenant(),
            desk_.UpdateTenant(Under(ours, once), caller, request->tenant(),
                               request->validate_only(), once));
        return absl::OkStatus();
      });
}

grpc::ServerUnaryReactor* PolicyFace::ListProducts(
    grpc::CallbackServerContext* context,
    const masa::v1::ListProductsRequest* request,
    masa::v1::ListProductsResponse* response) {
  return Serve(context,
               [=, this](const RequestContext& ours,
                         const Principal& caller) -> absl::Status {
                 MASA_ASSIGN_OR_RETURN(const auto products,
                                       desk_.ListProducts(ours, caller));
                 for (const masa::v1::Product& product : products) {
                   *response->add_products() = product;
                 }
                 return absl::OkStatus();
               });
}

grpc::ServerUnaryReactor* PolicyFace::GetProduct(
    grpc::CallbackServerContext* context,
    const masa::v1::GetProductRequest* request,
    masa::v1::GetProductResponse* response) {
  return Serve(context,
               [=, this](const RequestContext& ours,
                         const Principal& caller) -> absl::Status {
                 MASA_ASSIGN_OR_RETURN(const auto products,
                                       desk_.ListProducts(ours, caller));
                 for (const masa::v1::Product& product : products) {
                   if (product.product_id() == request->product_id()) {
                     *response->mutable_product() = product;
                     return absl::OkStatus();
                   }
                 }
                 return Refuse(Reason::kProductUnknown,
                               "there is no such product");
               });
}

grpc::ServerUnaryReactor* PolicyFace::UpdateProduct(
    grpc::CallbackServerContext* context,
    const masa::v1::UpdateProductRequest* request,
    masa::v1::UpdateProductResponse* response) {
  return Serve(
      context,
      [=, this](const RequestContext& ours,
                const Principal& caller) -> absl::Status {
        MASA_ASSIGN_OR_RETURN(const auto once, OnceOf(*request));
        MASA_ASSIGN_OR_RETURN(
            *response->mutable_product(),
            desk_.UpdateProduct(Under(ours, once), caller, request->product(),
                                request->validate_only(), once));
        return absl::OkStatus();
      });
}

grpc::ServerUnaryReactor* PolicyFace::BlockDomain(
    grpc::CallbackServerContext* context,
    const masa::v1::BlockDomainRequest* request,
    masa::v1::BlockDomainResponse* response) {
  return Serve(context,
               [=, this](const RequestContext& ours,
                         const Principal& caller) -> absl::Status {
                 MASA_ASSIGN_OR_RETURN(const auto once, OnceOf(*request));
                 FieldChecker check;
                 if (request->spki_sha256().size() != kHashOctets) {
                   check.Fault("spki_sha256", "has 32 octets");
                 }
                 if (request->note().size() > kLongestNote) {
                   check.Fault("note", "is over 1024 octets");
                 }
                 MASA_RETURN_IF_ERROR(check.Finish());
                 masa::v1::BlockedDomain domain;
                 domain.set_spki_sha256(request->spki_sha256());
                 domain.set_note(request->note());
                 domain.set_lifted(request->lift());
                 return desk_.BlockDomain(Under(ours, once), caller,
                                          std::move(domain), once);
               });
}

grpc::ServerUnaryReactor* PolicyFace::SetRegistrarAuthentication(
    grpc::CallbackServerContext* context,
    const masa::v1::SetRegistrarAuthenticationRequest* request,
    masa::v1::SetRegistrarAuthenticationResponse* response) {
  return Serve(
      context,
      [=, this](const RequestContext& ours,
                const Principal& caller) -> absl::Status {
        MASA_ASSIGN_OR_RETURN(const auto once, OnceOf(*request));
        FieldChecker check;
        if (!masa::v1::RegistrarAuthentication_IsValid(
                request->registrar_authentication())) {
          check.Fault("registrar_authentication", "is none");
        }
        MASA_RETURN_IF_ERROR(check.Finish());
        std::vector<std::pair<std::string, std::string>> users;
        for (const masa::v1::BasicUser& user : request->basic_users()) {
          users.emplace_back(user.user(), user.password());
        }
        return desk_.SetRegistrarAuthentication(
            Under(ours, once), caller, request->organization_id(),
            request->registrar_authentication(), users, once);
      });
}

grpc::ServerUnaryReactor* PolicyFace::SetEndlessVouchers(
    grpc::CallbackServerContext* context,
    const masa::v1::SetEndlessVouchersRequest* request,
    masa::v1::SetEndlessVouchersResponse* response) {
  return Serve(context,
               [=, this](const RequestContext& ours,
                         const Principal& caller) -> absl::Status {
                 MASA_ASSIGN_OR_RETURN(const auto once, OnceOf(*request));
                 return desk_.SetEndlessVouchers(Under(ours, once), caller,
                                                 request->organization_id(),
                                                 request->allowed(), once);
               });
}

}  // namespace masa::authority
