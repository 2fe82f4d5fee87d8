// The fence around RapidJSON, which reads voucher data: long strings of base64,
// which it scans sixteen octets at a time (services/adr/0011).
#ifdef __SSE2__
#define RAPIDJSON_SSE2
#endif
#include <rapidjson/reader.h>

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "services/status/reason.h"
#include "services/wire/json_text.h"
#include "services/wire/leaf_set.h"

namespace masa::wire {
namespace {

constexpr size_t kMaxDepth = 8;

// Receives the parser's events; returning false ends the parse.
class EnvelopeHandler {
 public:
  explicit EnvelopeHandler(LeafSet* set) : set_(set) {}

  bool Null() { return Value({}); }
  bool Bool(bool value) {
    Leaf leaf;
    leaf.kind = Leaf::Kind::kBoolean;
    leaf.number = value ? 1 : 0;
    return Value(std::move(leaf));
  }
  bool Int(int) { return Value({}); }
  bool Uint(unsigned) { return Value({}); }
  bool Int64(int64_t) { return Value({}); }
  bool Uint64(uint64_t) { return Value({}); }
  bool Double(double) { return Value({}); }
  bool RawNumber(const char*, unsigned, bool) {
    return false;
  }  // not asked for
  bool String(const char* text, unsigned length, bool) {
    const absl::string_view octets(text, length);
    // The library lets a lone low surrogate through where it is escaped.
    if (!IsUtf8(octets)) {
      return false;
    }
    if (in_list_ && keys_.size() == 3) {
      set_->leaves[leaf_].texts.emplace_back(octets);
      return true;
    }
    Leaf leaf;
    leaf.kind = Leaf::Kind::kText;
    leaf.text = std::string(octets);
    return Value(std::move(leaf));
  }

  bool StartObject() {
    // The first two levels are the shape itself; below, all is one leaf.
    return (keys_.size() < 2 || Value({})) && Open();
  }
  bool Key(const char* text, unsigned length, bool) {
    const std::string name(text, length);
    if (!IsUtf8(name) || !keys_.back().insert(name).second ||
        (keys_.size() == 1 && keys_.back().size() > 1)) {
      return false;
    }
    if (keys_.size() == 1) {
      set_->top_key = name;
    } else if (keys_.size() == 2) {
      leaf_ = name;
    }
    return true;
  }
  bool EndObject(unsigned) { return Close(); }
  bool StartArray() {
    Leaf leaf;
    leaf.kind = Leaf::Kind::kTexts;
    if (!Value(std::move(leaf))) {
      return false;
    }
    in_list_ = keys_.size() == 2;
    return Open();
  }
  bool EndArray(unsigned) { return Close(); }

 private:
  // A value that is not one of the two objects of the shape.
  bool Value(Leaf leaf) {
    if (keys_.size() < 2) {
      return false;
    }
    if (in_list_ && keys_.size() == 3) {
      set_->leaves[leaf_].kind = Leaf::Kind::kOther;
    }
    if (keys_.size() == 2) {
      set_->leaves[leaf_] = std::move(leaf);
    }
    return true;
  }
  bool Open() {
    keys_.emplace_back();
    return keys_.size() <= kMaxDepth;
  }
  bool Close() {
    keys_.pop_back();
    in_list_ = in_list_ && keys_.size() > 2;
    return true;
  }

  LeafSet* set_;
  std::vector<std::set<std::string>> keys_;  // of each open object or array
  std::string leaf_;
  bool in_list_ = false;  // inside an array that is a leaf
};

}  // namespace

absl::StatusOr<LeafSet> ReadJsonLeaves(absl::string_view json_text) {
  LeafSet set;
  EnvelopeHandler handler(&set);
  // The library reads to a zero octet, sixteen octets at a time.
  constexpr size_t kStride = 16;
  std::string padded;
  padded.reserve(json_text.size() + kStride);
  padded.append(json_text.data(), json_text.size()).append(kStride, '\0');
  rapidjson::StringStream stream(padded.c_str());
  rapidjson::Reader reader;
  if (json_text.find('\0') != absl::string_view::npos ||
      reader.Parse(stream, handler).IsError() || set.top_key.empty()) {
    return Refuse(Reason::kMalformed,
                  "the content is not one JSON object with one name");
  }
  return set;
}

}  // namespace masa::wire
