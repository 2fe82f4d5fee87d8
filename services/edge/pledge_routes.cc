#include "services/edge/pledge_routes.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "services/status/reason.h"

namespace masa::edge {
namespace {

using issuance::PledgeOperation;

struct Resource {
  absl::string_view name;
  PledgeOperation operation;
};

constexpr Resource kResources[] = {
    {"requestvoucher", PledgeOperation::kRequestVoucher},
    {"voucher_status", PledgeOperation::kVoucherStatus},
    {"enrollstatus", PledgeOperation::kEnrollStatus},
};

}  // namespace

std::optional<PledgeOperation> PledgeRouteOf(
    absl::string_view path, const std::vector<std::string>& base_paths) {
  for (const std::string& base : base_paths) {
    for (const Resource& resource : kResources) {
      if (path == absl::StrCat(base, "/", resource.name)) {
        return resource.operation;
      }
    }
  }
  return std::nullopt;
}

absl::string_view NameOf(PledgeOperation operation) {
  for (const Resource& resource : kResources) {
    if (resource.operation == operation) {
      return resource.name;
    }
  }
  return "other";
}

Answer PledgeAnswerOf(issuance::PledgeAnswer answer) {
  if (!answer.location.empty()) {
    Answer redirect = PlainAnswer(
        307, "the registrar of this device's owner answers its request");
    redirect.headers.emplace_back("Location", std::move(answer.location));
    return redirect;
  }
  Answer made;
  made.content_type = std::move(answer.content_type);
  made.body = std::move(answer.body);
  return made;
}

Answer PledgeErrorOf(PledgeOperation operation, const absl::Status& status,
                     absl::Duration retry_after, bool* ends) {
  const Reason reason = ReasonOf(status);
  *ends = reason == Reason::kProximityMismatch;
  if (reason == Reason::kMediaTypeUnknown &&
      operation == PledgeOperation::kRequestVoucher) {
    return PlainAnswer(406, PublicMessage(status));
  }
  if (!*ends && reason != Reason::kDeviceNotOwned) {
    return ErrorAnswer(status, retry_after);
  }
  Answer answer = PlainAnswer(401, PublicMessage(status));
  if (const auto wait = WaitOf(status)) {
    answer.headers.emplace_back("Retry-After",
                                absl::StrCat(absl::ToInt64Seconds(*wait)));
  }
  return answer;
}

}  // namespace masa::edge
