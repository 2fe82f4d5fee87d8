// What every implementation asks of a change to an organisation's tree or of
// a device's place in it. Pure.
#ifndef STORAGE_GROUP_CHANGES_H_
#define STORAGE_GROUP_CHANGES_H_

#include <set>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "storage/audit_event.h"
#include "storage/device.h"
#include "storage/device_changes.h"
#include "storage/group_store.h"

namespace masa::storage {

// kInvalidArgument when an id is empty or a text cannot be stored,
// kCertMalformed for a certificate that does not parse.
absl::Status CheckTreeChange(const TreeChange& change);

// False for a question that no record can answer.
bool CanBeAsked(const TreeQuestion& question);

// The device as it shall stand. See GroupStore::Place.
absl::StatusOr<Device> PlanPlace(const Placement& placement,
                                 absl::Span<const Device> candidates);

// Records of a catalog as values.
GroupCert CertOf(const masa::v1::DomainCert& record);
Binding BindingOf(const masa::v1::AccessBinding& record);

// The organisations to which the change gives rights, by delegations or by the
// roles of their accounts. Without kEveryone.
std::set<std::string> RightsHoldersOf(const TreeChange& change);

absl::Status RightsHolderIsGone();
absl::Status TreeHasChanged();
absl::Status GroupHasDevices();
absl::Status GroupIsGone();
absl::Status OrganizationHas(absl::string_view what);

}  // namespace masa::storage

#endif  // STORAGE_GROUP_CHANGES_H_
