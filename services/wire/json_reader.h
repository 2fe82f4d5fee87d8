// Reads JSON (RFC 8259) from front to back, strictly: names once in an object,
// at most 8 levels, nothing but UTF-8. For what strangers send and for what
// stands next to the key; builds no tree and copies no text
// (services/adr/0012). Used inside this room only.
#ifndef SERVICES_WIRE_JSON_READER_H_
#define SERVICES_WIRE_JSON_READER_H_

#include <array>
#include <cstddef>
#include <cstring>
#include <functional>
#include <set>
#include <string>

#include "absl/strings/string_view.h"

namespace masa::wire {

// The names of one object so far: few as a rule, and looked for one by one.
class JsonNames {
 public:
  // False when it was there. A `lasting` name is looked at again, others are
  // kept.
  bool Add(absl::string_view name, bool lasting);

 private:
  std::array<absl::string_view, 16> few_;
  size_t count_ = 0;
  std::set<std::string, std::less<>> more_;
};

// Looks into a text that outlives it. Each Take reads past white space and what
// it names, or returns false; then there is nothing more to read.
class JsonReader {
 public:
  explicit JsonReader(absl::string_view text)
      : at_(text.data()), end_(text.data() + text.size()) {}

  bool Take(char expected) {
    SkipSpace();
    if (at_ == end_ || *at_ != expected) {
      return false;
    }
    ++at_;
    return true;
  }

  bool TakeWord(absl::string_view word) {
    SkipSpace();
    if (static_cast<size_t>(end_ - at_) < word.size() ||
        std::memcmp(at_, word.data(), word.size()) != 0) {
      return false;
    }
    at_ += word.size();
    return true;
  }

  // Takes a string. `value` looks into the text, or into `storage` when the
  // text has escapes; otherwise `storage` is left alone.
  bool TakeString(absl::string_view* value, std::string* storage);

  // Takes an object. `member` is called with each name, which lasts as long as
  // the call, takes the value, and returns false to refuse.
  template <typename Member>
  bool TakeObject(const Member& member) {
    if (!Take('{') || ++level_ > kMaxLevels) {
      return false;
    }
    if (!Take('}')) {
      JsonNames names;
      do {
        std::string storage;
        absl::string_view name;
        if (!TakeString(&name, &storage) || !names.Add(name, storage.empty()) ||
            !Take(':') || !member(name)) {
          return false;
        }
      } while (Take(','));
      if (!Take('}')) {
        return false;
      }
    }
    --level_;
    return true;
  }

  // Takes an array. `element` takes one value, or returns false to refuse.
  template <typename Element>
  bool TakeArray(const Element& element) {
    if (!Take('[') || ++level_ > kMaxLevels) {
      return false;
    }
    if (!Take(']')) {
      do {
        if (!element()) {
          return false;
        }
      } while (Take(','));
      if (!Take(']')) {
        return false;
      }
    }
    --level_;
    return true;
  }

  // Takes a number that a double can hold.
  bool TakeNumber(double* value);

  // Takes any value, as strictly as one that is looked at.
  bool SkipValue();

  // The first character of what comes next; a zero octet at the end.
  char Next() {
    SkipSpace();
    return at_ == end_ ? '\0' : *at_;
  }

  bool AtEnd() {
    SkipSpace();
    return at_ == end_;
  }

  // What is not taken yet.
  absl::string_view rest() const {
    return absl::string_view(at_, static_cast<size_t>(end_ - at_));
  }

  // Passes over the mark that some put before UTF-8 (RFC 8259 section 8.1).
  void SkipByteOrderMark();

 private:
  static constexpr int kMaxLevels = 8;

  void SkipSpace() {
    while (at_ != end_ &&
           (*at_ == ' ' || *at_ == '\n' || *at_ == '\r' || *at_ == '\t')) {
      ++at_;
    }
  }
  void PassPlain();
  bool TakeEscape(std::string* out);
  bool TakeHex(unsigned* unit);
  bool TakeDigits();
  bool TakeNumber();

  const char* at_;
  const char* end_;
  int level_ = 0;
};

}  // namespace masa::wire

#endif  // SERVICES_WIRE_JSON_READER_H_
