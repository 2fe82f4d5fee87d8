// What lists of masa.v1 have in common: how long a page is, and tokens that say
// where the next one begins and belong to one list only (AIP-158). Pure.
#ifndef SERVICES_AUTHORITY_PAGES_H_
#define SERVICES_AUTHORITY_PAGES_H_

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace masa::authority {

// 100 for zero, at most 1000. kInvalidArgument for less than zero.
absl::StatusOr<int> PageSizeOf(int32_t page_size);

// `list` says which list it is, with all that was asked of it.
std::string PageTokenOf(absl::string_view list, absl::string_view last);

// The last item of the page before; empty for the first page.
// kPageTokenInvalid for a token of another list.
absl::StatusOr<std::string> LastOf(absl::string_view list,
                                   const std::string& page_token);

// 32 octets that stand for a request, whatever its request_id.
std::string DigestOf(absl::string_view method, const std::string& request);

}  // namespace masa::authority

#endif  // SERVICES_AUTHORITY_PAGES_H_
