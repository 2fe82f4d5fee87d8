// Checkpoints as signed notes (C2SP signed-note), by Ed25519. Pure;
// thread-safe.
#ifndef SERVICES_TRANSPARENCY_SIGNED_NOTE_H_
#define SERVICES_TRANSPARENCY_SIGNED_NOTE_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "services/wire/checkpoint.h"

namespace masa::transparency {

// Whose signatures a reader believes.
struct NoteKey {
  std::string name;        // that of the log: its origin
  std::string public_key;  // 32 octets

  bool operator==(const NoteKey&) const = default;
};

// The key as one line for readers: name+hash+base64.
std::string VerifierKeyOf(const NoteKey& key);
// kMalformed.
absl::StatusOr<NoteKey> ParseVerifierKey(absl::string_view text);

// The key of an Ed25519 certificate, for the log of this name;
// kMisconfigured when it is of another kind.
absl::StatusOr<NoteKey> NoteKeyOf(const std::string& name,
                                  const std::string& certificate_der);

// The note of `text`, which ends in a newline, with the key's signature of it.
std::string NoteOf(absl::string_view text, const NoteKey& key,
                   absl::string_view signature);

// What the note says, when `key` signed it: kSignatureInvalid when it did not,
// kMalformed for what is no note of a checkpoint. Others' signatures do not
// matter. At most 16 are looked at.
absl::StatusOr<wire::Checkpoint> OpenCheckpoint(absl::string_view note,
                                                const NoteKey& key);

}  // namespace masa::transparency

#endif  // SERVICES_TRANSPARENCY_SIGNED_NOTE_H_
