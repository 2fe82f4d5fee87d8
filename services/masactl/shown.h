// Texts that others chose, on a person's terminal. Pure; thread-safe.
#ifndef SERVICES_MASACTL_SHOWN_H_
#define SERVICES_MASACTL_SHOWN_H_

#include <string>

#include "absl/strings/string_view.h"

namespace masa::masactl {

// Whether `text` is UTF-8 (RFC 3629): a call with another text cannot be made.
bool IsUtf8(absl::string_view text);

// `text` on one line that moves no cursor: control characters, those that turn
// the direction of what follows, and what is no UTF-8 stand as \xNN.
std::string Shown(absl::string_view text);

}  // namespace masa::masactl

#endif  // SERVICES_MASACTL_SHOWN_H_
