#include "services/wire/checkpoint.h"

#include <algorithm>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "services/status/reason.h"

namespace masa::wire {

bool IsOrigin(absl::string_view text) {
  constexpr size_t kLongest = 255;
  return !text.empty() && text.size() <= kLongest &&
         std::all_of(text.begin(), text.end(),
                     [](char c) { return c > ' ' && c < 0x7f && c != '+'; });
}

std::string EncodeCheckpoint(const Checkpoint& checkpoint) {
  return absl::StrCat(checkpoint.origin, "\n", checkpoint.size, "\n",
                      absl::Base64Escape(checkpoint.root), "\n");
}

absl::StatusOr<Checkpoint> ParseCheckpoint(absl::string_view text) {
  const std::vector<absl::string_view> lines = absl::StrSplit(text, '\n');
  Checkpoint checkpoint;
  // What is not written again as it stands here was not written by us.
  if (lines.size() == 4 && IsOrigin(lines[0]) &&
      absl::SimpleAtoi(lines[1], &checkpoint.size) &&
      absl::Base64Unescape(lines[2], &checkpoint.root) &&
      checkpoint.root.size() == 32) {
    checkpoint.origin = std::string(lines[0]);
    if (EncodeCheckpoint(checkpoint) == text) {
      return checkpoint;
    }
  }
  return Refuse(Reason::kMalformed, "the text is no checkpoint of a log");
}

}  // namespace masa::wire
