// What a change of roles or of domain certificates would write, given an
// organisation's tree; or why it may not be. Pure.
#ifndef SERVICES_OWNERSHIP_ROLE_PLANS_H_
#define SERVICES_OWNERSHIP_ROLE_PLANS_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/ownership/group_access.h"
#include "storage/group_store.h"

namespace masa::ownership {

// `assigners_give` lets ASSIGNERs give the roles up to their own (O1).
// kOrganizationNotDelegated for an account of an organisation that the group
// is not open to (O15), kUserExists.
absl::StatusOr<storage::TreeChange> PlanGiveRole(
    const storage::OrganizationTree& tree, const Actor& actor,
    const storage::Binding& binding, bool assigners_give);

// kUserUnknown when the account has no role in the group itself, and for
// accounts of another organisation than the tree's also when it is not of their
// own. kPermissionDenied for the last ADMIN of the root group that is of the
// tree's organisation, except by support.
absl::StatusOr<storage::TreeChange> PlanTakeRole(
    const storage::OrganizationTree& tree, const Actor& actor,
    const std::string& group_id, const storage::Account& account);

// `cert` has its id. kCertMalformed, kCertExpired for a certificate, or an end
// of its registration, that is past; kCertExists for the same in the group.
absl::StatusOr<storage::TreeChange> PlanAddCert(
    const storage::OrganizationTree& tree, const Actor& actor,
    const storage::GroupCert& cert, absl::Time now);

// kCertNotFound.
absl::StatusOr<storage::TreeChange> PlanRemoveCert(
    const storage::OrganizationTree& tree, const Actor& actor,
    const std::string& cert_id);

// `cert` takes the place of the one that has its id now: same id, same group.
absl::StatusOr<storage::TreeChange> PlanRotateCert(
    const storage::OrganizationTree& tree, const Actor& actor,
    const storage::GroupCert& cert, absl::Time now);

// A certificate that the actor may see.
absl::StatusOr<storage::GroupCert> FindCert(
    const storage::OrganizationTree& tree, const Actor& actor,
    const std::string& cert_id, Act act);
absl::Status CertNotFound();

}  // namespace masa::ownership

#endif  // SERVICES_OWNERSHIP_ROLE_PLANS_H_
