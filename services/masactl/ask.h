// One call and what is said of its answer: for commands that are no more.
#ifndef SERVICES_MASACTL_ASK_H_
#define SERVICES_MASACTL_ASK_H_

#include <string>

#include "absl/status/statusor.h"
#include "grpcpp/client_context.h"
#include "services/masactl/commands.h"
#include "services/status/macros.h"

namespace masa::masactl {

// One call: its answer, or the refusal as a person reads it.
template <typename Service, typename Request, typename Response>
absl::StatusOr<Response> Ask(
    const CommonOptions& options,
    grpc::Status (Service::Stub::*method)(grpc::ClientContext*, const Request&,
                                          Response*),
    const Request& request) {
  MASA_ASSIGN_OR_RETURN(const auto channel, Connect(options));
  grpc::ClientContext call;
  Prepare(&call);
  Response response;
  const auto stub = Service::NewStub(channel);
  MASA_RETURN_IF_ERROR(
      StatusOf((stub.get()->*method)(&call, request, &response)));
  return response;
}

// Prints the answer as JSON where that was asked for, else what is `said`; the
// exit status.
template <typename Response>
int Tell(const CommonOptions& options, Terminal terminal,
         const Response& response, const std::string& said) {
  terminal.out << (options.json ? JsonOf(response) : said) << '\n';
  return 0;
}

}  // namespace masa::masactl

#endif  // SERVICES_MASACTL_ASK_H_
