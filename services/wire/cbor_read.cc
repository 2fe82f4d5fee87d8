#include <cbor.h>

#include <set>
#include <utility>

#include "services/status/macros.h"
#include "services/status/reason.h"
#include "services/wire/cbor.h"
#include "services/wire/utf8.h"

namespace masa::wire {
namespace {

using Kind = CborItem::Kind;

constexpr int kMaxLevels = 12;
constexpr int kMaxItems = 1024;

absl::Status Malformed(absl::string_view what) {
  return Refuse(Reason::kMalformed, what);
}

// One head, with the contents of a string.
struct Token {
  CborItem item;
  bool refused = false;     // a string in chunks
  bool is_break = false;    // the end of an array or map of unknown length
  bool indefinite = false;  // such an array or map
};

Token* Of(void* context) { return static_cast<Token*>(context); }

void Set(void* context, Kind kind, uint64_t number) {
  Of(context)->item.kind = kind;
  Of(context)->item.number = number;
}

void SetString(void* context, Kind kind, cbor_data data, size_t length) {
  Set(context, kind, length);
  Of(context)->item.octets.assign(reinterpret_cast<const char*>(data), length);
}

void SetOpen(void* context, Kind kind) {
  Set(context, kind, 0);
  Of(context)->indefinite = true;
}

cbor_callbacks MakeCallbacks() {
  cbor_callbacks calls = cbor_empty_callbacks;
  calls.uint8 = [](void* c, uint8_t v) { Set(c, Kind::kUnsigned, v); };
  calls.uint16 = [](void* c, uint16_t v) { Set(c, Kind::kUnsigned, v); };
  calls.uint32 = [](void* c, uint32_t v) { Set(c, Kind::kUnsigned, v); };
  calls.uint64 = [](void* c, uint64_t v) { Set(c, Kind::kUnsigned, v); };
  calls.negint8 = [](void* c, uint8_t v) { Set(c, Kind::kNegative, v); };
  calls.negint16 = [](void* c, uint16_t v) { Set(c, Kind::kNegative, v); };
  calls.negint32 = [](void* c, uint32_t v) { Set(c, Kind::kNegative, v); };
  calls.negint64 = [](void* c, uint64_t v) { Set(c, Kind::kNegative, v); };
  calls.byte_string = [](void* c, cbor_data data, size_t length) {
    SetString(c, Kind::kOctets, data, length);
  };
  calls.string = [](void* c, cbor_data data, size_t length) {
    SetString(c, Kind::kText, data, length);
  };
  calls.byte_string_start = [](void* c) { Of(c)->refused = true; };
  calls.string_start = [](void* c) { Of(c)->refused = true; };
  calls.array_start = [](void* c, size_t n) { Set(c, Kind::kArray, n); };
  calls.map_start = [](void* c, size_t n) { Set(c, Kind::kMap, n); };
  calls.indef_array_start = [](void* c) { SetOpen(c, Kind::kArray); };
  calls.indef_map_start = [](void* c) { SetOpen(c, Kind::kMap); };
  calls.tag = [](void* c, uint64_t v) { Set(c, Kind::kTag, v); };
  calls.boolean = [](void* c, bool v) { Set(c, Kind::kBoolean, v ? 1 : 0); };
  calls.indef_break = [](void* c) { Of(c)->is_break = true; };
  return calls;
}

// What makes two keys the same; empty for keys that are not taken.
std::string NameOfKey(const CborItem& key) {
  if (key.Is(Kind::kUnsigned) || key.Is(Kind::kNegative)) {
    return (key.Is(Kind::kUnsigned) ? "+" : "-") + std::to_string(key.number);
  }
  if (key.Is(Kind::kText)) {
    return "t" + key.octets;
  }
  if (key.Is(Kind::kTag) && key.items.front().Is(Kind::kUnsigned)) {
    return "#" + std::to_string(key.number) + "+" +
           std::to_string(key.items.front().number);
  }
  return "";
}

class Decoder {
 public:
  explicit Decoder(absl::string_view octets) : rest_(octets) {}

  absl::StatusOr<CborItem> Item(int level) {
    MASA_ASSIGN_OR_RETURN(Token token, Next());
    if (token.is_break) {
      return Malformed("a break of CBOR stands where an item should");
    }
    return Whole(std::move(token), level);
  }

  bool AtEnd() const { return rest_.empty(); }

 private:
  absl::StatusOr<Token> Next() {
    static const cbor_callbacks& calls = *new cbor_callbacks(MakeCallbacks());
    Token token;
    if (++items_ > kMaxItems) {
      return Malformed("CBOR of more than 1,024 items");
    }
    // The packaged libcbor refuses tags 6 to 20 in their one-octet form, and
    // COSE_Sign1 is 18.
    constexpr uint8_t kMajorTag = 0xC0, kLastShort = 0xD7, kNumber = 0x1F;
    const uint8_t head = rest_.empty() ? 0 : static_cast<uint8_t>(rest_[0]);
    if (head >= kMajorTag && head <= kLastShort) {
      Set(&token, Kind::kTag, head & kNumber);
      rest_.remove_prefix(1);
      return token;
    }
    const cbor_decoder_result result =
        cbor_stream_decode(reinterpret_cast<cbor_data>(rest_.data()),
                           rest_.size(), &calls, &token);
    if (result.status != CBOR_DECODER_FINISHED || token.refused) {
      return Malformed("not CBOR of a size and shape that is read here");
    }
    rest_.remove_prefix(result.read);
    return token;
  }

  absl::StatusOr<CborItem> Whole(Token token, int level) {
    CborItem item = std::move(token.item);
    if (item.Is(Kind::kText) && !IsUtf8(item.octets)) {
      return Malformed("a text of CBOR is not UTF-8");
    }
    const bool nested =
        item.Is(Kind::kArray) || item.Is(Kind::kMap) || item.Is(Kind::kTag);
    if (!nested) {
      return item;
    }
    if (level == kMaxLevels) {
      return Malformed("CBOR of more than 12 levels");
    }
    MASA_RETURN_IF_ERROR(Below(token.indefinite, level, &item));
    if (item.Is(Kind::kMap)) {
      MASA_RETURN_IF_ERROR(CheckKeys(item));
    }
    return item;
  }

  absl::Status Below(bool indefinite, int level, CborItem* item) {
    // Every item takes an octet, so a length that lies ends soon; doubling
    // must not overflow first.
    const uint64_t count = item->number;
    if (!indefinite && !item->Is(Kind::kTag) && count > kMaxItems) {
      return Malformed("CBOR of more than 1,024 items");
    }
    const uint64_t wanted = item->Is(Kind::kTag)   ? 1
                            : item->Is(Kind::kMap) ? 2 * count
                                                   : count;
    while (indefinite || item->items.size() < wanted) {
      MASA_ASSIGN_OR_RETURN(Token token, Next());
      if (token.is_break) {
        return indefinite ? absl::OkStatus()
                          : Malformed("a break of CBOR where none belongs");
      }
      MASA_ASSIGN_OR_RETURN(CborItem below, Whole(std::move(token), level + 1));
      item->items.push_back(std::move(below));
    }
    return absl::OkStatus();
  }

  static absl::Status CheckKeys(const CborItem& map) {
    std::set<std::string> seen;
    if (map.items.size() % 2 != 0) {
      return Malformed("a map of CBOR ends with a key");
    }
    for (size_t i = 0; i < map.items.size(); i += 2) {
      const std::string name = NameOfKey(map.items[i]);
      if (name.empty() || !seen.insert(name).second) {
        return Malformed(
            "a key of a CBOR map is not read here or stands twice");
      }
    }
    return absl::OkStatus();
  }

  absl::string_view rest_;
  int items_ = 0;
};

}  // namespace

const CborItem* CborItem::Under(int64_t key) const {
  const Kind wanted = key < 0 ? Kind::kNegative : Kind::kUnsigned;
  const uint64_t magnitude =
      key < 0 ? static_cast<uint64_t>(-1 - key) : static_cast<uint64_t>(key);
  for (size_t i = 0; Is(Kind::kMap) && i < items.size(); i += 2) {
    if (items[i].Is(wanted) && items[i].number == magnitude) {
      return &items[i + 1];
    }
  }
  return nullptr;
}

absl::StatusOr<CborItem> ReadCbor(absl::string_view octets) {
  Decoder decoder(octets);
  MASA_ASSIGN_OR_RETURN(CborItem item, decoder.Item(0));
  if (!decoder.AtEnd()) {
    return Malformed("octets follow the CBOR");
  }
  return item;
}

}  // namespace masa::wire
