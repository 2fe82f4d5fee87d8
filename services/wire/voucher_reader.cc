#include <array>
#include <cstring>
#include <utility>

#include "services/status/reason.h"
#include "services/wire/base64.h"
#include "services/wire/json_text.h"
#include "services/wire/nonce.h"
#include "services/wire/rfc3339.h"
#include "services/wire/voucher.h"
#include "services/wire/voucher_leaves.h"

namespace masa::wire {
namespace {

// A reader of the one shape that a voucher has, made small because it stands
// next to the key. Each Take reads past white space and what it names, or
// returns false.
class Reader {
 public:
  explicit Reader(absl::string_view text)
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
  // text has escapes.
  bool TakeString(absl::string_view* value, std::string* storage);

  bool AtEnd() {
    SkipSpace();
    return at_ == end_;
  }

 private:
  void SkipSpace() {
    while (at_ != end_ &&
           (*at_ == ' ' || *at_ == '\n' || *at_ == '\r' || *at_ == '\t')) {
      ++at_;
    }
  }
  void PassPlain();
  bool TakeEscape(std::string* out);
  bool TakeHex(unsigned* unit);

  const char* at_;
  const char* end_;
};

bool Reader::TakeHex(unsigned* unit) {
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
bool Reader::TakeEscape(std::string* out) {
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

void Reader::PassPlain() {
  while (end_ - at_ >= 8 && IsPlain(at_)) {
    at_ += 8;
  }
}

bool Reader::TakeString(absl::string_view* value, std::string* storage) {
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

bool SetTime(absl::string_view text, absl::Time* time) {
  const auto parsed = ParseRfc3339(text);
  if (parsed) {
    *time = *parsed;
  }
  return parsed.has_value();
}

bool SetOctets(absl::string_view text, std::string* octets) {
  auto decoded = DecodeBase64(text);
  if (!decoded || decoded->empty()) {
    return false;
  }
  *octets = *std::move(decoded);
  return true;
}

bool SetAssertion(absl::string_view text, Voucher* voucher) {
  voucher->assertion = AssertionNamed(text);
  return voucher->assertion != masa::v1::ASSERTION_UNSPECIFIED;
}

bool SetCreated(absl::string_view text, Voucher* voucher) {
  return SetTime(text, &voucher->created_on);
}

bool SetExpires(absl::string_view text, Voucher* voucher) {
  return SetTime(text, &voucher->expires_on.emplace());
}

bool SetSerial(absl::string_view text, Voucher* voucher) {
  voucher->serial_number = std::string(text);
  return IsSerialNumber(text);
}

bool SetNonce(absl::string_view text, Voucher* voucher) {
  voucher->nonce.emplace(text);
  return IsNonce(text);
}

bool SetIssuer(absl::string_view text, Voucher* voucher) {
  std::string& issuer = voucher->idevid_issuer.emplace();
  return SetOctets(text, &issuer) && IsIssuer(issuer);
}

bool SetPin(absl::string_view text, Voucher* voucher) {
  return SetOctets(text, &voucher->pinned_domain_cert_der);
}

bool SetKnownPin(absl::string_view text, KnownBase64* known, Voucher* voucher) {
  if (known->Decode(text, &voucher->pinned_domain_cert_der)) {
    return true;
  }
  const bool set = SetPin(text, voucher);
  if (set) {
    known->Set(text, voucher->pinned_domain_cert_der);
  }
  return set;
}

bool SetKey(absl::string_view text, Voucher* voucher) {
  return SetOctets(text, &voucher->pinned_domain_pubk_der);
}

bool SetKeyHash(absl::string_view text, Voucher* voucher) {
  return SetOctets(text, &voucher->pinned_domain_pubk_sha256);
}

struct Leaf {
  absl::string_view name;
  bool (*set)(absl::string_view, Voucher*);  // none: a boolean
  bool required;
};

constexpr std::array<Leaf, 10> kLeaves = {{
    {"assertion", SetAssertion, true},
    {"created-on", SetCreated, true},
    {"expires-on", SetExpires, false},
    {"serial-number", SetSerial, true},
    {"idevid-issuer", SetIssuer, false},
    {"pinned-domain-cert", SetPin, false},
    {"pinned-domain-pubk", SetKey, false},
    {"pinned-domain-pubk-sha256", SetKeyHash, false},
    {"domain-cert-revocation-checks", nullptr, false},
    {"nonce", SetNonce, false},
}};

bool TakeBoolean(Reader* reader, bool* value) {
  *value = reader->TakeWord("true");
  return *value || reader->TakeWord("false");
}

// Takes one member of the voucher; `seen` has a bit for each leaf.
bool TakeLeaf(Reader* reader, unsigned* seen, std::string* storage,
              KnownBase64* known_pin, Voucher* voucher) {
  absl::string_view name, text;
  if (!reader->TakeString(&name, storage)) {
    return false;
  }
  size_t i = 0;
  while (i < kLeaves.size() && kLeaves[i].name != name) {
    ++i;
  }
  if (i == kLeaves.size() || (*seen & 1u << i) != 0 || !reader->Take(':')) {
    return false;
  }
  *seen |= 1u << i;
  if (kLeaves[i].set == nullptr) {
    return TakeBoolean(reader, &voucher->domain_cert_revocation_checks);
  }
  if (!reader->TakeString(&text, storage)) {
    return false;
  }
  return kLeaves[i].set == SetPin && known_pin != nullptr
             ? SetKnownPin(text, known_pin, voucher)
             : kLeaves[i].set(text, voucher);
}

bool TakeVoucher(Reader* reader, KnownBase64* known_pin, Voucher* voucher) {
  std::string storage;
  absl::string_view top;
  unsigned seen = 0;
  if (!reader->Take('{') || !reader->TakeString(&top, &storage) ||
      top != "ietf-voucher:voucher" || !reader->Take(':') ||
      !reader->Take('{')) {
    return false;
  }
  do {
    if (!TakeLeaf(reader, &seen, &storage, known_pin, voucher)) {
      return false;
    }
  } while (reader->Take(','));
  for (size_t i = 0; i < kLeaves.size(); ++i) {
    if (kLeaves[i].required && (seen & 1u << i) == 0) {
      return false;
    }
  }
  return PinsOnce(*voucher) && reader->Take('}') && reader->Take('}') &&
         reader->AtEnd();
}

}  // namespace

absl::StatusOr<Voucher> ParseVoucherJson(absl::string_view json,
                                         KnownBase64* known_pin) {
  absl::StatusOr<Voucher> voucher{Voucher()};
  Reader reader(json);
  if (json.size() > kMaxVoucherOctets ||
      !TakeVoucher(&reader, known_pin, &*voucher)) {
    return Refuse(Reason::kMalformed, "this is not a voucher in JSON");
  }
  return voucher;
}

}  // namespace masa::wire
