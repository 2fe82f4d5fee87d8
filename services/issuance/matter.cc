#include "services/issuance/matter.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace masa::issuance {

RequestContext SharedContext(const Matters& matters) {
  RequestContext shared;
  shared.deadline = absl::InfinitePast();
  int others = -1;
  for (const Matter& matter : matters) {
    if (!matter.fate.ok()) {
      continue;
    }
    const RequestContext& context = matter.call->context;
    if (++others == 0) {
      shared.request_id = context.request_id;
      shared.traceparent = context.traceparent;
    }
    shared.deadline = std::max(shared.deadline, context.deadline);
  }
  if (others > 0) {
    absl::StrAppend(&shared.request_id, "+", others);
  }
  return shared;
}

}  // namespace masa::issuance
