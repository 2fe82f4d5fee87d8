// What a call that an edge passes on is known by.
#ifndef SERVICES_AUTHORITY_EDGE_CONTEXT_H_
#define SERVICES_AUTHORITY_EDGE_CONTEXT_H_

#include <string>

#include "services/observe/request_context.h"

namespace masa::authority {

// The edge's request id and trace win over the call's own, where it sent them:
// one id through all roles.
inline RequestContext EdgeContext(const std::string& request_id,
                                  const std::string& traceparent,
                                  const RequestContext& call) {
  RequestContext ours = call;
  if (!request_id.empty()) {
    ours.request_id = request_id;
  }
  if (!traceparent.empty()) {
    ours.traceparent = traceparent;
  }
  return ours;
}

}  // namespace masa::authority

#endif  // SERVICES_AUTHORITY_EDGE_CONTEXT_H_
