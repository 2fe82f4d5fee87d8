// UTF-8 (RFC 3629): no surrogates, no long forms. Pure; thread-safe.
#ifndef SERVICES_WIRE_UTF8_H_
#define SERVICES_WIRE_UTF8_H_

#include <cstddef>
#include <cstdint>

#include "absl/strings/string_view.h"

namespace masa::wire {

// How many octets the first character of `text` has, which is then in
// `code_point`; 0: what is there is none. `text` is not empty.
size_t TakeUtf8(absl::string_view text, uint32_t* code_point);

bool IsUtf8(absl::string_view text);

}  // namespace masa::wire

#endif  // SERVICES_WIRE_UTF8_H_
