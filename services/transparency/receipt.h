// A receipt says that an event is in the log, and proves it by itself: a C2SP
// tlog-proof whose extra data is the salt and the event. Pure; thread-safe.
#ifndef SERVICES_TRANSPARENCY_RECEIPT_H_
#define SERVICES_TRANSPARENCY_RECEIPT_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "services/transparency/signed_note.h"

namespace masa::transparency {

inline constexpr size_t kSaltOctets = 16;

struct Receipt {
  std::string salt;   // kSaltOctets
  std::string event;  // in its one form, JSON
  uint64_t index = 0;
  std::vector<std::string> proof;  // 32 octets each, the leaf's neighbour first
  std::string checkpoint;          // a signed note

  bool operator==(const Receipt&) const = default;
};

// The entry that stands for an event in the log: SHA-256 over salt and event.
std::string EntryOf(absl::string_view salt, absl::string_view event);

std::string EncodeReceipt(const Receipt& receipt);

// kMalformed for what EncodeReceipt does not write, and over 1 MiB.
absl::StatusOr<Receipt> ParseReceipt(absl::string_view text);

// What the receipt's checkpoint says, when the receipt holds under the key:
// kSignatureInvalid, naming what does not fit.
absl::StatusOr<wire::Checkpoint> VerifyReceipt(const Receipt& receipt,
                                               const NoteKey& key);

}  // namespace masa::transparency

#endif  // SERVICES_TRANSPARENCY_RECEIPT_H_
