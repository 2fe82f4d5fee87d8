#include "services/transparency/log_verifier.h"

#include "absl/strings/str_cat.h"
#include "services/merkle/hashes.h"
#include "services/status/macros.h"
#include "services/status/reason.h"
#include "services/transparency/receipt.h"

namespace masa::transparency {

absl::Status LogVerifier::Add(absl::string_view entry,
                              const GivenEvent& given) {
  const uint64_t index = tree_.size();
  tree_.Append(entry);
  tree_.DropFull();
  if (given.event.empty()) {
    return Refuse(Reason::kSignatureInvalid,
                  absl::StrCat("event ", given.name, ", number ", index,
                               " of the log, is not there"));
  }
  return EntryOf(given.salt, given.event) == entry
             ? absl::OkStatus()
             : Refuse(Reason::kSignatureInvalid,
                      absl::StrCat("event ", given.name, ", number ", index,
                                   " of the log, is not as it was logged"));
}

absl::Status LogVerifier::CheckAt(absl::string_view note) {
  MASA_ASSIGN_OR_RETURN(const wire::Checkpoint checkpoint,
                        OpenCheckpoint(note, key_));
  if (checkpoint.size != tree_.size() || checkpoint.root != tree_.Root()) {
    return Refuse(
        Reason::kSignatureInvalid,
        absl::StrCat("the first ", tree_.size(),
                     " entries are not those of the checkpoint of ",
                     checkpoint.size, "; the first ", good_size_, " are good"));
  }
  good_size_ = checkpoint.size;
  return absl::OkStatus();
}

uint64_t LogVerifier::FittingLeaves(absl::string_view tile,
                                    absl::string_view entries,
                                    size_t entry_octets) {
  uint64_t fitting = 0;
  for (; fitting < merkle::CountOf(tile) &&
         (fitting + 1) * entry_octets <= entries.size();
       ++fitting) {
    std::string leaf;
    merkle::AppendLeafHash(entries.substr(fitting * entry_octets, entry_octets),
                           leaf);
    if (leaf != merkle::HashAt(tile, fitting)) {
      break;
    }
  }
  return fitting;
}

}  // namespace masa::transparency
