#include "services/edge/est_routes.h"

#include "absl/strings/strip.h"
#include "services/wire/est_messages.h"

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
};

// ES-02: optional, and not offered: a device's key stays in the device.
constexpr absl::string_view kNotOffered[] = {"serverkeygen", "fullcmc"};

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
  for (const absl::string_view name : kNotOffered) {
    if (path == name) {
      route.answer = PlainAnswer(
          501,
          "this operation of EST is not offered: keys are made where they "
          "are used");
      return route;
    }
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
