#include "services/status/reason.h"
#include "services/voucher/rules.h"
#include "services/wire/media_type.h"

namespace masa::voucher {

absl::Status CheckForgiven(const wire::Forgiven& forgiven, bool forgives) {
  if (forgives || !forgiven.any()) {
    return absl::OkStatus();
  }
  if (forgiven.path) {
    return Refuse(Reason::kPathUnknown, "there is no resource at this path");
  }
  if (forgiven.media_type) {
    return wire::UnknownContentType();
  }
  return Refuse(Reason::kMalformed,
                forgiven.base64
                    ? "the body is base64; send the artifact's octets"
                    : "the artifact is a voucher, not a voucher-request");
}

}  // namespace masa::voucher
