#include "storage/event_json.h"

#include <array>
#include <cstddef>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace masa::storage {
namespace {

constexpr std::array<bool, 256> MakeEscaped() {
  std::array<bool, 256> escaped{};
  for (size_t c = 0; c < 0x20; ++c) {
    escaped[c] = true;
  }
  escaped['"'] = escaped['\\'] = true;
  return escaped;
}

// RFC 8785 section 3.2.2.2: nothing is escaped that need not be.
constexpr std::array<bool, 256> kEscaped = MakeEscaped();

void AppendEscaped(char c, std::string& json) {
  constexpr absl::string_view kShort = "\b\t\n\f\r\"\\";
  constexpr absl::string_view kLetters = "btnfr\"\\";
  const size_t at = kShort.find(c);
  if (at != absl::string_view::npos) {
    json.push_back('\\');
    json.push_back(kLetters[at]);
  } else {
    absl::StrAppendFormat(&json, "\\u%04x", c);
  }
}

void AppendText(absl::string_view text, std::string& json) {
  json.push_back('"');
  const char* plain = text.data();
  const char* const end = plain + text.size();
  for (const char* at = plain; at != end; ++at) {
    if (kEscaped[static_cast<uint8_t>(*at)]) {
      json.append(plain, at);
      AppendEscaped(*at, json);
      plain = at + 1;
    }
  }
  json.append(plain, end);
  json.push_back('"');
}

void AppendHex(absl::string_view octets, std::string& json) {
  constexpr char kDigits[] = "0123456789abcdef";
  size_t at = json.size();
  json.resize(at + 2 * octets.size() + 2);
  json[at++] = '"';
  for (const char c : octets) {
    const auto octet = static_cast<uint8_t>(c);
    json[at++] = kDigits[octet >> 4];
    json[at++] = kDigits[octet & 0xf];
  }
  json[at] = '"';
}

// absl::FormatTime takes several times as long.
void AppendMoment(absl::Time time, std::string& json) {
  const auto civil = absl::UTCTimeZone().At(time);
  const absl::CivilSecond& cs = civil.cs;
  absl::StrAppendFormat(&json, "\"%04d-%02d-%02dT%02d:%02d:%02d.%06dZ\"",
                        cs.year(), cs.month(), cs.day(), cs.hour(), cs.minute(),
                        cs.second(),
                        absl::ToInt64Microseconds(civil.subsecond));
}

}  // namespace

void EventJson::Name(absl::string_view name) {
  absl::StrAppend(&json_, json_.empty() ? "{\"" : ",\"", name, "\":");
}

void EventJson::AddNumber(absl::string_view name, int64_t value) {
  Name(name);
  absl::StrAppend(&json_, value);
}

void EventJson::AddText(absl::string_view name, absl::string_view text) {
  Name(name);
  AppendText(text, json_);
}

void EventJson::AddOctets(absl::string_view name, absl::string_view octets) {
  if (!octets.empty()) {
    Name(name);
    AppendHex(octets, json_);
  }
}

void EventJson::AddMoment(absl::string_view name, absl::Time time) {
  Name(name);
  AppendMoment(time, json_);
}

void EventJson::AddValue(absl::string_view name, absl::string_view json) {
  Name(name);
  json_.append(json.data(), json.size());
}

std::string EventJson::Finish() {
  json_.append(json_.empty() ? "{}" : "}");
  return std::move(json_);
}

std::string JsonText(absl::string_view text) {
  std::string json;
  json.reserve(text.size() + 2);
  AppendText(text, json);
  return json;
}

}  // namespace masa::storage
