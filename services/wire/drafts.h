// The one place for what the drafts may still change: SIDs, media types, and
// names of top-level keys, by version (requirements sections 6 and 18a). Used
// inside this room only.
#ifndef SERVICES_WIRE_DRAFTS_H_
#define SERVICES_WIRE_DRAFTS_H_

#include <cstdint>
#include <vector>

#include "absl/strings/string_view.h"

namespace masa::wire {

// A leaf's SID less its parent's, in each module; 0 where it does not stand.
struct LeafSid {
  absl::string_view name;
  int voucher;
  int request;
};

struct Drafts {
  absl::string_view voucher_key;
  absl::string_view request_key;
  // Of examples in the drafts that peers were built on (VL-11).
  absl::string_view old_request_key;
  uint64_t voucher_sid;
  uint64_t request_sid;
  std::vector<LeafSid> leaves;
  absl::string_view cms_media_type;
  absl::string_view jws_media_type;
  absl::string_view cose_media_type;
  // What deployed peers send for COSE; answered in kind (EP-13).
  absl::string_view old_cose_media_type;
  // typ of a JWS's protected header (JW-04).
  absl::string_view jws_type;
};

// draft-ietf-anima-rfc8366bis-34 and later, jws-voucher-16,
// constrained-voucher-31. Another version is another such value.
const Drafts& CurrentDrafts();

}  // namespace masa::wire

#endif  // SERVICES_WIRE_DRAFTS_H_
