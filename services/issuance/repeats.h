// Is a change the repeat of one that was made? IsRepeat and MakeOnce are for
// use cases that have nothing else to answer a repeat with than what stands
// now.
#ifndef SERVICES_ISSUANCE_REPEATS_H_
#define SERVICES_ISSUANCE_REPEATS_H_

#include <optional>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/identity/principal.h"
#include "services/issuance/once.h"
#include "services/observe/request_context.h"
#include "services/status/macros.h"
#include "storage/group_store.h"

namespace masa::issuance {

// None without an id.
std::optional<storage::OnceOrder> OrderOf(const identity::Principal& caller,
                                          const Once& once);

// kRequestIdReused when the id stands for another change.
absl::StatusOr<bool> IsRepeat(storage::GroupStore& store,
                              const RequestContext& context,
                              const identity::Principal& caller,
                              const Once& once);

// Whether the store refused, which a repeat may find otherwise.
bool IsOfTheStore(const absl::Status& status);

// What a caller is told whose change was refused: `recall` once more, since the
// call that this one repeats may have been written between the look for it and
// the reads of the plan. Its answer, else `refusal`; or why the look failed.
template <typename Answer, typename Recall>
absl::StatusOr<Answer> RecalledOr(const absl::Status& refusal,
                                  const Recall& recall) {
  absl::StatusOr<std::optional<Answer>> known = recall();
  if (!known.ok()) {
    return known.status();
  }
  return *known ? absl::StatusOr<Answer>(**std::move(known)) : refusal;
}

// Makes `change`, unless the caller's id stands for it already: then the answer
// is what `stands` reads. So it is where `change` is refused because an equal
// call was made while this one was at work. kRequestIdReused.
template <typename Answer, typename Stands, typename Change>
absl::StatusOr<Answer> MakeOnce(storage::GroupStore& store,
                                const RequestContext& context,
                                const identity::Principal& caller,
                                const Once& once, const Stands& stands,
                                const Change& change) {
  const auto recall = [&]() -> absl::StatusOr<std::optional<Answer>> {
    MASA_ASSIGN_OR_RETURN(const bool repeat,
                          IsRepeat(store, context, caller, once));
    if (!repeat) {
      return std::optional<Answer>();
    }
    MASA_ASSIGN_OR_RETURN(Answer answer, stands());
    return std::optional<Answer>(std::move(answer));
  };
  MASA_ASSIGN_OR_RETURN(std::optional<Answer> known, recall());
  if (known) {
    return *std::move(known);
  }
  absl::StatusOr<Answer> made = change();
  return made.ok() ? std::move(made)
                   : RecalledOr<Answer>(made.status(), recall);
}

}  // namespace masa::issuance

#endif  // SERVICES_ISSUANCE_REPEATS_H_
