// What the readers of a voucher ask of its leaves, whatever they are written
// in. Used inside this room only.
#ifndef SERVICES_WIRE_VOUCHER_LEAVES_H_
#define SERVICES_WIRE_VOUCHER_LEAVES_H_

#include "absl/strings/string_view.h"
#include "services/wire/https_uri.h"
#include "services/wire/voucher.h"

namespace masa::wire {

constexpr size_t kMaxVoucherOctets = 64 * 1024;

// A serial-number that is one.
inline bool IsSerialNumber(absl::string_view text) {
  return !text.empty() && text.find('\0') == absl::string_view::npos;
}

// An AKI extnValue as AuthorityKeyIdExtension makes it.
inline bool IsIssuer(absl::string_view octets) {
  constexpr size_t kHeader = 6, kMaxKeyId = 64;
  return octets.size() > kHeader && octets.size() <= kHeader + kMaxKeyId &&
         octets == AuthorityKeyIdExtension(octets.substr(kHeader));
}

// Takes a URI leaf; false for what is no whole https URI (CR-14).
inline bool SetUri(absl::string_view text, std::string* uri) {
  *uri = std::string(text);
  return IsHttpsUri(text);
}

// Exactly one pin, and a hash of the length of one (PN-08).
inline bool PinsOnce(const Voucher& voucher) {
  constexpr size_t kSha256Octets = 32;
  const size_t hash = voucher.pinned_domain_pubk_sha256.size();
  return !voucher.pinned_domain_cert_der.empty() +
                 !voucher.pinned_domain_pubk_der.empty() + (hash != 0) ==
             1 &&
         (hash == 0 || hash == kSha256Octets);
}

}  // namespace masa::wire

#endif  // SERVICES_WIRE_VOUCHER_LEAVES_H_
