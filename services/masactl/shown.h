// Texts that others chose, on a person's terminal. Pure; thread-safe.
#ifndef SERVICES_MASACTL_SHOWN_H_
#define SERVICES_MASACTL_SHOWN_H_

#include <string>

#include "absl/strings/string_view.h"

namespace masa::masactl {

// `text` on one line that moves no cursor: control characters, those that turn
// the direction of what follows, and what is no UTF-8 stand as \xNN.
std::string Shown(absl::string_view text);

}  // namespace masa::masactl

#endif  // SERVICES_MASACTL_SHOWN_H_
