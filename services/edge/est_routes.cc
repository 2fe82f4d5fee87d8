#include "services/edge/est_routes.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "services/wire/est_messages.h"
#include "services/wire/secret_octets.h"

namespace masa::edge {
namespace {

using issuance::EstOperation;

constexpr absl::string_view kBase = "/.well-known/est/";

struct Resource {
  absl::string_view name;
  EstOperation operation;
  absl::string_view method;
};

constexpr Resource kResources[] = {
    {"cacerts", EstOperation::kCaCerts, "GET"},
    {"csrattrs", EstOperation::kCsrAttrs, "GET"},
    {"simpleenroll", EstOperation::kSimpleEnroll, "POST"},
    {"simplereenroll", EstOperation::kSimpleReenroll, "POST"},
    {"serverkeygen", EstOperation::kServerKeygen, "POST"},
};

// ES-02: optional, and not offered.
constexpr absl::string_view kNotOffered = "fullcmc";

// No line of base64 begins with a hyphen, so that no part can hold it.
constexpr absl::string_view kBoundary = "est-part";

void AppendPart(absl::string_view type, absl::string_view base64,
                std::string& body) {
  // ES-20: deprecated by RFC 8951, and wanted by clients that are about.
  absl::StrAppend(&body, "--", kBoundary, "\r\nContent-Type: ", type,
                  "\r\nContent-Transfer-Encoding: base64\r\n\r\n", base64,
                  "\r\n");
}

// ES-15: the key, then its certificate.
Answer KeyAnswerOf(const issuance::EstAnswer& answer, bool wrapped) {
  Answer made;
  made.is_secret = true;
  made.content_type = absl::StrCat("multipart/mixed; boundary=", kBoundary);
  std::string key =
      wire::EncodeEstBody(answer.private_key_der->Reveal(), wrapped);
  const std::string certificates = wire::EncodeEstBody(
      wire::EncodeCertsOnly(answer.certificates_der), wrapped);
  constexpr size_t kMostHeads = 512;
  made.body.reserve(key.size() + certificates.size() + kMostHeads);
  AppendPart("application/pkcs8", key, made.body);
  AppendPart("application/pkcs7-mime; smime-type=certs-only", certificates,
             made.body);
  absl::StrAppend(&made.body, "--", kBoundary, "--\r\n");
  wire::Wipe(&key);
  return made;
}

}  // namespace

std::optional<EstRoute> EstRouteOf(absl::string_view path,
                                   absl::string_view method) {
  if (!absl::ConsumePrefix(&path, kBase)) {
    return std::nullopt;
  }
  const size_t slash = path.find('/');
  EstRoute route;
  if (slash != absl::string_view::npos) {
    route.label = std::string(path.substr(0, slash));
    path.remove_prefix(slash + 1);
    if (route.label.empty()) {
      return std::nullopt;
    }
  }
  if (path == kNotOffered) {
    route.answer = PlainAnswer(
        501, "full CMC is not offered here; simpleenroll is (RFC 7030)");
    return route;
  }
  for (const Resource& resource : kResources) {
    if (path != resource.name) {
      continue;
    }
    route.operation = resource.operation;
    if (method != resource.method &&
        !(method == "HEAD" && resource.method == "GET")) {
      route.answer = PlainAnswer(
          405, "this resource takes " + std::string(resource.method) + " only");
      route.answer->headers.emplace_back("Allow", std::string(resource.method));
    }
    return route;
  }
  return std::nullopt;
}

absl::string_view NameOf(EstOperation operation) {
  for (const Resource& resource : kResources) {
    if (resource.operation == operation) {
      return resource.name;
    }
  }
  return "other";
}

Answer EstAnswerOf(EstOperation operation, const issuance::EstAnswer& answer,
                   bool wrapped) {
  if (answer.private_key_der != nullptr) {
    return KeyAnswerOf(answer, wrapped);
  }
  Answer made;
  if (operation == EstOperation::kCsrAttrs) {
    made.content_type = "application/csrattrs";
    made.body = wire::EncodeEstBody(answer.csr_attributes_der, wrapped);
    return made;
  }
  // ES-19: strict clients compare this very text.
  made.content_type = "application/pkcs7-mime; smime-type=certs-only";
  made.body = wire::EncodeEstBody(
      wire::EncodeCertsOnly(answer.certificates_der), wrapped);
  return made;
}

}  // namespace masa::edge
