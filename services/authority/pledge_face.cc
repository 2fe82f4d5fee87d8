#include "services/authority/pledge_face.h"

#include <utility>
#include <vector>

#include "services/authority/edge_context.h"
#include "services/status/reason.h"

namespace masa::authority {
namespace {

issuance::PledgeCall CallOf(const masa::v1::AskPledgeRequest& message,
                            const RequestContext& context) {
  issuance::PledgeCall call;
  call.context =
      EdgeContext(message.request_id(), message.traceparent(), context);
  call.operation = static_cast<issuance::PledgeOperation>(message.operation());
  call.host = message.host();
  call.content_type = message.content_type();
  call.accept = message.accept();
  call.body = message.body();
  call.tls_peer_chain_der.assign(message.tls_peer_chain_der().begin(),
                                 message.tls_peer_chain_der().end());
  call.tls_server_cert_der = message.tls_server_cert_der();
  return call;
}

}  // namespace

grpc::ServerUnaryReactor* PledgeFace::AskPledge(
    grpc::CallbackServerContext* context,
    const masa::v1::AskPledgeRequest* request,
    masa::v1::AskPledgeResponse* response) {
  return rpc::StartUnary(
      context, serving_.gate, masa::v1::PledgeService::service_full_name(),
      [=, this](const RequestContext& ours, const identity::Principal&,
                rpc::Finish finish) {
        if (request->operation() < masa::v1::PLEDGE_OPERATION_REQUEST_VOUCHER ||
            request->operation() > masa::v1::PLEDGE_OPERATION_ENROLL_STATUS) {
          return finish(Refuse(Reason::kInvalidArgument,
                               "that operation of a pledge is not known here"));
        }
        std::vector<issuance::PendingPledge> calls;
        calls.push_back({CallOf(*request, ours),
                         [response, finish = std::move(finish)](auto answer) {
                           if (answer.ok()) {
                             response->set_content_type(answer->content_type);
                             response->set_voucher(std::move(answer->body));
                             response->set_location(answer->location);
                           }
                           finish(answer.status());
                         }});
        desk_.Ask(std::move(calls));
      });
}

}  // namespace masa::authority
