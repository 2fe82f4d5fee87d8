#include "services/wire/pledge_status.h"

#include <algorithm>
#include <cmath>

#include "services/status/reason.h"
#include "services/wire/json_reader.h"

namespace masa::wire {
namespace {

constexpr int32_t kKnownVersion = 1;
constexpr int32_t kHighestVersion = 1'000'000;
constexpr size_t kMostReason = 1024;
constexpr size_t kMostContext = 4096;
constexpr size_t kMostUnknown = 8;
constexpr size_t kMostName = 64;

// The beginning of UTF-8 text, in whole characters.
std::string Cut(absl::string_view text, size_t most) {
  size_t end = std::min(text.size(), most);
  while (end < text.size() && end > 0 &&
         (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) {
    --end;
  }
  return std::string(text.substr(0, end));
}

bool TakeVersion(JsonReader& reader, PledgeStatus& status) {
  double value = 0;
  if (!reader.TakeNumber(&value) || value != std::floor(value) || value < 1 ||
      value > kHighestVersion) {
    return false;
  }
  status.version = static_cast<int32_t>(value);
  status.is_newer = status.version > kKnownVersion;
  return true;
}

bool TakeStatus(JsonReader& reader, PledgeStatus& status) {
  status.success = reader.Next() == 't';
  return reader.TakeWord(status.success ? "true" : "false");
}

// Text with a zero octet is nothing that anybody meant.
bool TakeReason(JsonReader& reader, PledgeStatus& status) {
  absl::string_view value;
  std::string storage;
  if (!reader.TakeString(&value, &storage) ||
      value.find('\0') != absl::string_view::npos) {
    return false;
  }
  status.reason = Cut(value, kMostReason);
  return true;
}

bool TakeContext(JsonReader& reader, PledgeStatus& status) {
  if (reader.Next() != '{') {
    return false;
  }
  const absl::string_view before = reader.rest();
  if (!reader.SkipValue()) {
    return false;
  }
  const absl::string_view value =
      before.substr(0, before.size() - reader.rest().size());
  status.context_json = value.size() > kMostContext ? "" : std::string(value);
  return true;
}

bool TakeUnknown(JsonReader& reader, absl::string_view name,
                 PledgeStatus& status) {
  if (status.unknown_keys.size() < kMostUnknown) {
    status.unknown_keys.push_back(Cut(name, kMostName));
  }
  return reader.SkipValue();
}

}  // namespace

absl::StatusOr<PledgeStatus> ParsePledgeStatus(absl::string_view json) {
  JsonReader reader(json);
  PledgeStatus status;
  bool has_version = false, has_status = false;
  const bool taken = reader.TakeObject([&](absl::string_view name) {
    if (name == "version") {
      return has_version = TakeVersion(reader, status);
    }
    if (name == "status") {
      return has_status = TakeStatus(reader, status);
    }
    if (name == "reason") {
      return TakeReason(reader, status);
    }
    return name == "reason-context" ? TakeContext(reader, status)
                                    : TakeUnknown(reader, name, status);
  });
  if (!taken || !reader.AtEnd() || !has_version || !has_status) {
    return Refuse(Reason::kMalformed,
                  "telemetry is one JSON object with a number as version, true "
                  "or false as status, and perhaps reason and reason-context");
  }
  return status;
}

}  // namespace masa::wire
