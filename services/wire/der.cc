#include "services/wire/der.h"

namespace masa::wire {

size_t HeaderSize(size_t length) {
  size_t size = 2;
  if (length >= 0x80) {
    for (; length != 0; length >>= 8) {
      ++size;
    }
  }
  return size;
}

void AppendHeader(uint8_t tag, size_t length, std::string* out) {
  out->push_back(static_cast<char>(tag));
  if (length < 0x80) {
    out->push_back(static_cast<char>(length));
    return;
  }
  const int octets = static_cast<int>(HeaderSize(length)) - 2;
  out->push_back(static_cast<char>(0x80 | octets));
  for (int i = octets - 1; i >= 0; --i) {
    out->push_back(static_cast<char>(length >> (8 * i)));
  }
}

void AppendElement(uint8_t tag, absl::string_view contents, std::string* out) {
  AppendHeader(tag, contents.size(), out);
  out->append(contents.data(), contents.size());
}

std::string Element(uint8_t tag, absl::string_view contents) {
  std::string out;
  out.reserve(ElementSize(contents.size()));
  AppendElement(tag, contents, &out);
  return out;
}

}  // namespace masa::wire
