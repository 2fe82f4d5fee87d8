// The leaves of a voucher or voucher-request before anyone asks what they
// mean, the same from JSON (RFC 7951) and from CBOR (RFC 9254). Used inside
// this room only.
#ifndef SERVICES_WIRE_LEAF_SET_H_
#define SERVICES_WIRE_LEAF_SET_H_

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "proto/masa/v1/policy.pb.h"

namespace masa::wire {

struct Leaf {
  enum class Kind { kText = 1, kOctets, kNumber, kBoolean, kTexts, kOther };
  Kind kind = Kind::kOther;
  std::string text;                // of text and octets
  uint64_t number = 0;             // 1 for true
  std::vector<std::string> texts;  // an array of nothing but text
};

struct LeafSet {
  std::string top_key;  // as YANG names it, whatever stood there
  std::map<std::string, Leaf, std::less<>> leaves;
};

// Each gives nothing when the leaf is absent, and kMalformed with its name when
// it is of another type.
using MaybeText = std::optional<std::string>;
absl::StatusOr<MaybeText> TextLeaf(const LeafSet& set, absl::string_view name);
// Base64 in JSON (RFC 7951 section 6.6), a byte string in CBOR; never empty.
absl::StatusOr<MaybeText> OctetsLeaf(const LeafSet& set,
                                     absl::string_view name);
// As it came in JSON; as base64 when it came as octets (PV-14).
absl::StatusOr<MaybeText> NonceLeaf(const LeafSet& set);
// One binary, or in JSON an array of them (PR-08); empty when absent.
absl::StatusOr<std::vector<std::string>> OctetsListLeaf(const LeafSet& set,
                                                        absl::string_view name);
// A name in JSON, an integer in CBOR (CO-13). A value of a later version says
// nothing here (RV-21): unspecified, as when absent.
absl::StatusOr<masa::v1::Assertion> AssertionLeaf(const LeafSet& set);

// Reads {"top_key":{...}}. kMalformed for anything that is not RFC 8259, for
// another shape, for duplicate keys at any depth (VL-09), and for more than 8
// levels.
absl::StatusOr<LeafSet> ReadJsonLeaves(absl::string_view json);

// Reads a map of one entry, SIDs and names mixed at will (VL-10). Entries with
// SIDs that are not known here are left out (RV-23). kMalformed as above.
absl::StatusOr<LeafSet> ReadCborLeaves(absl::string_view octets);

}  // namespace masa::wire

#endif  // SERVICES_WIRE_LEAF_SET_H_
