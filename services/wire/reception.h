// What a peer sent, and what of an earlier draft's encoding was forgiven on
// the way. A rule decides afterwards whether it may be (requirements EP-04,
// EP-14, EP-16). Encodings only: what is signed is checked as ever. Pure.
#ifndef SERVICES_WIRE_RECEPTION_H_
#define SERVICES_WIRE_RECEPTION_H_

#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "proto/masa/v1/policy.pb.h"

namespace masa::wire {

struct Forgiven {
  bool path = false;        // under /.well-known/est, where drafts had it
  bool media_type = false;  // a name of an earlier draft
  bool base64 = false;      // the body was base64 of the artifact
  bool top_key = false;     // a request called ietf-voucher:voucher

  bool any() const { return path || media_type || base64 || top_key; }
};

struct Reception {
  masa::v1::Format format = masa::v1::FORMAT_UNSPECIFIED;
  std::string artifact;
  Forgiven forgiven;
};

// The artifact's octets and format. What is strictly right is read so whether
// or not to `forgive`. kMediaTypeUnknown for another type.
absl::StatusOr<Reception> Receive(absl::string_view content_type,
                                  absl::string_view body, bool forgive);

// What `reception` is answered in: the type that its peer knows, by its
// Content-Type and Accept, and base64 for base64.
std::string AnswerTypeFor(const Reception& reception,
                          absl::string_view content_type,
                          absl::string_view accept);
std::string AnswerBodyFor(const Reception& reception, std::string artifact);

}  // namespace masa::wire

#endif  // SERVICES_WIRE_RECEPTION_H_
