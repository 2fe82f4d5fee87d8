#include "services/authority/resume_token.h"

#include <cstdint>

#include "absl/strings/str_cat.h"
#include "services/authority/pages.h"
#include "services/status/field_faults.h"
#include "services/status/reason.h"

namespace masa::authority {
namespace {

using storage::FeedCursor;

constexpr size_t kLongestToken = 1000;
constexpr int kLongestShift = 63;

std::string ListOf(const identity::Principal& caller) {
  return absl::StrCat("masa.v1.OwnershipService.WatchOwnershipChanges:",
                      static_cast<int>(caller.role), ":",
                      caller.tenant_id.size(), ":", caller.tenant_id, ":",
                      caller.organization_id.size(), ":",
                      caller.organization_id, ":", caller.username);
}

// Seven bits in an octet, the lowest first; the last one has no eighth bit.
void AddNumber(int64_t value, std::string& octets) {
  auto rest = static_cast<uint64_t>(value);
  for (; rest >= 0x80; rest >>= 7) {
    octets.push_back(static_cast<char>(0x80 | (rest & 0x7f)));
  }
  octets.push_back(static_cast<char>(rest));
}

// The number at `at`, which moves behind it; none when there is none.
std::optional<int64_t> ReadNumber(const std::string& octets, size_t& at) {
  uint64_t value = 0;
  for (int shift = 0; at < octets.size() && shift < kLongestShift; shift += 7) {
    const auto octet = static_cast<uint8_t>(octets[at++]);
    value |= static_cast<uint64_t>(octet & 0x7f) << shift;
    if ((octet & 0x80) == 0) {
      return static_cast<int64_t>(value);
    }
  }
  return std::nullopt;
}

std::optional<FeedCursor> Decode(const std::string& octets) {
  FeedCursor place = {};
  size_t at = 0;
  for (int64_t& position : place) {
    const std::optional<int64_t> number = ReadNumber(octets, at);
    if (!number) {
      return std::nullopt;
    }
    position = *number;
  }
  return at == octets.size() ? std::optional<FeedCursor>(place) : std::nullopt;
}

}  // namespace

std::string ResumeTokenOf(const identity::Principal& caller,
                          const FeedCursor& place) {
  std::string octets;
  for (const int64_t position : place) {
    AddNumber(position, octets);
  }
  return PageTokenOf(ListOf(caller), octets);
}

absl::StatusOr<std::optional<FeedCursor>> PlaceOfToken(
    const identity::Principal& caller, const std::string& resume_token) {
  if (resume_token.empty()) {
    return std::nullopt;
  }
  if (resume_token.size() <= kLongestToken) {
    const auto octets = LastOf(ListOf(caller), resume_token);
    const auto place = octets.ok() ? Decode(*octets) : std::nullopt;
    if (place) {
      return place;
    }
  }
  return RefuseFields(
      Reason::kPageTokenInvalid,
      {{"resume_token", "is not one of a watch of this caller's"}});
}

}  // namespace masa::authority
