#include "services/authority/enrollment_face.h"

#include <utility>
#include <vector>

#include "services/authority/edge_context.h"
#include "services/status/macros.h"
#include "services/status/reason.h"

namespace masa::authority {
namespace {

issuance::EstCall CallOf(const masa::v1::AskEstRequest& message,
                         const RequestContext& context) {
  issuance::EstCall call;
  call.context =
      EdgeContext(message.request_id(), message.traceparent(), context);
  call.operation = static_cast<issuance::EstOperation>(message.operation());
  call.host = message.host();
  call.label = message.label();
  call.content_type = message.content_type();
  call.body = message.body();
  call.tls_peer_chain_der.assign(message.tls_peer_chain_der().begin(),
                                 message.tls_peer_chain_der().end());
  call.authorization = message.authorization();
  call.channel_binding = message.channel_binding();
  return call;
}

template <typename Response>
void SetEnd(absl::Time next_update, Response* response) {
  if (next_update != absl::InfinitePast()) {
    response->mutable_next_update()->set_seconds(
        absl::ToUnixSeconds(next_update));
  }
}

}  // namespace

grpc::ServerUnaryReactor* EnrollmentFace::AskEst(
    grpc::CallbackServerContext* context,
    const masa::v1::AskEstRequest* request,
    masa::v1::AskEstResponse* response) {
  return rpc::StartUnary(
      context, serving_.gate, masa::v1::EnrollmentService::service_full_name(),
      [=, this](const RequestContext& ours, const identity::Principal&,
                rpc::Finish finish) {
        if (request->operation() < masa::v1::EST_OPERATION_CA_CERTS ||
            request->operation() > masa::v1::EST_OPERATION_SERVER_KEYGEN) {
          return finish(Refuse(Reason::kInvalidArgument,
                               "that operation of EST is not known here"));
        }
        std::vector<issuance::PendingEst> calls;
        calls.push_back(
            {CallOf(*request, ours),
             [response, finish = std::move(finish)](auto answer) {
               if (answer.ok()) {
                 for (std::string& der : answer->certificates_der) {
                   response->add_certificates_der(std::move(der));
                 }
                 response->set_csr_attributes_der(answer->csr_attributes_der);
                 if (answer->private_key_der != nullptr) {
                   response->set_private_key_der(
                       std::string(answer->private_key_der->Reveal()));
                 }
               }
               finish(answer.status());
             }});
        desk_.Ask(std::move(calls));
      });
}

grpc::ServerUnaryReactor* CertificateStatusFace::GetCrl(
    grpc::CallbackServerContext* context,
    const masa::v1::GetCrlRequest* request,
    masa::v1::GetCrlResponse* response) {
  return rpc::ServeUnary(
      context, serving_,
      masa::v1::CertificateStatusService::service_full_name(),
      [=, this](const RequestContext& ours,
                const identity::Principal&) -> absl::Status {
        MASA_ASSIGN_OR_RETURN(
            auto answer, desk_.Crl(EdgeContext(request->request_id(), "", ours),
                                   request->host(), request->profile()));
        response->set_crl_der(std::move(answer.der));
        SetEnd(answer.next_update, response);
        return absl::OkStatus();
      });
}

grpc::ServerUnaryReactor* CertificateStatusFace::GetOcspResponse(
    grpc::CallbackServerContext* context,
    const masa::v1::GetOcspResponseRequest* request,
    masa::v1::GetOcspResponseResponse* response) {
  return rpc::ServeUnary(
      context, serving_,
      masa::v1::CertificateStatusService::service_full_name(),
      [=, this](const RequestContext& ours,
                const identity::Principal&) -> absl::Status {
        MASA_ASSIGN_OR_RETURN(
            auto answer,
            desk_.Ocsp(EdgeContext(request->request_id(), "", ours),
                       request->request_der()));
        response->set_response_der(std::move(answer.der));
        SetEnd(answer.next_update, response);
        return absl::OkStatus();
      });
}

}  // namespace masa::authority
