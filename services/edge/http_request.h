// What the edge takes from a parsed HTTP request.
#ifndef SERVICES_EDGE_HTTP_REQUEST_H_
#define SERVICES_EDGE_HTTP_REQUEST_H_

#include <boost/beast/core/error.hpp>
#include <boost/beast/http/field.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/http/string_body.hpp>
#include <cstdint>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "services/edge/answer.h"
#include "services/edge/router.h"
#include "services/issuance/enrollment_desk.h"
#include "services/issuance/registrar_desk.h"

namespace masa::edge {

using HttpRequest =
    boost::beast::http::request<boost::beast::http::string_body>;

// 32 random hexadecimal digits.
std::string NewRequestId();

// The field's value; empty when there is none.
std::string FieldOf(const HttpRequest& request,
                    boost::beast::http::field field);

// The values of all lines of a field that is a list, as one list (RFC 9110
// section 5.3); empty when there is none.
std::string ListOf(const HttpRequest& request, boost::beast::http::field field);

// What decides about the route. `server_name` is the TLS handshake's.
RequestHead HeadOf(const HttpRequest& request, const std::string& server_name);

// The call that the request makes of a desk, as far as it says itself; its body
// is moved out of it.
issuance::RegistrarCall TakeCallOf(HttpRequest& request);

// The same of a call of EST.
issuance::EstCall TakeEstCallOf(HttpRequest& request);

// The answer to what does not parse, or is larger than the `most` octets that
// it may have, by the parser's error; and why, for the log.
std::pair<Answer, absl::Status> UnreadAnswer(
    const boost::beast::error_code& error, uint64_t most,
    absl::Duration retry_after);

}  // namespace masa::edge

#endif  // SERVICES_EDGE_HTTP_REQUEST_H_
