// A CSV file of devices as the chunks of an import: the same file makes the
// same chunks each time, so that an import can go on in it. Not thread-safe.
#ifndef SERVICES_MASACTL_DEVICE_FILE_H_
#define SERVICES_MASACTL_DEVICE_FILE_H_

#include <cstdint>
#include <fstream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "proto/masa/v1/device.pb.h"
#include "services/masactl/csv.h"
#include "services/masactl/device_rows.h"

namespace masa::masactl {

struct FileChunk {
  uint64_t sequence = 0;  // from 1
  masa::v1::DeviceList list;
  std::vector<int> lines;  // of each of its devices
  // Lines since the chunk before that are no devices, with what is wrong.
  std::vector<std::pair<int, std::string>> rejected;
};

class DeviceFile {
 public:
  // InvalidArgument when the file cannot be read or has no such header.
  static absl::StatusOr<std::unique_ptr<DeviceFile>> Open(
      const std::string& path);

  // The next chunk, at most 1000 devices and about 1 MiB; one without devices
  // at the end. InvalidArgument for what is not CSV.
  absl::StatusOr<FileChunk> Next();

  // The next chunk is the one behind `sequence`, at most sequence().
  void GoBack(uint64_t sequence);

  // Of the last chunk given out; 0: none.
  uint64_t sequence() const { return sequence_; }

  // How far it has come, 0 to 1.
  double Share() const;

  // Hexadecimal digits that stand for this file as it is: its length, its time
  // of change, its beginning and its end. Another file has others.
  std::string Mark() const { return mark_; }

 private:
  struct Place {
    std::streamoff offset = 0;
    int line = 1;
  };

  DeviceFile() = default;

  std::ifstream file_;
  std::unique_ptr<CsvReader> reader_;
  DeviceColumns columns_;
  std::string mark_;
  std::streamoff size_ = 0;
  std::vector<Place> places_;  // where the chunk behind chunk i begins
  uint64_t sequence_ = 0;      // of the last chunk given out
};

}  // namespace masa::masactl

#endif  // SERVICES_MASACTL_DEVICE_FILE_H_
