// Versions of signing keys: their certificates and from when to when they sign.
// The private keys are elsewhere, next to the signers. Small records, read
// whole. Thread-safe; blocks.
#ifndef STORAGE_KEY_STORE_H_
#define STORAGE_KEY_STORE_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/observe/request_context.h"
#include "storage/once.h"

namespace masa::storage {

// The longest chain, in octets of DER, and how many certificates it has.
inline constexpr size_t kMostChainOctets = 65536;
inline constexpr size_t kMostChainLength = 8;

struct KeyVersion {
  std::string key;      // as products name it
  int32_t version = 0;  // from 1; 0 is the chain that the signer's own
                        // configuration names, of which there is a record only
                        // when it is retired
  std::string tenant_id;
  std::string spki_der;                // empty for version 0
  std::vector<std::string> chain_der;  // signer first, anchor last; empty until
                                       // it is activated
  absl::Time created_at;
  std::optional<absl::Time> not_before;  // signs from here on
  std::optional<absl::Time> retired_at;  // and from here on no more
  // When somebody asked for the destruction of its private key, until that is
  // done, and who, until another confirms it: from then on it is being
  // destroyed, and nobody takes that back.
  std::optional<absl::Time> destroy_asked_at = {};
  std::string destroy_asked_by = {};
  std::optional<absl::Time> destroyed_at = {};
  int64_t revision = 0;  // of the record; 0: not yet stored

  bool operator==(const KeyVersion&) const = default;
};

struct KeyChange {
  const char* kind = "";  // of the audit event
  KeyVersion after;       // its revision is the one that it replaces
  std::optional<OnceOrder> once = std::nullopt;
};

class KeyStore {
 public:
  virtual ~KeyStore() = default;

  // All versions of all tenants' keys, by key and version.
  virtual absl::StatusOr<std::vector<KeyVersion>> ReadKeys(
      const RequestContext& context) = 0;

  // Writes the record, with an audit event, where the stored one has the
  // revision of `after` (0: there is none), and counts that up. kEtagMismatch
  // when it has another, kStoreConflict when the caller's own id stands for
  // something already, kInvalidArgument for what cannot be stored; then nothing
  // is written.
  virtual absl::Status WriteKey(const RequestContext& context,
                                const std::string& actor, absl::Time at,
                                const KeyChange& change) = 0;
};

}  // namespace masa::storage

#endif  // STORAGE_KEY_STORE_H_
