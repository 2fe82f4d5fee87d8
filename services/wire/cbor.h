// The fence around libcbor: one data item read whole within bounds, and the
// heads that COSE and vouchers are written with (RFC 8949). Used inside this
// room only.
#ifndef SERVICES_WIRE_CBOR_H_
#define SERVICES_WIRE_CBOR_H_

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace masa::wire {

struct CborItem {
  enum class Kind {
    kUnsigned = 1,
    kNegative,  // -1 - number
    kOctets,
    kText,
    kArray,
    kMap,  // items are keys and values by turns
    kTag,  // number, and the one item below it
    kBoolean,
    kOther,  // null, undefined, floats: nothing that is read here
  };
  Kind kind = Kind::kOther;
  uint64_t number = 0;
  std::string octets;  // of octets and text
  std::vector<CborItem> items;

  bool Is(Kind wanted) const { return kind == wanted; }

  // The value under an integer key of a map; none when absent or no map.
  const CborItem* Under(int64_t key) const;
};

// Exactly one data item. kMalformed for anything else, for more than 12 levels
// or 1,024 items, for strings in chunks, for text that is not UTF-8, and for
// map keys that are no integer, text or tagged integer, or stand twice.
absl::StatusOr<CborItem> ReadCbor(absl::string_view octets);

// Append heads and strings in their shortest form (RFC 8949 section 4.2).
void AppendCborInteger(int64_t value, std::string* out);
void AppendCborOctets(absl::string_view octets, std::string* out);
void AppendCborText(absl::string_view text, std::string* out);
void AppendCborArrayHead(size_t items, std::string* out);
void AppendCborMapHead(size_t pairs, std::string* out);
void AppendCborTag(uint64_t tag, std::string* out);
void AppendCborTrue(std::string* out);

}  // namespace masa::wire

#endif  // SERVICES_WIRE_CBOR_H_
