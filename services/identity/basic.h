// HTTP Basic (RFC 7617) against what is kept of a customer's credentials.
#ifndef SERVICES_IDENTITY_BASIC_H_
#define SERVICES_IDENTITY_BASIC_H_

#include <string>

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "proto/masa/v1/policy.pb.h"

namespace masa::identity {

// Whether the header's value names a user of one of these customers with its
// password. As slow for a user who is not there as for one who is; where
// several have a user of this name, the first eight count. Pure.
bool BasicMatches(const std::string& authorization,
                  absl::Span<const masa::v1::Organization* const> customers);

// The record of a password: PBKDF2-HMAC-SHA256 with `salt` of 16 octets.
masa::v1::BasicCredential MakeBasicCredential(const std::string& user,
                                              const std::string& password,
                                              const std::string& salt);

// kInvalidArgument for a record that could match nothing or anything: no user,
// a short salt, too few iterations or so many that a check takes a second.
absl::Status CheckBasicCredential(const masa::v1::BasicCredential& credential);

}  // namespace masa::identity

#endif  // SERVICES_IDENTITY_BASIC_H_
