#include "services/edge/http_request.h"

#include <boost/beast/http/error.hpp>
#include <cstdint>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "openssl/rand.h"
#include "services/status/reason.h"

namespace masa::edge {

namespace http = boost::beast::http;

std::string NewRequestId() {
  char random[16];
  RAND_bytes(reinterpret_cast<uint8_t*>(random), sizeof(random));
  return absl::BytesToHexString(absl::string_view(random, sizeof(random)));
}

std::string FieldOf(const HttpRequest& request,
                    boost::beast::http::field field) {
  const auto value = request[field];
  return std::string(value.data(), value.size());
}

std::string ListOf(const HttpRequest& request,
                   boost::beast::http::field field) {
  std::string list;
  const auto [first, last] = request.equal_range(field);
  for (auto line = first; line != last; ++line) {
    absl::StrAppend(
        &list, line == first ? "" : ", ",
        absl::string_view(line->value().data(), line->value().size()));
  }
  return list;
}

RequestHead HeadOf(const HttpRequest& request, const std::string& server_name) {
  RequestHead head;
  head.method = std::string(request.method_string());
  head.target = std::string(request.target());
  head.host_required = request.version() >= 11;
  head.server_name = server_name;
  const auto hosts = request.equal_range(http::field::host);
  for (auto host = hosts.first; host != hosts.second; ++host) {
    head.hosts.emplace_back(host->value());
  }
  return head;
}

issuance::RegistrarCall TakeCallOf(HttpRequest& request) {
  issuance::RegistrarCall call;
  call.context.traceparent =
      AcceptTraceparent(std::string(request["traceparent"]));
  call.content_type = FieldOf(request, http::field::content_type);
  call.accept = ListOf(request, http::field::accept);
  call.body = std::move(request.body());
  call.authorization = FieldOf(request, http::field::authorization);
  return call;
}

issuance::EstCall TakeEstCallOf(HttpRequest& request) {
  issuance::EstCall call;
  call.context.traceparent =
      AcceptTraceparent(std::string(request["traceparent"]));
  call.content_type = FieldOf(request, http::field::content_type);
  call.body = std::move(request.body());
  call.authorization = FieldOf(request, http::field::authorization);
  return call;
}

std::pair<Answer, absl::Status> UnreadAnswer(
    const boost::beast::error_code& error, uint64_t most,
    absl::Duration retry_after) {
  if (error == http::error::body_limit) {
    absl::Status status = Refuse(
        Reason::kBodyTooLarge, absl::StrCat("the body is larger than the ",
                                            most, " octets that are allowed"));
    return {ErrorAnswer(status, retry_after), status};
  }
  absl::Status status = Refuse(Reason::kMalformed, "not an HTTP/1.1 request");
  return {error == http::error::header_limit
              ? PlainAnswer(431, absl::StrCat("the header is larger than the ",
                                              most, " octets that are allowed"))
              : ErrorAnswer(status, retry_after),
          status};
}

}  // namespace masa::edge
