// Tokens that say where a watch of ownership changes goes on: a place in the
// feed, for one caller's eyes only. Not secret, and no proof of anything. Pure.
#ifndef SERVICES_AUTHORITY_RESUME_TOKEN_H_
#define SERVICES_AUTHORITY_RESUME_TOKEN_H_

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "services/identity/principal.h"
#include "storage/feed_store.h"

namespace masa::authority {

// At most 900 characters.
std::string ResumeTokenOf(const identity::Principal& caller,
                          const storage::FeedCursor& place);

// None for an empty token. kPageTokenInvalid for one that is none, or another
// caller's: who sees other devices had other changes kept back.
absl::StatusOr<std::optional<storage::FeedCursor>> PlaceOfToken(
    const identity::Principal& caller, const std::string& resume_token);

}  // namespace masa::authority

#endif  // SERVICES_AUTHORITY_RESUME_TOKEN_H_
