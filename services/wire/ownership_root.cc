#include "services/wire/ownership_root.h"

#include "absl/strings/strip.h"
#include "services/status/reason.h"

namespace masa::wire {
namespace {

constexpr char kTitle[] = "MASA ownership root v1";  // with its zero octet
constexpr size_t kIdOctets = 16;
constexpr size_t kHashOctets = 32;

void AppendNumber(uint32_t value, int octets, std::string& out) {
  for (int i = octets - 1; i >= 0; --i) {
    out.push_back(static_cast<char>(value >> (8 * i)));
  }
}

uint32_t NumberOf(absl::string_view octets) {
  uint32_t value = 0;
  for (const char octet : octets) {
    value = value << 8 | static_cast<uint8_t>(octet);
  }
  return value;
}

// Takes `count` octets from the front; empty when there are fewer.
absl::string_view Take(size_t count, absl::string_view& octets) {
  if (count > octets.size()) {
    octets = {};
    return {};
  }
  const absl::string_view taken = octets.substr(0, count);
  octets.remove_prefix(count);
  return taken;
}

}  // namespace

std::string EncodeOwnershipRoot(const OwnershipRoot& root) {
  std::string out(kTitle, sizeof(kTitle));
  AppendNumber(static_cast<uint32_t>(root.tenant_id.size()), 2, out);
  out += root.tenant_id;
  out += root.batch_id;
  AppendNumber(root.size, 4, out);
  out += root.root;
  return out;
}

absl::StatusOr<OwnershipRoot> ParseOwnershipRoot(absl::string_view octets) {
  OwnershipRoot root;
  absl::string_view rest = octets;
  if (absl::ConsumePrefix(&rest, absl::string_view(kTitle, sizeof(kTitle)))) {
    root.tenant_id = std::string(Take(NumberOf(Take(2, rest)), rest));
    root.batch_id = std::string(Take(kIdOctets, rest));
    root.size = NumberOf(Take(4, rest));
    root.root = std::string(Take(kHashOctets, rest));
  }
  // What was not there, or is left over, is not written again.
  return !root.tenant_id.empty() && root.size > 0 &&
                 root.batch_id.size() == kIdOctets &&
                 root.root.size() == kHashOctets &&
                 EncodeOwnershipRoot(root) == octets
             ? absl::StatusOr<OwnershipRoot>(root)
             : Refuse(Reason::kMalformed, "the octets are no ownership root");
}

}  // namespace masa::wire
