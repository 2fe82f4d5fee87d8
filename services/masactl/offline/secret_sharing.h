// Shamir's secret sharing over GF(2^8), an octet at a time: any `threshold`
// shares give the secret, fewer say nothing of it but its length. No tables and
// no branches that depend on secrets. Pure.
#ifndef SERVICES_MASACTL_OFFLINE_SECRET_SHARING_H_
#define SERVICES_MASACTL_OFFLINE_SECRET_SHARING_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/types/span.h"

namespace masa::masactl {

struct SecretShare {
  uint8_t index = 0;   // from 1; the point at which the polynomials were taken
  std::string octets;  // as many as the secret has
};

// Fills a string with fresh randomness.
using FillRandom = std::function<void(std::string* octets)>;

// 1 <= threshold <= shares <= 255; the caller has checked it.
std::vector<SecretShare> SplitSecret(const std::string& secret, int threshold,
                                     int shares, const FillRandom& random);

// Of exactly as many shares as the threshold, all of one length and with
// indices that differ. With others the result is no secret of anybody's.
std::string CombineShares(absl::Span<const SecretShare> shares);

}  // namespace masa::masactl

#endif  // SERVICES_MASACTL_OFFLINE_SECRET_SHARING_H_
