#include "services/wire/escrow_manifest.h"

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "services/status/reason.h"
#include "services/wire/json_reader.h"
#include "services/wire/json_text.h"
#include "services/wire/rfc3339.h"

namespace masa::wire {
namespace {

// First in the text, so that it passes for nothing else that a key signs.
constexpr char kForm[] = "MASA escrow manifest v1";
constexpr size_t kLargest = 1 << 20;
constexpr size_t kIdOctets = 16;
constexpr size_t kHashOctets = 32;
constexpr double kMostDevices = 1e12;

void AppendName(absl::string_view name, std::string* json) {
  absl::StrAppend(json, json->empty() ? "{\"" : ",\n\"", name, "\":");
}

void AppendText(absl::string_view name, absl::string_view text,
                std::string* json) {
  AppendName(name, json);
  AppendJsonString(text, json);
}

void AppendNumber(absl::string_view name, int64_t number, std::string* json) {
  AppendName(name, json);
  absl::StrAppend(json, number);
}

void AppendTexts(absl::string_view name, const std::vector<std::string>& texts,
                 bool are_octets, std::string* json) {
  AppendName(name, json);
  json->push_back('[');
  for (size_t i = 0; i < texts.size(); ++i) {
    absl::StrAppend(json, i == 0 ? "" : ",", "\n");
    AppendJsonString(are_octets ? absl::Base64Escape(texts[i]) : texts[i],
                     json);
  }
  json->push_back(']');
}

class Reader {
 public:
  explicit Reader(absl::string_view text) : json_(text) {}

  bool Read() {
    return json_.TakeObject([this](absl::string_view name) {
      return TakeMember(name);
    }) && json_.AtEnd();
  }
  const EscrowManifest& manifest() const { return manifest_; }

 private:
  bool TakeText(std::string* out) {
    absl::string_view value;
    std::string storage;
    if (!json_.TakeString(&value, &storage)) {
      return false;
    }
    *out = std::string(value);
    return true;
  }

  bool TakeHex(size_t octets, std::string* out) {
    std::string hex;
    if (!TakeText(&hex) || hex.size() != 2 * octets) {
      return false;
    }
    *out = absl::HexStringToBytes(hex);
    return true;
  }

  bool TakeCount(int64_t* out) {
    double number = 0;
    if (!json_.TakeNumber(&number) || !(number >= 0 && number < kMostDevices)) {
      return false;
    }
    *out = static_cast<int64_t>(number);
    return true;
  }

  bool TakeTime(absl::Time* out) {
    std::string text;
    const auto time = TakeText(&text) ? ParseRfc3339(text) : std::nullopt;
    *out = time.value_or(absl::UnixEpoch());
    return time.has_value();
  }

  bool TakeTexts(bool are_octets, std::vector<std::string>* out) {
    return json_.TakeArray([&] {
      std::string text;
      std::string octets;
      if (!TakeText(&text) ||
          (are_octets && !absl::Base64Unescape(text, &octets))) {
        return false;
      }
      out->push_back(are_octets ? octets : text);
      return true;
    });
  }

  bool TakeMember(absl::string_view name) {
    EscrowManifest& m = manifest_;
    std::string form;
    return name == "form"              ? TakeText(&form)
           : name == "tenant_id"       ? TakeText(&m.tenant_id)
           : name == "organization_id" ? TakeText(&m.organization_id)
           : name == "job_id"          ? TakeHex(kIdOctets, &m.job_id)
           : name == "at"              ? TakeTime(&m.at)
           : name == "issued"          ? TakeCount(&m.issued)
           : name == "refused"         ? TakeCount(&m.refused)
           : name == "devices_sha256"  ? TakeHex(kHashOctets, &m.devices_sha256)
           : name == "voucher_anchors" ? TakeTexts(true, &m.voucher_anchors)
           : name == "voucher_certificates"
               ? TakeTexts(true, &m.voucher_certificates)
           : name == "ownership_anchors"
               ? TakeTexts(true, &m.ownership_anchors)
               : name == "log_keys" && TakeTexts(false, &m.log_keys);
  }

  JsonReader json_;
  EscrowManifest manifest_;
};

bool IsWhole(const EscrowManifest& manifest) {
  return !manifest.tenant_id.empty() && !manifest.organization_id.empty() &&
         manifest.issued > 0 && !manifest.voucher_anchors.empty() &&
         !manifest.ownership_anchors.empty() && !manifest.log_keys.empty();
}

}  // namespace

std::string EncodeEscrowManifest(const EscrowManifest& manifest) {
  std::string json;
  AppendText("form", kForm, &json);
  AppendText("tenant_id", manifest.tenant_id, &json);
  AppendText("organization_id", manifest.organization_id, &json);
  AppendText("job_id", absl::BytesToHexString(manifest.job_id), &json);
  AppendText(
      "at",
      absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", manifest.at, absl::UTCTimeZone()),
      &json);
  AppendNumber("issued", manifest.issued, &json);
  AppendNumber("refused", manifest.refused, &json);
  AppendText("devices_sha256", absl::BytesToHexString(manifest.devices_sha256),
             &json);
  AppendTexts("voucher_anchors", manifest.voucher_anchors, true, &json);
  AppendTexts("voucher_certificates", manifest.voucher_certificates, true,
              &json);
  AppendTexts("ownership_anchors", manifest.ownership_anchors, true, &json);
  AppendTexts("log_keys", manifest.log_keys, false, &json);
  return json + "}\n";
}

absl::StatusOr<EscrowManifest> ParseEscrowManifest(absl::string_view text) {
  Reader reader(text.substr(0, kLargest + 1));
  // What is not written again as it stands here was not written by us.
  return text.size() <= kLargest && reader.Read() &&
                 IsWhole(reader.manifest()) &&
                 EncodeEscrowManifest(reader.manifest()) == text
             ? absl::StatusOr<EscrowManifest>(reader.manifest())
             : Refuse(Reason::kMalformed,
                      "the text is no manifest of an escrow bundle");
}

}  // namespace masa::wire
