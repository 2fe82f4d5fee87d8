#include "services/wire/agent_signed_data.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "services/status/macros.h"
#include "services/status/reason.h"
#include "services/wire/jws.h"
#include "services/wire/leaf_set.h"
#include "services/wire/rfc3339.h"

namespace masa::wire {
namespace {

constexpr absl::string_view kName = "agent-signed-data";

absl::Status Malformed(absl::string_view what) {
  return Refuse(Reason::kMalformed, what);
}

absl::StatusOr<LeafSet> ReadLeaves(const std::string& payload) {
  absl::StatusOr<LeafSet> wrapped = ReadJsonLeaves(payload);
  if (wrapped.ok() && absl::EndsWith(wrapped->top_key, kName)) {
    return wrapped;
  }
  return ReadJsonLeaves(absl::StrCat("{\"", kName, "\":", payload, "}"));
}

}  // namespace

absl::StatusOr<AgentSignedData> ParseAgentSignedData(absl::string_view jws) {
  MASA_ASSIGN_OR_RETURN(SignedArtifact artifact, ParseJws(jws));
  if (artifact.signers.size() != 1) {
    return Malformed("agent-signed-data has more than one signature");
  }
  MASA_ASSIGN_OR_RETURN(const LeafSet set, ReadLeaves(artifact.payload));
  AgentSignedData data;
  data.signer = std::move(artifact.signers.front());
  MASA_ASSIGN_OR_RETURN(const MaybeText serial, TextLeaf(set, "serial-number"));
  MASA_ASSIGN_OR_RETURN(const MaybeText created, TextLeaf(set, "created-on"));
  if (!serial || serial->empty()) {
    return Malformed("agent-signed-data names no serial-number");
  }
  data.serial_number = *serial;
  if (created) {
    data.created_on = ParseRfc3339(*created);
    if (!data.created_on) {
      return Malformed("created-on of agent-signed-data is no date-and-time");
    }
  }
  return data;
}

}  // namespace masa::wire
