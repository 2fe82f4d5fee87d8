// From a request's head to what shall be done with it: pure, so that every
// refusal of the HTTP layer is a row in a table of its test.
#ifndef SERVICES_EDGE_ROUTER_H_
#define SERVICES_EDGE_ROUTER_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "services/edge/answer.h"
#include "services/edge/est_routes.h"
#include "services/edge/pledge_routes.h"

namespace masa::edge {

enum class Route {
  kOther = 0,
  kRequestVoucher = 1,
  kRequestAuditLog = 2,
  kEst = 3,
  kPledge = 4
};

// The name of `route` in metrics and logs: "requestvoucher" and so on.
std::string NameOf(Route route);

struct RequestHead {
  std::string method;
  std::string target;              // as sent
  std::vector<std::string> hosts;  // every Host field
  bool host_required = true;       // HTTP/1.1 (RFC 9112 section 3.2)
  std::string server_name;         // SNI, lower case; empty when none came
};

struct Routing {
  Route route = Route::kOther;
  std::string host;             // SNI, else Host; lower case, no port
  bool fossil_path = false;     // where drafts before RFC 8995 had it (EP-04)
  std::optional<EstRoute> est;  // of Route::kEst
  std::optional<issuance::PledgeOperation> pledge;  // of Route::kPledge
  std::optional<Answer> answer;  // set: this is the answer, nothing to call
};

// Decides by base path, method and names; which face a name shows is its own
// (face.h). `foreign_host` says whether a name
// belongs to another identity than the default: without SNI such a Host would
// fall into a tenant that TLS did not speak for (TR-10).
Routing RouteRequest(const RequestHead& head,
                     const std::vector<std::string>& base_paths,
                     absl::FunctionRef<bool(const std::string&)> foreign_host);

// The name of what the request asks for, in metrics and logs.
std::string NameOf(const Routing& routing);

// `host` without its port, lower case: "Masa.Example:9443" is "masa.example",
// "[::1]:443" is "::1". Empty when it is not a host.
std::string HostWithoutPort(const std::string& host);

// `value` when it is a W3C traceparent of version 00, else "".
std::string AcceptTraceparent(const std::string& value);

}  // namespace masa::edge

#endif  // SERVICES_EDGE_ROUTER_H_
