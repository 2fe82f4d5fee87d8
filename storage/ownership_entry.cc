#include "storage/ownership_entry.h"

#include "openssl/sha.h"

namespace masa::storage {
namespace {

constexpr char kForm = 1;

void AppendNumber(uint64_t value, int octets, std::string& out) {
  for (int i = octets - 1; i >= 0; --i) {
    out.push_back(static_cast<char>(value >> (8 * i)));
  }
}

void AppendText(const std::string& text, std::string& out) {
  AppendNumber(text.size(), 2, out);
  out += text;
}

}  // namespace

std::string NoHash() { return std::string(SHA256_DIGEST_LENGTH, '\0'); }

std::string EncodeEntry(const OwnershipEntry& entry) {
  std::string out(1, kForm);
  out += entry.device_id;
  AppendNumber(static_cast<uint32_t>(entry.number), 4, out);
  out += entry.prev_hash;
  AppendNumber(static_cast<uint8_t>(entry.kind), 1, out);
  AppendNumber(entry.opens_past ? 1 : 0, 1, out);
  AppendNumber(static_cast<uint64_t>(absl::ToUnixMicros(entry.at)), 8, out);
  AppendText(entry.from_organization_id, out);
  AppendText(entry.to_organization_id, out);
  return out;
}

std::string EntryHash(const OwnershipEntry& entry) {
  const std::string leaf = std::string(1, '\0') + EncodeEntry(entry);
  std::string digest(SHA256_DIGEST_LENGTH, '\0');
  SHA256(reinterpret_cast<const uint8_t*>(leaf.data()), leaf.size(),
         reinterpret_cast<uint8_t*>(digest.data()));
  return digest;
}

}  // namespace masa::storage
