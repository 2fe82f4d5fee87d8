#include "services/issuance/sign_statuses.h"

#include <utility>
#include <vector>

#include "services/issuance/ocsp_answers.h"
#include "services/status/macros.h"

namespace masa::issuance {
namespace {

// As many as share their work with the key best (services/adr/0008).
constexpr int kBatch = 256;
// Whoever took a turn and stopped is followed by another one then.
constexpr absl::Duration kTurnTime = absl::Minutes(5);

}  // namespace

absl::StatusOr<SignStatuses::Turn> SignStatuses::RunTurn(
    const RequestContext& context) {
  const absl::Time now = tools_.clock.Now();
  MASA_ASSIGN_OR_RETURN(
      const auto taken,
      tools_.statuses.TakeTurns(context, {now, now + kTurnTime, kBatch}));
  Turn turn;
  turn.is_full = taken.size() == static_cast<size_t>(kBatch);
  std::vector<OcspOrder> orders;
  std::vector<storage::SignedStatus> kept;
  for (const storage::IssuedCertificate& one : taken) {
    if (one.not_after < now) {
      // Over: whoever still asks has it signed for them.
      kept.push_back({.serial = one.serial, .renew_at = storage::EndOfTime()});
    } else {
      orders.push_back({one, ""});
    }
  }
  for (auto& answer : SignAnswers(context, tools_, orders, now)) {
    if (answer.ok()) {
      ++turn.is_signed;
      kept.push_back(*std::move(answer));
    } else {
      ++turn.failed;
      turn.fault = answer.status();
    }
  }
  // If the process stops here, others sign these again.
  MASA_RETURN_IF_ERROR(tools_.statuses.KeepStatuses(context, kept));
  return turn;
}

}  // namespace masa::issuance
