// Where clients put a bearer token in a call's metadata. Pure.
#ifndef SERVICES_RPC_BEARER_H_
#define SERVICES_RPC_BEARER_H_

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace masa::rpc {

// The tokens in one metadata entry: `authorization: Bearer TOKEN`, the same
// without a scheme, `cookie: access_token=TOKEN`. None for another scheme and
// for other cookies.
std::vector<std::string> TokensIn(absl::string_view key,
                                  absl::string_view value);

}  // namespace masa::rpc

#endif  // SERVICES_RPC_BEARER_H_
