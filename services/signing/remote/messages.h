// Items to sign as messages of masa.v1, and back. Pure.
#ifndef SERVICES_SIGNING_REMOTE_MESSAGES_H_
#define SERVICES_SIGNING_REMOTE_MESSAGES_H_

#include "absl/status/statusor.h"
#include "proto/masa/v1/signing.pb.h"
#include "services/signing/signer.h"

namespace masa::signing {

masa::v1::SignItem MessageOf(const ToBeSigned& item);

// kInvalidArgument for a kind that is not known or a checksum that differs.
absl::StatusOr<ToBeSigned> ItemOf(const masa::v1::SignItem& message);

// kMisconfigured for an algorithm that is not known.
masa::v1::GetKeyResponse MessageOf(const KeyDescription& key);
absl::StatusOr<KeyDescription> DescriptionOf(
    const masa::v1::GetKeyResponse& message);

// Unspecified for an algorithm that no key here has.
masa::v1::KeyAlgorithm MessageOf(SignatureAlgorithm algorithm);
// kInvalidArgument.
absl::StatusOr<SignatureAlgorithm> AlgorithmOf(
    masa::v1::KeyAlgorithm algorithm);

}  // namespace masa::signing

#endif  // SERVICES_SIGNING_REMOTE_MESSAGES_H_
