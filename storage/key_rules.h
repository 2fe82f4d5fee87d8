// What all stores ask of a key version, and the event that tells of it. Pure.
#ifndef STORAGE_KEY_RULES_H_
#define STORAGE_KEY_RULES_H_

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "storage/audit_event.h"
#include "storage/key_store.h"

namespace masa::storage {

// kInvalidArgument when a name is empty or cannot be stored, the version is
// negative, or the chain is too long.
absl::Status CheckKeyVersion(const KeyVersion& version);

// The event of `change`: which version, its key by hash, its times, and the
// same of the record that it replaces, where there is one.
AuditEvent KeyEvent(const KeyChange& change,
                    const std::optional<KeyVersion>& before,
                    const std::string& actor, absl::Time at,
                    const std::string& request_id);

// kEtagMismatch: another change came first.
absl::Status KeyHasChanged();

// As a store keeps it: its times in microseconds.
KeyVersion AsStored(KeyVersion version);

}  // namespace masa::storage

#endif  // STORAGE_KEY_RULES_H_
