// The fence around nlohmann's JSON for voucher data.
#include <nlohmann/json.hpp>
#include <set>
#include <utility>
#include <vector>

#include "services/status/reason.h"
#include "services/wire/leaf_set.h"

namespace masa::wire {
namespace {

using nlohmann::json;

constexpr size_t kMaxDepth = 8;

// Receives the parser's events; returning false ends the parse.
class EnvelopeHandler : public nlohmann::json_sax<json> {
 public:
  explicit EnvelopeHandler(LeafSet* set) : set_(set) {}

  bool null() override { return Value({}); }
  bool boolean(bool value) override {
    Leaf leaf;
    leaf.kind = Leaf::Kind::kBoolean;
    leaf.number = value ? 1 : 0;
    return Value(std::move(leaf));
  }
  bool number_integer(number_integer_t) override { return Value({}); }
  bool number_unsigned(number_unsigned_t) override { return Value({}); }
  bool number_float(number_float_t, const string_t&) override {
    return Value({});
  }
  bool string(string_t& text) override {
    if (in_list_ && keys_.size() == 3) {
      set_->leaves[leaf_].texts.push_back(text);
      return true;
    }
    Leaf leaf;
    leaf.kind = Leaf::Kind::kText;
    leaf.text = text;
    return Value(std::move(leaf));
  }
  bool binary(binary_t&) override { return false; }

  bool start_object(std::size_t) override {
    // The first two levels are the shape itself; below, all is one leaf.
    return (keys_.size() < 2 || Value({})) && Open();
  }
  bool key(string_t& name) override {
    if (!keys_.back().insert(name).second ||
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
  bool end_object() override { return Close(); }
  bool start_array(std::size_t) override {
    Leaf leaf;
    leaf.kind = Leaf::Kind::kTexts;
    if (!Value(std::move(leaf))) {
      return false;
    }
    in_list_ = keys_.size() == 2;
    return Open();
  }
  bool end_array() override { return Close(); }
  bool parse_error(std::size_t, const std::string&,
                   const nlohmann::detail::exception&) override {
    return false;
  }

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
  // The library takes a zero octet for the end and would not see what follows.
  if (json_text.find('\0') != absl::string_view::npos ||
      !json::sax_parse(json_text.begin(), json_text.end(), &handler) ||
      set.top_key.empty()) {
    return Refuse(Reason::kMalformed,
                  "the content is not one JSON object with one name");
  }
  return set;
}

}  // namespace masa::wire
