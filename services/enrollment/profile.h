// What a tenant's enrolment profiles may say, and which one a label means.
// Pure.
#ifndef SERVICES_ENROLLMENT_PROFILE_H_
#define SERVICES_ENROLLMENT_PROFILE_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "proto/masa/v1/policy.pb.h"
#include "services/wire/certification_request.h"

namespace masa::enrollment {

// kMisconfigured with the profile and the field that is missing or contradicts
// another.
absl::Status CheckProfiles(const masa::v1::Tenant& tenant);

// The profile of this label; the default one for "". kProfileUnknown.
absl::StatusOr<const masa::v1::EnrollmentProfile*> ProfileOf(
    const masa::v1::Tenant& tenant, const std::string& label);

// Of whose keys it issues; P-256, P-384 and Ed25519 where it is silent.
std::vector<wire::KeyShape> KeysOf(const masa::v1::EnrollmentProfile& profile);

// When a certificate of it ends that begins now; InfiniteFuture where it is
// silent, which stands for 99991231235959Z.
absl::Time EndOf(const masa::v1::EnrollmentProfile& profile, absl::Time now);

// How long an OCSP response about a certificate of it may be used.
absl::Duration OcspTimeOf(const masa::v1::EnrollmentProfile& profile);

}  // namespace masa::enrollment

#endif  // SERVICES_ENROLLMENT_PROFILE_H_
