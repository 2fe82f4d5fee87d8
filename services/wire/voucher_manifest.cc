#include "services/wire/voucher_manifest.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "services/status/reason.h"
#include "services/wire/json_reader.h"
#include "services/wire/json_text.h"
#include "services/wire/uuid_text.h"

namespace masa::wire {
namespace {

// Names that no device can have otherwise begin with this.
constexpr char kById[] = "voucher+";
constexpr size_t kLongestName = 100;

bool IsPlain(const std::string& name) {
  return !name.empty() && name[0] != '.' && name[0] != '-' &&
         std::all_of(name.begin(), name.end(), [](unsigned char c) {
           return absl::ascii_isalnum(c) || c == '-' || c == '_' || c == '.';
         });
}

void AppendMember(absl::string_view name, absl::string_view value,
                  std::string* out) {
  absl::StrAppend(out, out->size() > 1 ? "," : "", "\"", name, "\":");
  AppendJsonString(value, out);
}

bool TakeOctets(JsonReader& reader, int64_t* octets) {
  double number = 0;
  if (!reader.TakeNumber(&number) || !(number >= 0 && number < 1e12)) {
    return false;
  }
  *octets = static_cast<int64_t>(number);
  return true;
}

}  // namespace

std::string EncodeManifestHead(const ManifestHead& head) {
  std::string json = "{";
  AppendMember("job_id", UuidTextOf(head.job_id), &json);
  AppendMember("state", head.state, &json);
  AppendMember("ended_at",
               absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", head.ended_at,
                                absl::UTCTimeZone()),
               &json);
  absl::StrAppend(&json, ",\"issued\":", head.issued,
                  ",\"refused\":", head.refused, ",\"devices\":[\n");
  return json;
}

std::string ManifestTail() { return "\n]}\n"; }

std::string EncodeManifestEntry(const ManifestEntry& entry) {
  std::string json = "{";
  AppendMember("serial_number", entry.serial_number, &json);
  if (entry.idevid_issuer) {
    AppendMember("idevid_issuer", absl::BytesToHexString(*entry.idevid_issuer),
                 &json);
  }
  if (entry.reason.empty()) {
    AppendMember("file", entry.file, &json);
    AppendMember("voucher_id", UuidTextOf(entry.voucher_id), &json);
    absl::StrAppend(&json, ",\"octets\":", entry.octets);
    AppendMember("sha256", absl::BytesToHexString(entry.sha256), &json);
  } else {
    AppendMember("reason", entry.reason, &json);
    AppendMember("message", entry.message, &json);
  }
  json.push_back('}');
  return json;
}

absl::StatusOr<ManifestEntry> ParseManifestEntry(absl::string_view line) {
  ManifestEntry entry;
  JsonReader reader(line);
  const bool read = reader.TakeObject([&](absl::string_view name) {
    if (name == "octets") {
      return TakeOctets(reader, &entry.octets);
    }
    absl::string_view value;
    std::string storage;
    if (!reader.TakeString(&value, &storage)) {
      return false;
    }
    const std::string text(value);
    if (name == "serial_number") {
      entry.serial_number = text;
    } else if (name == "idevid_issuer") {
      entry.idevid_issuer = absl::HexStringToBytes(text);
    } else if (name == "file") {
      entry.file = text;
    } else if (name == "voucher_id") {
      std::string hex = text;
      hex.erase(std::remove(hex.begin(), hex.end(), '-'), hex.end());
      entry.voucher_id = absl::HexStringToBytes(hex);
    } else if (name == "sha256") {
      entry.sha256 = absl::HexStringToBytes(text);
    } else if (name == "reason") {
      entry.reason = text;
    } else if (name == "message") {
      entry.message = text;
    }
    return true;
  });
  (void)reader.Take(',');
  return read && reader.AtEnd()
             ? absl::StatusOr<ManifestEntry>(std::move(entry))
             : Refuse(Reason::kMalformed, "a line of the manifest is no entry");
}

absl::string_view VoucherFileEnding(masa::v1::Format format) {
  return format == masa::v1::FORMAT_JWS_JSON    ? ".vjj"
         : format == masa::v1::FORMAT_COSE_CBOR ? ".vch"
                                                : ".vcj";
}

std::string VoucherFileName(const ManifestEntry& entry,
                            masa::v1::Format format) {
  const absl::string_view ending = VoucherFileEnding(format);
  const std::string by_serial = absl::StrCat(
      entry.serial_number, entry.idevid_issuer ? "+" : "",
      absl::BytesToHexString(entry.idevid_issuer.value_or("")), ending);
  return IsPlain(entry.serial_number) && by_serial.size() <= kLongestName
             ? by_serial
             : absl::StrCat(kById, UuidTextOf(entry.voucher_id), ending);
}

}  // namespace masa::wire
