#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/strip.h"
#include "proto/masa/v1/policy_service.grpc.pb.h"
#include "services/config/yaml_reader.h"
#include "services/masactl/commands.h"
#include "services/status/macros.h"
#include "services/wire/certificate.h"

namespace masa::masactl {
namespace {

using masa::v1::PolicyService;

// Calls one method of the service.
template <typename Method, typename Request, typename Response>
absl::Status Call(const CommonOptions& options, const Method& method,
                  const Request& request, Response* response) {
  MASA_ASSIGN_OR_RETURN(const auto channel, Connect(options));
  grpc::ClientContext call;
  Prepare(&call);
  const auto stub = PolicyService::NewStub(channel);
  return StatusOf((stub.get()->*method)(&call, request, response));
}

absl::Status ReadMessage(const std::string& file,
                         google::protobuf::Message* message) {
  const std::vector<std::string> faults = config::ReadYamlFile(file, message);
  return faults.empty()
             ? absl::OkStatus()
             : absl::InvalidArgumentError(absl::StrJoin(faults, "; "));
}

void Say(const CommonOptions& options, const google::protobuf::Message& message,
         const std::string& sentence, Terminal terminal) {
  terminal.out << (options.json ? JsonOf(message) : sentence) << '\n';
}

}  // namespace

absl::StatusOr<int> ListProducts(const CommonOptions& options,
                                 Terminal terminal) {
  masa::v1::ListProductsResponse response;
  MASA_RETURN_IF_ERROR(Call(options, &PolicyService::Stub::ListProducts,
                            masa::v1::ListProductsRequest(), &response));
  if (options.json) {
    terminal.out << JsonOf(response) << '\n';
    return 0;
  }
  for (const masa::v1::Product& product : response.products()) {
    terminal.out << product.product_id() << "  "
                 << masa::v1::OwnershipRule_Name(product.ownership())
                        .substr(std::string("OWNERSHIP_RULE_").size())
                 << "  key " << product.signing_key() << '\n';
  }
  if (response.products().empty()) {
    terminal.out << "no product\n";
  }
  return 0;
}

absl::StatusOr<int> GetProduct(const CommonOptions& options,
                               const std::string& product, Terminal terminal) {
  masa::v1::GetProductRequest request;
  request.set_product_id(product);
  masa::v1::GetProductResponse response;
  MASA_RETURN_IF_ERROR(
      Call(options, &PolicyService::Stub::GetProduct, request, &response));
  terminal.out << JsonOf(response.product()) << '\n';
  return 0;
}

absl::StatusOr<int> SetProduct(const CommonOptions& options,
                               const std::string& file, bool check,
                               Terminal terminal) {
  masa::v1::UpdateProductRequest request;
  MASA_RETURN_IF_ERROR(ReadMessage(file, request.mutable_product()));
  request.set_validate_only(check);
  masa::v1::UpdateProductResponse response;
  MASA_RETURN_IF_ERROR(
      Call(options, &PolicyService::Stub::UpdateProduct, request, &response));
  Say(options, response.product(),
      absl::StrCat("product ", response.product().product_id(),
                   check ? " could be written" : " is written"),
      terminal);
  return 0;
}

absl::StatusOr<int> GetTenant(const CommonOptions& options, Terminal terminal) {
  masa::v1::GetTenantResponse response;
  MASA_RETURN_IF_ERROR(Call(options, &PolicyService::Stub::GetTenant,
                            masa::v1::GetTenantRequest(), &response));
  terminal.out << JsonOf(response.tenant()) << '\n';
  return 0;
}

absl::StatusOr<int> SetTenant(const CommonOptions& options,
                              const std::string& file, bool check,
                              Terminal terminal) {
  masa::v1::UpdateTenantRequest request;
  MASA_RETURN_IF_ERROR(ReadMessage(file, request.mutable_tenant()));
  request.set_validate_only(check);
  masa::v1::UpdateTenantResponse response;
  MASA_RETURN_IF_ERROR(
      Call(options, &PolicyService::Stub::UpdateTenant, request, &response));
  Say(options, response.tenant(),
      absl::StrCat("tenant ", response.tenant().tenant_id(),
                   check ? " could be written" : " is written"),
      terminal);
  return 0;
}

absl::StatusOr<int> BlockDomain(const CommonOptions& options,
                                const std::string& domain_cert_file,
                                const std::string& note, bool lift,
                                Terminal terminal) {
  MASA_ASSIGN_OR_RETURN(const std::string der,
                        ReadCertificate(domain_cert_file));
  MASA_ASSIGN_OR_RETURN(const auto certificate, wire::Certificate::Parse(der));
  masa::v1::BlockDomainRequest request;
  request.set_spki_sha256(certificate->spki_sha256);
  request.set_note(note);
  request.set_lift(lift);
  masa::v1::BlockDomainResponse response;
  MASA_RETURN_IF_ERROR(
      Call(options, &PolicyService::Stub::BlockDomain, request, &response));
  Say(options, response, lift ? "served again" : "blocked", terminal);
  return 0;
}

absl::StatusOr<int> SetRegistrarAuth(const CommonOptions& options,
                                     const std::string& organization,
                                     const std::string& method,
                                     const std::string& user,
                                     const std::string& password_file,
                                     Terminal terminal) {
  masa::v1::SetRegistrarAuthenticationRequest request;
  request.set_organization_id(organization);
  request.set_registrar_authentication(
      method == "basic" ? masa::v1::REGISTRAR_AUTHENTICATION_BASIC
      : method == "tls" ? masa::v1::REGISTRAR_AUTHENTICATION_TLS
                        : masa::v1::REGISTRAR_AUTHENTICATION_SIGNATURE);
  if (method == "basic") {
    if (user.empty() || password_file.empty()) {
      return absl::InvalidArgumentError(
          "basic needs --user and --password-file");
    }
    MASA_ASSIGN_OR_RETURN(const std::string text, ReadText(password_file));
    auto* basic = request.add_basic_users();
    basic->set_user(user);
    basic->set_password(std::string(absl::StripSuffix(text, "\n")));
  }
  masa::v1::SetRegistrarAuthenticationResponse response;
  MASA_RETURN_IF_ERROR(Call(options,
                            &PolicyService::Stub::SetRegistrarAuthentication,
                            request, &response));
  Say(options, response,
      absl::StrCat("registrars of ", organization, ": ", method), terminal);
  return 0;
}

absl::StatusOr<int> SetEndlessVouchers(const CommonOptions& options,
                                       const std::string& organization,
                                       bool refused, Terminal terminal) {
  masa::v1::SetEndlessVouchersRequest request;
  request.set_organization_id(organization);
  request.set_allowed(!refused);
  masa::v1::SetEndlessVouchersResponse response;
  MASA_RETURN_IF_ERROR(Call(options, &PolicyService::Stub::SetEndlessVouchers,
                            request, &response));
  Say(options, response,
      absl::StrCat(organization, refused ? " gets no" : " may have",
                   " vouchers that never end"),
      terminal);
  return 0;
}

}  // namespace masa::masactl
