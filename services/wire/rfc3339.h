// Times on the wire: the date-and-time of RFC 3339 (YANG, JSON) and the two
// ASN.1 times of RFC 5280 section 4.1.2.5. Used inside this room only.
#ifndef SERVICES_WIRE_RFC3339_H_
#define SERVICES_WIRE_RFC3339_H_

#include <optional>
#include <string>

#include "absl/strings/string_view.h"
#include "absl/time/time.h"

namespace masa::wire {

// Reads 2021-04-13T17:43:23.747-04:00; nothing for any other form (RV-19).
std::optional<absl::Time> ParseRfc3339(absl::string_view text);

// Appends `time` in UTC with whole seconds, of years 0 to 9999.
void AppendRfc3339(absl::Time time, std::string* out);

// Reads the contents of a UTCTime or GeneralizedTime, DER: in UTC, with
// seconds, without fractions. 99991231235959Z is InfiniteFuture.
std::optional<absl::Time> ParseAsn1Time(absl::string_view text,
                                        bool generalized);

// Appends a UTCTime up to 2049 and a GeneralizedTime after, with its header
// (RFC 5652 section 11.3).
void AppendAsn1Time(absl::Time time, std::string* out);

}  // namespace masa::wire

#endif  // SERVICES_WIRE_RFC3339_H_
