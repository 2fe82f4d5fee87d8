#include <utility>

#include "services/status/macros.h"
#include "services/status/reason.h"
#include "services/wire/cbor.h"
#include "services/wire/drafts.h"
#include "services/wire/leaf_set.h"

namespace masa::wire {
namespace {

using Kind = CborItem::Kind;

constexpr uint64_t kSidTag = 47;  // RFC 9254 section 3.2: an absolute SID

absl::Status Malformed(absl::string_view what) {
  return Refuse(Reason::kMalformed, what);
}

bool IsSid(const CborItem& key) {
  return key.Is(Kind::kTag) && key.number == kSidTag &&
         key.items.front().Is(Kind::kUnsigned);
}

absl::StatusOr<std::string> TopKeyOf(const CborItem& key) {
  if (key.Is(Kind::kText)) {
    return key.octets;
  }
  const Drafts& drafts = CurrentDrafts();
  const uint64_t sid = IsSid(key)                ? key.items.front().number
                       : key.Is(Kind::kUnsigned) ? key.number
                                                 : 0;
  if (sid == drafts.voucher_sid) {
    return std::string(drafts.voucher_key);
  }
  if (sid == drafts.request_sid) {
    return std::string(drafts.request_key);
  }
  return Malformed("the content is neither a voucher nor a voucher-request");
}

// The leaf that an inner key names; empty when it is not known.
std::string LeafOf(const CborItem& key, bool is_voucher) {
  if (key.Is(Kind::kText)) {
    return key.octets;
  }
  const Drafts& drafts = CurrentDrafts();
  const uint64_t parent = is_voucher ? drafts.voucher_sid : drafts.request_sid;
  uint64_t delta = 0;
  if (key.Is(Kind::kUnsigned)) {
    delta = key.number;
  } else if (IsSid(key) && key.items.front().number > parent) {
    delta = key.items.front().number - parent;
  }
  for (const LeafSid& leaf : drafts.leaves) {
    const int known = is_voucher ? leaf.voucher : leaf.request;
    if (delta != 0 && static_cast<uint64_t>(known) == delta) {
      return std::string(leaf.name);
    }
  }
  return "";
}

Leaf LeafFrom(const CborItem& value) {
  Leaf leaf;
  switch (value.kind) {
    case Kind::kText:
      leaf.kind = Leaf::Kind::kText;
      leaf.text = value.octets;
      break;
    case Kind::kOctets:
      leaf.kind = Leaf::Kind::kOctets;
      leaf.text = value.octets;
      break;
    case Kind::kUnsigned:
      leaf.kind = Leaf::Kind::kNumber;
      leaf.number = value.number;
      break;
    case Kind::kBoolean:
      leaf.kind = Leaf::Kind::kBoolean;
      leaf.number = value.number;
      break;
    default:
      break;
  }
  return leaf;
}

}  // namespace

absl::StatusOr<LeafSet> ReadCborLeaves(absl::string_view octets) {
  MASA_ASSIGN_OR_RETURN(const CborItem item, ReadCbor(octets));
  if (!item.Is(Kind::kMap) || item.items.size() != 2 ||
      !item.items[1].Is(Kind::kMap)) {
    return Malformed("the content is not one CBOR map under one key");
  }
  LeafSet set;
  MASA_ASSIGN_OR_RETURN(set.top_key, TopKeyOf(item.items[0]));
  const bool is_voucher = set.top_key == CurrentDrafts().voucher_key;
  const std::vector<CborItem>& inner = item.items[1].items;
  for (size_t i = 0; i < inner.size(); i += 2) {
    const std::string name = LeafOf(inner[i], is_voucher);
    if (!name.empty() &&
        !set.leaves.emplace(name, LeafFrom(inner[i + 1])).second) {
      return Malformed(name + " stands twice");
    }
  }
  return set;
}

}  // namespace masa::wire
