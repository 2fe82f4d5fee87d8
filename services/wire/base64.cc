#include "services/wire/base64.h"

#include <array>
#include <cstdint>
#include <cstring>

namespace masa::wire {
namespace {

constexpr char kAlphabet[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr uint32_t kNotAlphabet = 0x80000000;

using Table = std::array<uint32_t, 256>;

constexpr Table MakeTable(bool both_alphabets) {
  Table table{};
  for (uint32_t& entry : table) {
    entry = kNotAlphabet;
  }
  for (uint32_t i = 0; i < 64; ++i) {
    table[static_cast<uint8_t>(kAlphabet[i])] = i;
  }
  if (both_alphabets) {
    table['-'] = 62;
    table['_'] = 63;
  }
  return table;
}

constexpr Table kStandard = MakeTable(false);
constexpr Table kEither = MakeTable(true);

// Decodes `text`, which carries no padding.
std::optional<std::string> Decode(absl::string_view text, const Table& table) {
  const size_t rest = text.size() % 4;
  if (rest == 1) {
    return std::nullopt;
  }
  const size_t whole = text.size() / 4;
  std::string out(whole * 3 + (rest == 0 ? 0 : rest - 1), '\0');
  const uint8_t* in = reinterpret_cast<const uint8_t*>(text.data());
  char* to = out.data();
  uint32_t bad = 0;
  for (size_t i = 0; i < whole; ++i, in += 4, to += 3) {
    const uint32_t word = table[in[0]] << 18 | table[in[1]] << 12 |
                          table[in[2]] << 6 | table[in[3]];
    bad |= table[in[0]] | table[in[1]] | table[in[2]] | table[in[3]];
    to[0] = static_cast<char>(word >> 16);
    to[1] = static_cast<char>(word >> 8);
    to[2] = static_cast<char>(word);
  }
  if (rest != 0) {
    uint32_t word = 0;
    for (size_t i = 0; i < rest; ++i) {
      bad |= table[in[i]];
      word = word << 6 | (table[in[i]] & 63);
    }
    // Bits past the last octet are zero, so that a value has one spelling.
    const uint32_t stray = rest == 2 ? word & 15 : word & 3;
    if (stray != 0) {
      return std::nullopt;
    }
    word >>= rest == 2 ? 4 : 2;
    if (rest == 3) {
      *to++ = static_cast<char>(word >> 8);
    }
    *to = static_cast<char>(word);
  }
  if ((bad & kNotAlphabet) != 0) {
    return std::nullopt;
  }
  return out;
}

// The two characters that stand for twelve bits.
using Pairs = std::array<std::array<char, 2>, 4096>;

constexpr Pairs MakePairs(char c62, char c63) {
  const auto character = [=](size_t bits) {
    return bits == 62 ? c62 : bits == 63 ? c63 : kAlphabet[bits];
  };
  Pairs pairs{};
  for (size_t i = 0; i < pairs.size(); ++i) {
    pairs[i] = {character(i >> 6), character(i & 63)};
  }
  return pairs;
}

constexpr Pairs kStandardPairs = MakePairs('+', '/');
constexpr Pairs kUrlPairs = MakePairs('-', '_');

// Appends the form without padding.
void Encode(absl::string_view octets, const Pairs& pairs, std::string* out) {
  const size_t start = out->size();
  out->resize(start + Base64UrlSize(octets.size()));
  char* to = out->data() + start;
  const uint8_t* in = reinterpret_cast<const uint8_t*>(octets.data());
  size_t left = octets.size();
  for (; left >= 3; left -= 3, in += 3, to += 4) {
    const uint32_t word = in[0] << 16 | in[1] << 8 | in[2];
    memcpy(to, pairs[word >> 12].data(), 2);
    memcpy(to + 2, pairs[word & 4095].data(), 2);
  }
  if (left != 0) {
    const uint32_t word = in[0] << 16 | (left == 2 ? in[1] << 8 : 0);
    memcpy(to, pairs[word >> 12].data(), 2);
    memcpy(to + 2, pairs[word & 4095].data(), left - 1);
  }
}

// Takes one or two trailing '=' from `text`.
absl::string_view WithoutPadding(absl::string_view text) {
  for (int i = 0; i < 2 && !text.empty() && text.back() == '='; ++i) {
    text.remove_suffix(1);
  }
  return text;
}

}  // namespace

void AppendBase64(absl::string_view octets, std::string* out) {
  Encode(octets, kStandardPairs, out);
  out->append((3 - octets.size() % 3) % 3, '=');
}

void AppendBase64Url(absl::string_view octets, std::string* out) {
  Encode(octets, kUrlPairs, out);
}

std::optional<std::string> DecodeBase64(absl::string_view text) {
  if (text.size() % 4 != 0) {
    return std::nullopt;
  }
  return Decode(WithoutPadding(text), kStandard);
}

std::optional<std::string> DecodeBase64Leniently(absl::string_view text) {
  const absl::string_view bare = WithoutPadding(text);
  if (bare.size() != text.size() && text.size() % 4 != 0) {
    return std::nullopt;
  }
  return Decode(bare, kEither);
}

}  // namespace masa::wire
