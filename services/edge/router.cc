#include "services/edge/router.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "absl/strings/strip.h"
#include "services/edge/face.h"

namespace masa::edge {
namespace {

struct Resource {
  absl::string_view name;
  Route route;
};

constexpr Resource kResources[] = {
    {"requestvoucher", Route::kRequestVoucher},
    {"requestauditlog", Route::kRequestAuditLog},
};

// The path of origin-form and absolute-form targets (RFC 9112 section 3.2),
// without the query.
absl::string_view PathOf(absl::string_view target) {
  if (absl::ConsumePrefix(&target, "https://")) {
    const size_t slash = target.find('/');
    target = slash == absl::string_view::npos ? "/" : target.substr(slash);
  }
  return target.substr(0, target.find('?'));
}

Route RouteOf(absl::string_view path,
              const std::vector<std::string>& base_paths) {
  for (const std::string& base : base_paths) {
    for (const Resource& resource : kResources) {
      if (path == absl::StrCat(base, "/", resource.name)) {
        return resource.route;
      }
    }
  }
  return Route::kOther;
}

// EP-04: served for tenants that say so; what they are is known later.
constexpr char kFossilBase[] = "/.well-known/est";

// The names' part of the decision; fills in `routing.host`.
std::optional<Answer> CheckNames(
    const RequestHead& head,
    absl::FunctionRef<bool(const std::string&)> foreign_host,
    Routing& routing) {
  if (head.hosts.size() > 1 || (head.hosts.empty() && head.host_required)) {
    return PlainAnswer(400, "exactly one Host header is required");
  }
  const std::string host =
      head.hosts.empty() ? "" : HostWithoutPort(head.hosts[0]);
  if (head.server_name.empty()) {
    routing.host = host;
    if (foreign_host(host)) {
      return PlainAnswer(421,
                         "this host is only served to clients that name "
                         "it in the TLS handshake");
    }
    return std::nullopt;
  }
  routing.host = head.server_name;
  if (!host.empty() && host != head.server_name) {
    return PlainAnswer(421,
                       "the Host header names another host than the TLS "
                       "handshake did");
  }
  return std::nullopt;
}

// Whether the face has the resource at all; the cloud registrar's are its own.
bool IsServed(Face face, const Routing& routing) {
  return face == Face::kMasa ||
         (face == Face::kEst && routing.route == Route::kEst);
}

// CR-19, CR-20: what is no resource of pledges is not there.
void RoutePledge(absl::string_view path,
                 const std::vector<std::string>& base_paths, Routing& routing) {
  routing.est.reset();
  routing.answer.reset();
  routing.fossil_path = false;
  routing.pledge = PledgeRouteOf(path, base_paths);
  routing.route = routing.pledge.has_value() ? Route::kPledge : Route::kOther;
}

// Of a request that went to EST.
void RouteEst(absl::string_view path, const RequestHead& head,
              Routing& routing) {
  routing.est = EstRouteOf(path, head.method);
  if (routing.est.has_value()) {
    routing.route = Route::kEst;
    routing.answer = routing.est->answer;
  }
}

}  // namespace

std::string NameOf(Route route) {
  for (const Resource& resource : kResources) {
    if (resource.route == route) {
      return std::string(resource.name);
    }
  }
  return "other";
}

Routing RouteRequest(const RequestHead& head,
                     const std::vector<std::string>& base_paths,
                     absl::FunctionRef<bool(const std::string&)> foreign_host) {
  Routing routing;
  const absl::string_view path = PathOf(head.target);
  routing.route = RouteOf(path, base_paths);
  if (routing.route == Route::kOther && head.method == "POST") {
    routing.route = RouteOf(path, {kFossilBase});
    routing.fossil_path = routing.route != Route::kOther;
  }
  if (routing.route == Route::kOther) {
    RouteEst(path, head, routing);
  }
  if (auto misdirected = CheckNames(head, foreign_host, routing)) {
    routing.answer = std::move(misdirected);
    return routing;
  }
  const Face face = FaceOf(routing.host);
  if (face == Face::kCloud) {
    RoutePledge(path, base_paths, routing);
  } else if (!IsServed(face, routing)) {
    routing.route = Route::kOther;
    routing.answer.reset();
  }
  if (routing.route == Route::kEst) {
    return routing;
  }
  if (routing.route == Route::kOther) {
    routing.answer = PlainAnswer(404, "there is no resource at this path");
  } else if (head.method != "POST") {
    routing.answer = PlainAnswer(405, "this resource takes POST only");
    routing.answer->headers.emplace_back("Allow", "POST");
  }
  return routing;
}

std::string NameOf(const Routing& routing) {
  return routing.pledge.has_value() ? std::string(NameOf(*routing.pledge))
         : routing.est.has_value() ? std::string(NameOf(routing.est->operation))
                                   : NameOf(routing.route);
}

std::string HostWithoutPort(const std::string& host) {
  absl::string_view name = absl::StripAsciiWhitespace(host);
  if (absl::ConsumePrefix(&name, "[")) {
    const size_t end = name.find(']');
    return end == absl::string_view::npos
               ? ""
               : absl::AsciiStrToLower(name.substr(0, end));
  }
  return absl::AsciiStrToLower(name.substr(0, name.find(':')));
}

std::string AcceptTraceparent(const std::string& value) {
  // 00-<32 hex>-<16 hex>-<2 hex>
  if (value.size() != 55 || !absl::StartsWith(value, "00-")) {
    return "";
  }
  for (size_t i = 0; i < value.size(); ++i) {
    const bool dash = i == 2 || i == 35 || i == 52;
    const char c = value[i];
    const bool hex = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
    if (dash ? c != '-' : !hex) {
      return "";
    }
  }
  return value;
}

}  // namespace masa::edge
