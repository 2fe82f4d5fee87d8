// Names of formats on the wire, and which one a request's headers ask for.
#ifndef SERVICES_WIRE_MEDIA_TYPE_H_
#define SERVICES_WIRE_MEDIA_TYPE_H_

#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "proto/masa/v1/policy.pb.h"

namespace masa::wire {

// application/voucher-cms+json and so on.
absl::string_view MediaTypeOf(masa::v1::Format format);

// The same, but of COSE's two names that which the peer understands (EP-13,
// AMB-07): the only one that its Accept names, or else the one that it used.
absl::string_view AnswerMediaType(masa::v1::Format format,
                                  absl::string_view content_type,
                                  absl::string_view accept);

// kMediaTypeUnknown, with those that are known.
absl::Status UnknownContentType();

// The format of a Content-Type, case-insensitively, parameters ignored
// (EP-19). kMediaTypeUnknown otherwise.
absl::StatusOr<masa::v1::Format> FormatOfContentType(
    absl::string_view content_type);

// Whether this names CMS as drafts before RFC 8995 did (EP-14).
bool IsFossilMediaType(absl::string_view content_type);

// The known formats of an Accept header, best first (EP-20); `request_format`
// alone when the header is empty or */* (EP-21). None when all that is known
// in it is refused there, by q=0; kMediaTypeUnknown when nothing in it is known
// (AMB-02). Names of earlier drafts are known when
// `forgive`.
absl::StatusOr<std::vector<masa::v1::Format>> FormatsOfAccept(
    absl::string_view accept, masa::v1::Format request_format,
    bool forgive = false);

// Whether a Content-Type's value is of `type`, whatever its parameters.
bool IsOfType(absl::string_view value, absl::string_view type);

}  // namespace masa::wire

#endif  // SERVICES_WIRE_MEDIA_TYPE_H_
