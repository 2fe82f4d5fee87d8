// How an owner's devices find its network: records of groups, of which the
// nearest on the way to the root holds. What a change of them would write, or
// why it may not be. Pure.
#ifndef SERVICES_OWNERSHIP_ONBOARDING_PLANS_H_
#define SERVICES_OWNERSHIP_ONBOARDING_PLANS_H_

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/ownership/group_access.h"
#include "storage/catalog_store.h"
#include "storage/device_store.h"
#include "storage/group_store.h"
#include "storage/ownership.h"

namespace masa::ownership {

// The record that holds in the group, and names the group that it stands in;
// none when neither the group nor one above has any.
std::optional<storage::Onboarding> OnboardingIn(
    const storage::OrganizationTree& tree, const std::string& group_id);

// The same as an actor sees it: from below, where it stands is not named.
// kGroupNotFound, kPermissionDenied, kOnboardingUnknown.
absl::StatusOr<storage::Onboarding> FindOnboarding(
    const storage::OrganizationTree& tree, const Actor& actor,
    const std::string& group_id);

// Writes or replaces the group's own record; those who may keep domain
// certificates may. kInvalidArgument for anything but a registrar's URL, or an
// EST server's with its certificate, as whole https URIs; kCertMalformed,
// kCertExpired, kEtagMismatch when `expected` is given and another record (or
// none) is there.
absl::StatusOr<storage::TreeChange> PlanSetOnboarding(
    const storage::OrganizationTree& tree, const Actor& actor,
    const storage::Onboarding& record, const std::optional<int64_t>& expected,
    absl::Time now);

// kOnboardingUnknown when the group has none of its own, kEtagMismatch.
absl::StatusOr<storage::TreeChange> PlanClearOnboarding(
    const storage::OrganizationTree& tree, const Actor& actor,
    const std::string& group_id, const std::optional<int64_t>& expected);

// The EST server that the device's owner recorded for it. kOnboardingUnknown
// when there is none, also for a device that nobody owns.
absl::StatusOr<storage::Onboarding> EstServerOf(
    const storage::OrganizationTree& tree, const storage::Device& device);

// The standing of that server: the owner named it, so it speaks for the owner
// whatever the owner's domain certificates are. `domain` is of its key.
storage::OwnershipStanding StandingOfEstServer(
    const storage::OrganizationTree& tree, const storage::Onboarding& server,
    const storage::DomainFacts& domain);

}  // namespace masa::ownership

#endif  // SERVICES_OWNERSHIP_ONBOARDING_PLANS_H_
