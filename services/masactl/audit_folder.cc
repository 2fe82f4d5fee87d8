#include <google/protobuf/util/json_util.h>

#include <filesystem>
#include <fstream>
#include <optional>
#include <set>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "services/masactl/audit_commands.h"
#include "services/masactl/audit_stream.h"
#include "services/merkle/hashes.h"
#include "services/merkle/tiles.h"
#include "services/status/macros.h"
#include "services/transparency/log_verifier.h"

namespace masa::masactl {
namespace {

using masa::v1::AuditEvent;

// Of a bundle: a length and a commitment.
constexpr size_t kEntryOctets = 2 + merkle::kHashOctets;

// Nothing: it is not there, or cannot be read, which is in the report.
std::optional<std::string> FileIn(const std::string& folder,
                                  const std::string& path,
                                  VerifyReport& report) {
  const std::string whole = absl::StrCat(folder, "/", path);
  std::error_code error;
  if (!std::filesystem::exists(whole, error) && !error) {
    return std::nullopt;
  }
  absl::StatusOr<std::string> text = ReadText(whole);
  if (!text.ok()) {
    report.Fault(text.status());
    return std::nullopt;
  }
  return *std::move(text);
}

// As much of a file as an older checkpoint has of it, when the full one has
// replaced what there was then.
std::optional<std::string> FileOrFull(const std::string& folder,
                                      const std::string& path,
                                      const std::string& full, size_t octets,
                                      VerifyReport& report) {
  auto file = FileIn(folder, path, report);
  if (!file && (file = FileIn(folder, full, report))) {
    file->resize(std::min(file->size(), octets));
  }
  return file;
}

// The sizes of the checkpoints that the folder keeps, in order.
std::set<uint64_t> SizesIn(const std::string& folder) {
  std::set<uint64_t> sizes;
  std::error_code error;
  for (const auto& entry :
       std::filesystem::directory_iterator(folder + "/checkpoints", error)) {
    uint64_t size = 0;
    if (absl::SimpleAtoi(entry.path().filename().string(), &size)) {
      sizes.insert(size);
    }
  }
  return sizes;
}

// What stands in a bundle for its entries, one after the other; nothing when it
// is not one of ours.
std::optional<std::string> EntriesOf(const std::string& bundle) {
  std::string entries;
  for (size_t at = 0; at < bundle.size(); at += kEntryOctets) {
    if (bundle.size() - at < kEntryOctets || bundle[at] != 0 ||
        bundle[at + 1] != merkle::kHashOctets) {
      return std::nullopt;
    }
    entries += bundle.substr(at + 2, merkle::kHashOctets);
  }
  return entries;
}

// A log as files: bundles and tiles as C2SP tlog-tiles names them, or exported
// events, or both.
class FolderLog {
 public:
  FolderLog(const std::string& folder, const transparency::NoteKey& key,
            const wire::Checkpoint& newest, VerifyReport& report)
      : folder_(folder),
        newest_(newest),
        report_(report),
        verifier_(key),
        sizes_(SizesIn(folder)),
        events_(absl::StrCat(folder, "/", kEventsFile)) {}

  absl::Status Run(const std::string& note) {
    if (newest_.size > 0 && !events_.is_open() && !BundleAt(0)) {
      return absl::InvalidArgumentError(absl::StrCat(
          folder_, " has neither ", kEventsFile, " nor tile/entries"));
    }
    while (verifier_.size() < newest_.size) {
      if (!AddBundle()) {
        return absl::OkStatus();  // what it found is in the report
      }
      report_.Progress(verifier_.size());
    }
    Report(verifier_.CheckAt(note));
    return absl::OkStatus();
  }

 private:
  void Report(const absl::Status& status) {
    if (!status.ok()) {
      report_.Fault(status);
    }
  }

  std::optional<std::string> BundleAt(uint64_t number) {
    const uint64_t width = merkle::TileWidthIn({0, number}, newest_.size);
    const auto bundle =
        FileOrFull(folder_, merkle::EntriesPath(number, width),
                   merkle::EntriesPath(number, merkle::kTileWidth),
                   width * kEntryOctets, report_);
    return bundle ? EntriesOf(*bundle) : std::nullopt;
  }

  // The next event of the export; nothing: there is no export, or no more.
  std::optional<AuditEvent> NextEvent() {
    std::string line;
    AuditEvent event;
    if (!std::getline(events_, line) ||
        !google::protobuf::util::JsonStringToMessage(line, &event).ok()) {
      return std::nullopt;
    }
    return event;
  }

  // One bundle's entries; false when nothing can be said of what follows.
  bool AddBundle() {
    const uint64_t number = verifier_.size() / merkle::kTileWidth;
    const uint64_t width = merkle::TileWidthIn({0, number}, newest_.size);
    const std::optional<std::string> entries = BundleAt(number);
    if (entries) {
      CheckTile(number, width, *entries);
    }
    for (uint64_t i = 0; i < width; ++i) {
      if (!AddOne(i, entries)) {
        return false;
      }
      const auto size = sizes_.find(verifier_.size());
      if (size != sizes_.end()) {
        Report(verifier_.CheckAt(
            FileIn(folder_, absl::StrCat("checkpoints/", *size), report_)
                .value_or("")));
      }
    }
    return true;
  }

  bool AddOne(uint64_t place, const std::optional<std::string>& entries) {
    const std::optional<AuditEvent> event =
        events_.is_open() ? NextEvent() : std::nullopt;
    if (!entries && !event) {
      report_.Fault(absl::InvalidArgumentError(
          absl::StrCat("event number ", verifier_.size(), " is missing")));
      return false;
    }
    if (entries && (place + 1) * merkle::kHashOctets > entries->size()) {
      report_.Fault(absl::InvalidArgumentError(absl::StrCat(
          "the bundle of event number ", verifier_.size(), " is too short")));
      return false;
    }
    const std::string entry =
        entries ? std::string(merkle::HashAt(*entries, place)) : event->entry();
    if (events_.is_open()) {
      Report(verifier_.Add(
          entry, event ? transparency::GivenEvent{event->event_id(),
                                                  event->salt(), event->event()}
                       : transparency::GivenEvent()));
    } else {
      verifier_.AddBare(entry);
    }
    return true;
  }

  void CheckTile(uint64_t number, uint64_t width, const std::string& entries) {
    const auto tile =
        FileOrFull(folder_, merkle::TilePath({0, number}, width),
                   merkle::TilePath({0, number}, merkle::kTileWidth),
                   width * merkle::kHashOctets, report_);
    const uint64_t fitting = tile ? transparency::LogVerifier::FittingLeaves(
                                        *tile, entries, merkle::kHashOctets)
                                  : 0;
    if (!tile || tile->size() != width * merkle::kHashOctets ||
        fitting < width) {
      report_.Fault(absl::InvalidArgumentError(absl::StrCat(
          merkle::TilePath({0, number}, width), " does not fit event number ",
          number * merkle::kTileWidth + fitting)));
    }
  }

  const std::string folder_;
  const wire::Checkpoint& newest_;
  VerifyReport& report_;
  transparency::LogVerifier verifier_;
  const std::set<uint64_t> sizes_;
  std::ifstream events_;
};

}  // namespace

absl::StatusOr<int> VerifyFolder(const CommonOptions& options,
                                 const AuditArguments& arguments,
                                 Terminal terminal) {
  MASA_ASSIGN_OR_RETURN(const std::string note,
                        ReadText(arguments.folder + "/checkpoint"));
  MASA_ASSIGN_OR_RETURN(const transparency::NoteKey key,
                        ReadLogKey(arguments.log_key_file, note));
  const auto newest = transparency::OpenCheckpoint(note, key);
  if (!newest.ok()) {
    VerifyReport report(options, terminal, 0);
    report.Fault(newest.status());
    return report.Finish("");
  }
  VerifyReport report(options, terminal, newest->size);
  MASA_RETURN_IF_ERROR(
      FolderLog(arguments.folder, key, *newest, report).Run(note));
  return report.Finish(absl::StrCat(newest->size, " entries of the log ",
                                    newest->origin,
                                    " are as its checkpoints say"));
}

}  // namespace masa::masactl
