// Which events a caller may see. Pure.
#ifndef SERVICES_ISSUANCE_EVENT_SIGHT_H_
#define SERVICES_ISSUANCE_EVENT_SIGHT_H_

#include <optional>

#include "services/identity/principal.h"
#include "services/issuance/audit_desk.h"
#include "storage/group.h"

namespace masa::issuance {

class EventSight {
 public:
  // An operator, or who sees nothing.
  explicit EventSight(const identity::Principal& caller) : caller_(caller) {}
  // A customer with the tree of its organisation.
  EventSight(const identity::Principal& caller,
             std::optional<storage::OrganizationTree> tree)
      : caller_(caller), tree_(std::move(tree)) {}

  // Of an event that is there, by who owns its device now. To a customer,
  // vouchers of its devices and changes that made or left them its own: earlier
  // owners are none of its business.
  bool Sees(const storage::LoggedEvent& logged) const;

  // The same for one whose device the caller may see.
  bool SeesOfDevice(const storage::LogEvent& event) const;

  // The event as the caller is told it: a customer is not told who ordered the
  // vouchers of earlier owners, of which the event has the hash alone.
  storage::LogEvent Shown(storage::LogEvent event,
                          absl::Time owned_since) const;

 private:
  const identity::Principal caller_;
  const std::optional<storage::OrganizationTree> tree_;
};

// Whether all that is set in `filter`, its device apart, holds.
bool Matches(const EventFilter& filter, const storage::LogEvent& event);

}  // namespace masa::issuance

#endif  // SERVICES_ISSUANCE_EVENT_SIGHT_H_
