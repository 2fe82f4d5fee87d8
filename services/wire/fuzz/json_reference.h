// The JSON that this room reads, read by a library: what its own reader is held
// against. Slow, and for tests and fuzzers alone.
#ifndef SERVICES_WIRE_FUZZ_JSON_REFERENCE_H_
#define SERVICES_WIRE_FUZZ_JSON_REFERENCE_H_

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "services/wire/jws_json.h"
#include "services/wire/leaf_set.h"

namespace masa::wire::reference {

// Each as the function of its name in masa::wire.
absl::StatusOr<LeafSet> ReadJsonLeaves(absl::string_view json);
absl::StatusOr<JwsEnvelope> ReadJwsEnvelope(absl::string_view json);
absl::StatusOr<JwsHeader> ReadJwsHeader(absl::string_view json);

}  // namespace masa::wire::reference

#endif  // SERVICES_WIRE_FUZZ_JSON_REFERENCE_H_
