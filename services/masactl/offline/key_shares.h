// A private key in escrow (OP-12): split so that some of its holders together
// can restore it, and fewer cannot. Each share is signed by the key itself, so
// that a wrong or damaged one is named before it is used.
#ifndef SERVICES_MASACTL_OFFLINE_KEY_SHARES_H_
#define SERVICES_MASACTL_OFFLINE_KEY_SHARES_H_

#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "openssl/base.h"
#include "proto/masa/v1/ceremony.pb.h"
#include "services/masactl/offline/secret_sharing.h"

namespace masa::masactl {

// InvalidArgument unless 2 <= threshold <= shares <= 255 and the key is one
// that can sign.
absl::StatusOr<std::vector<masa::v1::KeyShare>> SplitKey(
    EVP_PKEY* key, int threshold, int shares, const FillRandom& random);

// A share and what it is called, for errors.
using NamedShare = std::pair<std::string, masa::v1::KeyShare>;

// InvalidArgument, naming the share, when one is damaged, forged, of another
// key or another splitting, there twice, or when there are too few. More than
// the threshold are taken too, and all are checked.
absl::StatusOr<bssl::UniquePtr<EVP_PKEY>> RestoreKey(
    const std::vector<NamedShare>& shares);

// A share as its file has it.
std::string ShareText(const masa::v1::KeyShare& share);
absl::StatusOr<masa::v1::KeyShare> ParseShare(const std::string& text);

}  // namespace masa::masactl

#endif  // SERVICES_MASACTL_OFFLINE_KEY_SHARES_H_
