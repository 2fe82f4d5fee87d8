#include "services/masactl/out_place.h"

#include <filesystem>

#include "absl/strings/str_cat.h"

namespace masa::masactl {

namespace fs = std::filesystem;

absl::StatusOr<std::string> PlaceOf(const std::string& path) {
  constexpr int kMostLinks = 40;  // as Linux has it
  std::error_code error;
  const fs::file_status there = fs::status(path, error);
  if (fs::exists(there) && !fs::is_regular_file(there)) {
    return absl::InvalidArgumentError(absl::StrCat(
        "give a file to write; this is none, and stays as it is: ", path));
  }
  fs::path place = path;
  for (int i = 0; i < kMostLinks && fs::is_symlink(place, error); ++i) {
    // An absolute one replaces what stands before it.
    place = place.parent_path() / fs::read_symlink(place, error);
  }
  return place.string();
}

}  // namespace masa::masactl
