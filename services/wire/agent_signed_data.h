// What a registrar-agent signs for a pledge in responder mode (BRSKI-PRM
// section 7.1.1.1.2): which device it stands before, and when.
#ifndef SERVICES_WIRE_AGENT_SIGNED_DATA_H_
#define SERVICES_WIRE_AGENT_SIGNED_DATA_H_

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "services/wire/signed_artifact.h"

namespace masa::wire {

struct AgentSignedData {
  SignerInfo signer;  // its key_id names the agent's certificate (JW-12)
  std::string serial_number;
  std::optional<absl::Time> created_on;
};

// Reads the JWS. The leaves stand bare or below one name (AMB-24). kMalformed
// for other than one signature and for a missing serial-number, else as
// ParseJws. The signature itself is not checked.
absl::StatusOr<AgentSignedData> ParseAgentSignedData(absl::string_view jws);

}  // namespace masa::wire

#endif  // SERVICES_WIRE_AGENT_SIGNED_DATA_H_
