// What the cloud registrar's face has (draft-ietf-anima-brski-cloud): its
// resources, and how answers to pledges look. Pure.
#ifndef SERVICES_EDGE_PLEDGE_ROUTES_H_
#define SERVICES_EDGE_PLEDGE_ROUTES_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "services/edge/answer.h"
#include "services/issuance/pledge_desk.h"

namespace masa::edge {

// The resource at `path` below one of the base paths; none: there is nothing.
std::optional<issuance::PledgeOperation> PledgeRouteOf(
    absl::string_view path, const std::vector<std::string>& base_paths);

// The operation's name in metrics and logs: "requestvoucher" and so on.
absl::string_view NameOf(issuance::PledgeOperation operation);

// 200 with the voucher, 307 to where the pledge goes instead (CR-11), or an
// empty 200 for telemetry.
Answer PledgeAnswerOf(issuance::PledgeAnswer answer);

// As ErrorAnswer, but 401 says what it says to pledges (AMB-04): nobody knows
// yet where the device belongs, with Retry-After where asking again helps
// (CR-10); or it saw another server than this (CR-24), and `ends` is set, since
// the connection is not to be used any more. A voucher-request of a format that
// is not known is 406, as of a registrar (CR-25, RFC 8995 section 5.3).
Answer PledgeErrorOf(issuance::PledgeOperation operation,
                     const absl::Status& status, absl::Duration retry_after,
                     bool* ends);

}  // namespace masa::edge

#endif  // SERVICES_EDGE_PLEDGE_ROUTES_H_
