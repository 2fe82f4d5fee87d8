// Is a change the repeat of one that was made? For use cases that have nothing
// else to answer a repeat with than what stands now.
#ifndef SERVICES_ISSUANCE_REPEATS_H_
#define SERVICES_ISSUANCE_REPEATS_H_

#include <optional>

#include "absl/status/statusor.h"
#include "services/identity/principal.h"
#include "services/issuance/once.h"
#include "services/observe/request_context.h"
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

}  // namespace masa::issuance

#endif  // SERVICES_ISSUANCE_REPEATS_H_
