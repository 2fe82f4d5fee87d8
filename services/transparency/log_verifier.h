// Checks a whole log, entry after entry, in memory of a constant size: that
// each event is what stands for it in the log, and that the log is the one that
// its checkpoints are of. Not thread-safe.
#ifndef SERVICES_TRANSPARENCY_LOG_VERIFIER_H_
#define SERVICES_TRANSPARENCY_LOG_VERIFIER_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "services/merkle/growing_tree.h"
#include "services/transparency/signed_note.h"

namespace masa::transparency {

// An event as it was given with its place.
struct GivenEvent {
  std::string name;  // for a person: its id
  std::string salt;
  std::string event;  // in its one form; empty: it is not there
};

class LogVerifier {
 public:
  explicit LogVerifier(NoteKey key) : key_(std::move(key)) {}
  // Goes on behind the entries of `tree`, of which a checkpoint was good for
  // the first `good_size`.
  LogVerifier(NoteKey key, merkle::GrowingTree tree, uint64_t good_size)
      : key_(std::move(key)), tree_(std::move(tree)), good_size_(good_size) {}

  uint64_t size() const { return tree_.size(); }
  const merkle::GrowingTree& tree() const { return tree_; }
  uint64_t good_size() const { return good_size_; }

  // The next entry. kSignatureInvalid, naming place and event, when the event
  // is not there or not the one that the entry is of; the entry counts all the
  // same.
  absl::Status Add(absl::string_view entry, const GivenEvent& given);
  // The next entry, of which the event is not looked at.
  void AddBare(absl::string_view entry) {
    tree_.Append(entry);
    tree_.DropFull();
  }

  // Whether the note is a checkpoint of the entries so far. kSignatureInvalid,
  // kMalformed; the entries up to the last one that held are good.
  absl::Status CheckAt(absl::string_view note);

  // Whether the hashes, which are those of a tile of level 0, are of the
  // entries that came last: how many of them fit, from the first on.
  static uint64_t FittingLeaves(absl::string_view tile,
                                absl::string_view entries, size_t entry_octets);

 private:
  const NoteKey key_;
  merkle::GrowingTree tree_;
  uint64_t good_size_ = 0;  // of the last checkpoint that held
};

}  // namespace masa::transparency

#endif  // SERVICES_TRANSPARENCY_LOG_VERIFIER_H_
