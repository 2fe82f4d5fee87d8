#include "services/wire/json_reader.h"

#include <nlohmann/json.hpp>
#include <set>
#include <utility>
#include <vector>

#include "services/status/reason.h"

namespace masa::wire {
namespace {

using nlohmann::json;

constexpr size_t kMaxDepth = 8;

// Receives the parser's events; returning false ends the parse.
class EnvelopeHandler : public nlohmann::json_sax<json> {
 public:
  explicit EnvelopeHandler(JsonEnvelope* envelope) : envelope_(envelope) {}

  bool null() override { return Value({}); }
  bool boolean(bool) override { return Value({}); }
  bool number_integer(number_integer_t) override { return Value({}); }
  bool number_unsigned(number_unsigned_t) override { return Value({}); }
  bool number_float(number_float_t, const string_t&) override {
    return Value({});
  }
  bool string(string_t& text) override { return Value({true, text}); }
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
      envelope_->top_key = name;
    } else if (keys_.size() == 2) {
      leaf_ = name;
    }
    return true;
  }
  bool end_object() override { return Close(); }
  bool start_array(std::size_t) override { return Value({}) && Open(); }
  bool end_array() override { return Close(); }
  bool parse_error(std::size_t, const std::string&,
                   const nlohmann::detail::exception&) override {
    return false;
  }

 private:
  // A value that is not one of the two objects of the shape.
  bool Value(JsonLeaf leaf) {
    if (keys_.size() < 2) {
      return false;
    }
    if (keys_.size() == 2) {
      envelope_->leaves[leaf_] = std::move(leaf);
    }
    return true;
  }
  bool Open() {
    keys_.emplace_back();
    return keys_.size() <= kMaxDepth;
  }
  bool Close() {
    keys_.pop_back();
    return true;
  }

  JsonEnvelope* envelope_;
  std::vector<std::set<std::string>> keys_;  // of each open object or array
  std::string leaf_;
};

}  // namespace

absl::StatusOr<JsonEnvelope> ReadJsonEnvelope(absl::string_view json_text) {
  JsonEnvelope envelope;
  EnvelopeHandler handler(&envelope);
  // The library takes a zero octet for the end and would not see what follows.
  if (json_text.find('\0') != absl::string_view::npos ||
      !json::sax_parse(json_text.begin(), json_text.end(), &handler) ||
      envelope.top_key.empty()) {
    return Refuse(Reason::kMalformed,
                  "the content is not one JSON object with one name");
  }
  return envelope;
}

}  // namespace masa::wire
