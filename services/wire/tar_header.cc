#include "services/wire/tar_header.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace masa::wire {
namespace {

// Where each field of a header begins (IEEE Std 1003.1, pax, ustar).
constexpr size_t kMode = 100;
constexpr size_t kUid = 108;
constexpr size_t kGid = 116;
constexpr size_t kSize = 124;
constexpr size_t kModified = 136;
constexpr size_t kChecksum = 148;
constexpr size_t kType = 156;
constexpr size_t kMagic = 257;
constexpr size_t kSizeDigits = 11;
constexpr size_t kChecksumOctets = 8;

void Put(std::string& header, size_t at, const std::string& value) {
  header.replace(at, value.size(), value);
}

// The sum of all octets, its own field taken as spaces.
std::string ChecksumOf(std::string header) {
  Put(header, kChecksum, std::string(kChecksumOctets, ' '));
  unsigned sum = 0;
  for (const unsigned char octet : header) {
    sum += octet;
  }
  return absl::StrFormat("%06o", sum) + std::string("\0 ", 2);
}

}  // namespace

std::string TarHeader(absl::string_view name, int64_t octets,
                      absl::Time modified) {
  std::string header(kTarBlock, '\0');
  Put(header, 0, std::string(name));
  Put(header, kMode, "0000600");
  Put(header, kUid, "0000000");
  Put(header, kGid, "0000000");
  Put(header, kSize, absl::StrFormat("%011o", octets));
  Put(header, kModified,
      absl::StrFormat("%011o",
                      std::max<int64_t>(0, absl::ToUnixSeconds(modified))));
  Put(header, kType, "0");
  Put(header, kMagic,
      std::string("ustar\0"
                  "00",
                  8));
  Put(header, kChecksum, ChecksumOf(header));
  return header;
}

int64_t TarPadding(int64_t octets) {
  return (kTarBlock - octets % kTarBlock) % kTarBlock;
}

int64_t TarSpan(int64_t octets) {
  return kTarBlock + octets + TarPadding(octets);
}

std::optional<TarEntry> ParseTarHeader(absl::string_view header) {
  const std::string octets(header);
  if (header.size() != kTarBlock || octets.compare(kMagic, 5, "ustar") != 0 ||
      octets[kType] != '0' ||
      octets.compare(kChecksum, kChecksumOctets, ChecksumOf(octets)) != 0) {
    return std::nullopt;
  }
  TarEntry entry;
  entry.name =
      octets.substr(0, std::min(octets.find('\0'), static_cast<size_t>(kMode)));
  for (size_t i = kSize; i < kSize + kSizeDigits; ++i) {
    if (octets[i] < '0' || octets[i] > '7') {
      return std::nullopt;
    }
    entry.octets = entry.octets * 8 + (octets[i] - '0');
  }
  return entry;
}

}  // namespace masa::wire
