// The keys in an HSM, from the configuration.
#ifndef SERVICES_MASAD_PKCS11_PART_H_
#define SERVICES_MASAD_PKCS11_PART_H_

#include <memory>

#include "services/masad/files.h"
#include "services/masad/signer_part.h"
#include "services/telemetry/hsm_events.h"

namespace masa::masad {

// The labels of the configured tokens.
std::vector<std::string> TokenLabels(const Setup& setup);

// Says in the log what it found and what is missing. Succeeds although no token
// opens. `events` outlives the signer.
absl::StatusOr<Keys> BuildPkcs11Keys(const Setup& setup,
                                     telemetry::HsmEvents& events);

}  // namespace masa::masad

#endif  // SERVICES_MASAD_PKCS11_PART_H_
