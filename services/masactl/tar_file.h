// Writes a POSIX.1-1988 (ustar) archive of small files, which every tar reads.
// The file appears whole or not at all, and only its user may read it: what is
// in it says who owns what (SZ-15). Not thread-safe.
#ifndef SERVICES_MASACTL_TAR_FILE_H_
#define SERVICES_MASACTL_TAR_FILE_H_

#include <cstdio>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace masa::masactl {

class TarFile {
 public:
  // Begins an archive beside `out`, or beside what that leads to; fails where
  // no file can be made, and where something else than a file is.
  static absl::StatusOr<std::unique_ptr<TarFile>> Create(
      const std::string& out);
  TarFile(const TarFile&) = delete;
  TarFile& operator=(const TarFile&) = delete;
  // Removes what was not finished.
  ~TarFile();

  // `name` has 1 to 100 octets.
  absl::Status Add(const std::string& name, const std::string& content,
                   absl::Time modified);

  // Puts the archive at its path, over what was there. Nothing may follow.
  absl::Status Finish();

 private:
  TarFile(std::string path, std::string part, std::FILE* file)
      : path_(std::move(path)), part_(std::move(part)), file_(file) {}
  absl::Status Write(const std::string& octets);

  const std::string path_;
  const std::string part_;  // where it is until it is finished
  std::FILE* file_;         // null once finished
};

}  // namespace masa::masactl

#endif  // SERVICES_MASACTL_TAR_FILE_H_
