#include "services/authority/registrar_face.h"

#include <utility>
#include <vector>

#include "services/authority/edge_context.h"
#include "services/status/macros.h"

namespace masa::authority {
namespace {

issuance::RegistrarCall CallOf(const masa::v1::RegistrarCall& message,
                               const RequestContext& context) {
  issuance::RegistrarCall call;
  call.context =
      EdgeContext(message.request_id(), message.traceparent(), context);
  call.host = message.host();
  call.content_type = message.content_type();
  call.accept = message.accept();
  call.body = message.body();
  call.tls_peer_chain_der.assign(message.tls_peer_chain_der().begin(),
                                 message.tls_peer_chain_der().end());
  call.authorization = message.authorization();
  call.fossil_path = message.fossil_path();
  call.evidence.crls_der.assign(message.crls_der().begin(),
                                message.crls_der().end());
  call.evidence.ocsp_responses_der.assign(message.ocsp_responses_der().begin(),
                                          message.ocsp_responses_der().end());
  return call;
}

}  // namespace

grpc::ServerUnaryReactor* RegistrarFace::RequestVoucher(
    grpc::CallbackServerContext* context,
    const masa::v1::RequestVoucherRequest* request,
    masa::v1::RequestVoucherResponse* response) {
  return rpc::StartUnary(
      context, serving_.gate, masa::v1::RegistrarService::service_full_name(),
      [=, this](const RequestContext& ours, const identity::Principal&,
                rpc::Finish finish) {
        std::vector<issuance::PendingCall> calls;
        calls.push_back({CallOf(request->call(), ours),
                         [response, finish = std::move(finish)](
                             absl::StatusOr<issuance::RegistrarAnswer> answer) {
                           if (answer.ok()) {
                             response->set_content_type(answer->content_type);
                             response->set_voucher(std::move(answer->body));
                           }
                           finish(answer.status());
                         }});
        desk_.RequestVouchers(std::move(calls));
      });
}

grpc::ServerUnaryReactor* RegistrarFace::RequestAuditLog(
    grpc::CallbackServerContext* context,
    const masa::v1::RequestAuditLogRequest* request,
    masa::v1::RequestAuditLogResponse* response) {
  return rpc::ServeUnary(
      context, serving_, masa::v1::RegistrarService::service_full_name(),
      [=, this](const RequestContext& ours,
                const identity::Principal&) -> absl::Status {
        MASA_ASSIGN_OR_RETURN(
            auto answer, desk_.RequestAuditLog(CallOf(request->call(), ours)));
        response->set_content_type(answer.content_type);
        response->set_audit_log(std::move(answer.body));
        return absl::OkStatus();
      });
}

}  // namespace masa::authority
