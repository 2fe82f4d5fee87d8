#include "services/wire/base64.h"

#include <array>
#include <cstdint>
#include <cstring>

namespace masa::wire {
namespace {

constexpr char kAlphabet[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr uint32_t kNotAlphabet = 0x80000000;

enum class Alphabet { kStandard = 1, kUrl, kEither };

// Of each character the bits that it stands for, in the place that they have
// when it is the first, second, third or last of four.
using Table = std::array<std::array<uint32_t, 256>, 4>;

constexpr Table MakeTable(Alphabet alphabet) {
  Table table{};
  for (size_t place = 0; place < 4; ++place) {
    const size_t shift = 18 - 6 * place;
    for (uint32_t& entry : table[place]) {
      entry = kNotAlphabet;
    }
    for (uint32_t i = 0; i < 62; ++i) {
      table[place][static_cast<uint8_t>(kAlphabet[i])] = i << shift;
    }
    if (alphabet != Alphabet::kUrl) {
      table[place]['+'] = 62u << shift;
      table[place]['/'] = 63u << shift;
    }
    if (alphabet != Alphabet::kStandard) {
      table[place]['-'] = 62u << shift;
      table[place]['_'] = 63u << shift;
    }
  }
  return table;
}

constexpr Table kStandard = MakeTable(Alphabet::kStandard);
constexpr Table kUrl = MakeTable(Alphabet::kUrl);
constexpr Table kEither = MakeTable(Alphabet::kEither);

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
    const uint32_t word =
        table[0][in[0]] | table[1][in[1]] | table[2][in[2]] | table[3][in[3]];
    bad |= word;
    to[0] = static_cast<char>(word >> 16);
    to[1] = static_cast<char>(word >> 8);
    to[2] = static_cast<char>(word);
  }
  if (rest != 0) {
    uint32_t word = table[0][in[0]] | table[1][in[1]];
    word |= rest == 3 ? table[2][in[2]] : 0;
    bad |= word;
    // Bits past the last octet are zero, so that a value has one spelling.
    const uint32_t stray = rest == 2 ? word & 0xffff : word & 0xff;
    if (stray != 0) {
      return std::nullopt;
    }
    to[0] = static_cast<char>(word >> 16);
    if (rest == 3) {
      to[1] = static_cast<char>(word >> 8);
    }
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

std::optional<std::string> DecodeBase64Url(absl::string_view text) {
  return Decode(text, kUrl);
}

std::optional<std::string> DecodeBase64Leniently(absl::string_view text) {
  const absl::string_view bare = WithoutPadding(text);
  if (bare.size() != text.size() && text.size() % 4 != 0) {
    return std::nullopt;
  }
  return Decode(bare, kEither);
}

}  // namespace masa::wire
