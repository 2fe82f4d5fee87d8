#include "services/wire/json_reader.h"

#include <cmath>
#include <cstdint>

#include "absl/strings/numbers.h"
#include "services/wire/json_text.h"
#include "services/wire/utf8.h"

namespace masa::wire {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// Eight octets that end no string, escape nothing, control nothing and are
// ASCII: nearly all of a voucher, and passed over at once.
bool IsPlain(const char* octets) {
  constexpr uint64_t kOnes = 0x0101010101010101;
  constexpr uint64_t kHigh = 0x8080808080808080;
  uint64_t word;
  memcpy(&word, octets, sizeof(word));
  const auto any_below = [](uint64_t value, uint64_t bound) {
    return (value - kOnes * bound) & ~value & kHigh;
  };
  return ((word & kHigh) | any_below(word, 0x20) |
          any_below(word ^ (kOnes * '"'), 1) |
          any_below(word ^ (kOnes * '\\'), 1)) == 0;
}

}  // namespace

bool JsonNames::Add(absl::string_view name, bool lasting) {
  for (size_t i = 0; i < count_; ++i) {
    if (few_[i] == name) {
      return false;
    }
  }
  if (lasting && count_ < few_.size()) {
    few_[count_++] = name;
    return more_.find(name) == more_.end();
  }
  return more_.emplace(name).second;
}

bool JsonReader::TakeHex(unsigned* unit) {
  if (end_ - at_ < 4) {
    return false;
  }
  *unit = 0;
  for (int i = 0; i < 4; ++i) {
    const char c = *at_++;
    const char lower = static_cast<char>(c | 0x20);
    if (c >= '0' && c <= '9') {
      *unit = *unit * 16 + (c - '0');
    } else if (lower >= 'a' && lower <= 'f') {
      *unit = *unit * 16 + (lower - 'a' + 10);
    } else {
      return false;
    }
  }
  return true;
}

// RFC 8259 section 7; at_ stands behind the backslash.
bool JsonReader::TakeEscape(std::string* out) {
  constexpr char kFrom[] = "\"\\/bfnrt";
  constexpr char kTo[] = "\"\\/\b\f\n\r\t";
  if (at_ == end_) {
    return false;
  }
  const char c = *at_++;
  if (c != 'u') {
    const void* found = std::memchr(kFrom, c, sizeof(kFrom) - 1);
    if (found == nullptr) {
      return false;
    }
    out->push_back(kTo[static_cast<const char*>(found) - kFrom]);
    return true;
  }
  unsigned unit, low;
  if (!TakeHex(&unit) || (unit >= 0xdc00 && unit < 0xe000)) {
    return false;
  }
  if (unit >= 0xd800 && unit < 0xdc00) {
    if (end_ - at_ < 2 || at_[0] != '\\' || at_[1] != 'u') {
      return false;
    }
    at_ += 2;
    if (!TakeHex(&low) || low < 0xdc00 || low >= 0xe000) {
      return false;
    }
    unit = 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
  }
  AppendUtf8(unit, out);
  return true;
}

void JsonReader::PassPlain() {
  while (end_ - at_ >= 8 && IsPlain(at_)) {
    at_ += 8;
  }
}

bool JsonReader::TakeString(absl::string_view* value, std::string* storage) {
  if (!Take('"')) {
    return false;
  }
  const char* start = at_;
  bool escaped = false;
  unsigned high_bits = 0;
  for (PassPlain(); at_ != end_ && *at_ != '"'; PassPlain()) {
    const uint8_t c = static_cast<uint8_t>(*at_);
    if (c < 0x20) {
      return false;
    }
    high_bits |= c;
    if (c != '\\') {
      ++at_;
      continue;
    }
    if (!escaped) {
      storage->clear();
    }
    escaped = true;
    storage->append(start, at_ - start);
    ++at_;
    if (!TakeEscape(storage)) {
      return false;
    }
    start = at_;
  }
  if (at_ == end_) {
    return false;
  }
  *value = absl::string_view(start, at_ - start);
  if (escaped) {
    storage->append(start, at_ - start);
    *value = *storage;
  }
  ++at_;
  return (high_bits & 0x80) == 0 || IsUtf8(*value);
}

bool JsonReader::TakeDigits() {
  const char* start = at_;
  while (at_ != end_ && IsDigit(*at_)) {
    ++at_;
  }
  return at_ != start;
}

// RFC 8259 section 6; what no double can hold is refused.
bool JsonReader::TakeNumber() {
  constexpr ptrdiff_t kSurelyHeld = 300;
  const auto take = [this](char c) {
    const bool there = at_ != end_ && *at_ == c;
    at_ += there ? 1 : 0;
    return there;
  };
  const char* start = at_;
  take('-');
  if (!take('0') && !TakeDigits()) {
    return false;
  }
  if (take('.') && !TakeDigits()) {
    return false;
  }
  const bool has_exponent = take('e') || take('E');
  if (has_exponent) {
    take('-') || take('+');
    if (!TakeDigits()) {
      return false;
    }
  }
  double value = 0;
  return (!has_exponent && at_ - start <= kSurelyHeld) ||
         (absl::SimpleAtod(absl::string_view(start, at_ - start), &value) &&
          std::isfinite(value));
}

bool JsonReader::TakeNumber(double* value) {
  SkipSpace();
  const char* start = at_;
  return TakeNumber() &&
         absl::SimpleAtod(absl::string_view(start, at_ - start), value);
}

bool JsonReader::SkipValue() {
  absl::string_view value;
  std::string storage;
  switch (Next()) {
    case '{':
      return TakeObject([this](absl::string_view) { return SkipValue(); });
    case '[':
      return TakeArray([this] { return SkipValue(); });
    case '"':
      return TakeString(&value, &storage);
    case 't':
      return TakeWord("true");
    case 'f':
      return TakeWord("false");
    case 'n':
      return TakeWord("null");
    default:
      return TakeNumber();
  }
}

void JsonReader::SkipByteOrderMark() {
  constexpr absl::string_view kMark = "\xef\xbb\xbf";
  if (absl::string_view(at_, end_ - at_).substr(0, kMark.size()) == kMark) {
    at_ += kMark.size();
  }
}

}  // namespace masa::wire
