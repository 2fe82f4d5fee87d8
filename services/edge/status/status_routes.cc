#include "services/edge/status/status_routes.h"

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/strip.h"
#include "services/wire/est_messages.h"
#include "services/wire/status_lists.h"

namespace masa::edge {
namespace {

// A path with its escapes undone; what is none stays as it is.
std::string Unescaped(absl::string_view path) {
  std::string text;
  for (size_t i = 0; i < path.size(); ++i) {
    const bool is_escape =
        path[i] == '%' && i + 2 < path.size() &&
        absl::ascii_isxdigit(static_cast<unsigned char>(path[i + 1])) &&
        absl::ascii_isxdigit(static_cast<unsigned char>(path[i + 2]));
    if (is_escape) {
      text += absl::HexStringToBytes(path.substr(i + 1, 2));
      i += 2;
    } else {
      text += path[i];
    }
  }
  return text;
}

// What is no request is known here; nobody else need look at it.
void ReadOcsp(StatusQuestion* question) {
  auto read = wire::ParseOcspRequest(question->request_der);
  if (read.ok()) {
    question->cert_id_der = std::move(read->cert_id_der);
  } else {
    question->kind = StatusQuestion::Kind::kMalformed;
  }
}

}  // namespace

StatusQuestion StatusQuestionOf(absl::string_view method,
                                absl::string_view target,
                                const std::string& body) {
  using Kind = StatusQuestion::Kind;
  const bool is_get = method == "GET" || method == "HEAD";
  absl::string_view path = target.substr(0, target.find('?'));
  StatusQuestion question;
  if (absl::ConsumePrefix(&path, "/crl/") &&
      absl::ConsumeSuffix(&path, ".crl")) {
    question.kind = is_get ? Kind::kCrl : Kind::kWrongMethod;
    question.allow = "GET, HEAD";
    question.profile = std::string(path);
  } else if (target == "/ocsp") {
    question.kind = method == "POST" ? Kind::kOcsp : Kind::kWrongMethod;
    question.allow = "POST";
    question.request_der = body;
  } else if (absl::ConsumePrefix(&path, "/ocsp/")) {
    question.kind = is_get ? Kind::kOcsp : Kind::kWrongMethod;
    question.allow = "GET, HEAD";
    question.request_der = wire::OctetsOfBase64(Unescaped(path)).value_or("");
  }
  if (question.kind == Kind::kOcsp) {
    ReadOcsp(&question);
  }
  return question;
}

}  // namespace masa::edge
