// How commands write what many of them print. Pure; thread-safe.
#ifndef SERVICES_MASACTL_PHRASES_H_
#define SERVICES_MASACTL_PHRASES_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "google/protobuf/timestamp.pb.h"

namespace masa::masactl {

// `1 voucher is` or `2 vouchers are`: the count, and the words for one of them
// or for none and several.
std::string Counted(int64_t count, absl::string_view one,
                    absl::string_view many);

// RFC 3339 in UTC, whole seconds: 2026-11-27T11:19:05Z.
std::string TimeText(const google::protobuf::Timestamp& time);

// A sentence of the service, which names fields of its requests, with the
// option that fills the field behind it. Unchanged where it names none.
std::string WithOptions(const std::string& sentence);

}  // namespace masa::masactl

#endif  // SERVICES_MASACTL_PHRASES_H_
