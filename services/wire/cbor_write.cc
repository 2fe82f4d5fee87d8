#include <cbor.h>

#include "services/wire/cbor.h"

namespace masa::wire {
namespace {

constexpr size_t kMaxHead = 9;

// Appends what one of the library's head writers makes.
template <typename Write>
void AppendHead(Write write, std::string* out) {
  unsigned char head[kMaxHead];
  const size_t octets = write(head, sizeof(head));
  out->append(reinterpret_cast<const char*>(head), octets);
}

void Append(absl::string_view octets, std::string* out) {
  out->append(octets.data(), octets.size());
}

}  // namespace

void AppendCborInteger(int64_t value, std::string* out) {
  AppendHead(
      [value](unsigned char* at, size_t size) {
        return value < 0
                   ? cbor_encode_negint(static_cast<uint64_t>(-1 - value), at,
                                        size)
                   : cbor_encode_uint(static_cast<uint64_t>(value), at, size);
      },
      out);
}

void AppendCborOctets(absl::string_view octets, std::string* out) {
  AppendHead(
      [&](unsigned char* at, size_t size) {
        return cbor_encode_bytestring_start(octets.size(), at, size);
      },
      out);
  Append(octets, out);
}

void AppendCborText(absl::string_view text, std::string* out) {
  AppendHead(
      [&](unsigned char* at, size_t size) {
        return cbor_encode_string_start(text.size(), at, size);
      },
      out);
  Append(text, out);
}

void AppendCborArrayHead(size_t items, std::string* out) {
  AppendHead(
      [items](unsigned char* at, size_t size) {
        return cbor_encode_array_start(items, at, size);
      },
      out);
}

void AppendCborMapHead(size_t pairs, std::string* out) {
  AppendHead(
      [pairs](unsigned char* at, size_t size) {
        return cbor_encode_map_start(pairs, at, size);
      },
      out);
}

void AppendCborTag(uint64_t tag, std::string* out) {
  AppendHead([tag](unsigned char* at,
                   size_t size) { return cbor_encode_tag(tag, at, size); },
             out);
}

void AppendCborTrue(std::string* out) {
  AppendHead([](unsigned char* at,
                size_t size) { return cbor_encode_bool(true, at, size); },
             out);
}

}  // namespace masa::wire
