// What this process added to a log a moment ago, so that the log's mirror is
// written without asking the database for it again. It holds so much and no
// more: what it has not is read from the database as after a restart. A value,
// for one thread at a time.
#ifndef SERVICES_ISSUANCE_FRESH_LOG_H_
#define SERVICES_ISSUANCE_FRESH_LOG_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "services/merkle/tiles.h"
#include "storage/audit_sequence.h"

namespace masa::issuance {

class FreshLog {
 public:
  // What `append` has added, and is durable.
  void Add(const storage::LogAppend& append);

  // The mirror has the first `mirrored` entries. Of the bundle that these end
  // in all is kept: it will be written once more.
  void Forget(uint64_t mirrored);

  // The hashes of a tile as it was when it changed last; nothing: it did not
  // change lately.
  std::optional<std::string> TileOf(const merkle::TileKey& key) const;

  // The commitments of `width` entries from `first` on, one behind the other;
  // nothing when one of them is not here.
  std::optional<std::string> Commitments(uint64_t first, uint64_t width) const;

 private:
  uint64_t first_ = 0;       // of the entries that are here
  std::string commitments_;  // of 32 octets each
  std::map<merkle::TileKey, std::string> tiles_;
};

}  // namespace masa::issuance

#endif  // SERVICES_ISSUANCE_FRESH_LOG_H_
