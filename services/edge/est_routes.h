// The resources of EST (RFC 7030 section 3.2.2), and what their answers look
// like in HTTP (RFC 8951). Pure.
#ifndef SERVICES_EDGE_EST_ROUTES_H_
#define SERVICES_EDGE_EST_ROUTES_H_

#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "services/edge/answer.h"
#include "services/issuance/enrollment_desk.h"

namespace masa::edge {

struct EstRoute {
  issuance::EstOperation operation = issuance::EstOperation::kCaCerts;
  std::string label;             // empty: none
  std::optional<Answer> answer;  // set: this is the answer, nothing to call
};

// Nothing for a path that is not below /.well-known/est/, or names no operation
// there.
std::optional<EstRoute> EstRouteOf(absl::string_view path,
                                   absl::string_view method);

// "cacerts" and so on.
absl::string_view NameOf(issuance::EstOperation operation);

// The answer of a desk; base64 in lines when `wrapped`.
Answer EstAnswerOf(issuance::EstOperation operation,
                   const issuance::EstAnswer& answer, bool wrapped);

}  // namespace masa::edge

#endif  // SERVICES_EDGE_EST_ROUTES_H_
