// The fence around nlohmann's JSON, which keeps the last of two equal names and
// so is used by its events.
#include "services/wire/fuzz/json_reference.h"

#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <utility>

#include "services/status/macros.h"
#include "services/status/reason.h"

namespace masa::wire::reference {
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

absl::Status Malformed(absl::string_view what) {
  return Refuse(Reason::kMalformed, what);
}

// Sees names twice in one object, and too deep nesting; the library's own tree
// would keep the last of two.
class StrictShape : public nlohmann::json_sax<json> {
 public:
  bool null() override { return true; }
  bool boolean(bool) override { return true; }
  bool number_integer(number_integer_t) override { return true; }
  bool number_unsigned(number_unsigned_t) override { return true; }
  bool number_float(number_float_t, const string_t&) override { return true; }
  bool string(string_t&) override { return true; }
  bool binary(binary_t&) override { return false; }
  bool start_object(std::size_t) override { return Open(); }
  bool key(string_t& name) override {
    return names_.back().insert(name).second;
  }
  bool end_object() override { return Close(); }
  bool start_array(std::size_t) override { return Open(); }
  bool end_array() override { return Close(); }
  bool parse_error(std::size_t, const std::string&,
                   const nlohmann::detail::exception&) override {
    return false;
  }

 private:
  bool Open() {
    names_.emplace_back();
    return names_.size() <= kMaxDepth;
  }
  bool Close() {
    names_.pop_back();
    return true;
  }

  std::vector<std::set<std::string>> names_;
};

// An object, or kMalformed. Nothing below throws: types are asked first.
absl::StatusOr<json> ReadObject(absl::string_view text) {
  StrictShape shape;
  // The library takes a zero octet for the end.
  if (text.find('\0') != absl::string_view::npos ||
      !json::sax_parse(text.begin(), text.end(), &shape)) {
    return Malformed("not one JSON object without repeated names");
  }
  json read = json::parse(text.begin(), text.end(), nullptr, false);
  if (!read.is_object()) {
    return Malformed("not a JSON object");
  }
  return read;
}

// The string called `name`; nothing when absent or of another type.
std::optional<std::string> StringIn(const json& object, const char* name) {
  const auto found = object.find(name);
  if (found == object.end() || !found->is_string()) {
    return std::nullopt;
  }
  return found->get_ref<const std::string&>();
}

bool HasOther(const json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && !found->is_string();
}

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

absl::StatusOr<JwsEnvelope> ReadJwsEnvelope(absl::string_view text) {
  MASA_ASSIGN_OR_RETURN(const json read, ReadObject(text));
  const auto payload = StringIn(read, "payload");
  const auto signatures = read.find("signatures");
  if (!payload || signatures == read.end() || !signatures->is_array() ||
      signatures->empty() || read.contains("protected") ||
      read.contains("header") || read.contains("signature")) {
    return Malformed("not a JWS in general JSON serialization");
  }
  JwsEnvelope envelope;
  envelope.payload = *payload;
  for (const json& entry : *signatures) {
    const auto header = entry.is_object() ? StringIn(entry, "protected")
                                          : std::optional<std::string>();
    const auto signature = entry.is_object() ? StringIn(entry, "signature")
                                             : std::optional<std::string>();
    if (!header || !signature) {
      return Malformed("a signature lacks its protected header or its octets");
    }
    const json unprotected = entry.value("header", json::object());
    if (!unprotected.is_object()) {
      return Malformed("an unprotected header is no object");
    }
    JwsSignatureText& text = envelope.signatures.emplace_back();
    text = {*header, *signature, {}};
    for (const auto& member : unprotected.items()) {
      text.unprotected_names.push_back(member.key());
    }
  }
  return envelope;
}

absl::StatusOr<JwsHeader> ReadJwsHeader(absl::string_view text) {
  MASA_ASSIGN_OR_RETURN(const json read, ReadObject(text));
  JwsHeader header;
  for (const char* name : {"alg", "typ", "kid"}) {
    if (HasOther(read, name)) {
      return Malformed("alg, typ or kid of the protected header is no string");
    }
  }
  header.alg = StringIn(read, "alg");
  header.typ = StringIn(read, "typ");
  header.kid = StringIn(read, "kid");
  header.has_crit = read.contains("crit");
  const auto chain = read.find("x5c");
  if (chain == read.end()) {
    return header;
  }
  if (!chain->is_array()) {
    return Malformed("x5c is no array");
  }
  for (const json& certificate : *chain) {
    if (!certificate.is_string()) {
      return Malformed("an entry of x5c is no string");
    }
    header.x5c.push_back(certificate.get_ref<const std::string&>());
  }
  return header;
}

}  // namespace masa::wire::reference
