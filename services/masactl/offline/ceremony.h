// A ceremony: an offline root and the certificates that it gives, from a file
// that says it all, with a record that the root signs. No server is asked.
#ifndef SERVICES_MASACTL_OFFLINE_CEREMONY_H_
#define SERVICES_MASACTL_OFFLINE_CEREMONY_H_

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "proto/masa/v1/ceremony.pb.h"

namespace masa::masactl {

// Names of what stands beside the certificates.
inline constexpr char kRecordFile[] = "ceremony.json";
inline constexpr char kRecordSignatureFile[] = "ceremony.json.sig";

struct CeremonyOrder {
  std::string plan_file;   // YAML
  std::string folder;      // of the outputs; it is there
  std::string passphrase;  // of the keys that are made or found there
  std::string held_at;     // instead of the plan's
};

// A key that is in the folder is used, and then the same certificates come of
// it, where the algorithm has one signature for one text (RSA, Ed25519); other
// keys are made. Replaces no file: InvalidArgument when one is there, and for a
// plan that cannot be, saying what is wrong and with which certificate. The
// record, as it was written.
absl::StatusOr<masa::v1::CeremonyRecord> HoldCeremony(
    const CeremonyOrder& order);

// What does not hold in a folder, a sentence each; empty when all does:
// - the record is signed by the root in the folder, and names this plan;
// - each file is the one that was recorded; keys may have been taken away;
// - each certificate follows from the plan, and the root signed it.
// `root_sha256` in hexadecimal digits, when not empty, is the root that is
// expected: the folder itself says only that it is one whole.
std::vector<std::string> CheckCeremony(const std::string& plan_file,
                                       const std::string& folder,
                                       const std::string& root_sha256);

}  // namespace masa::masactl

#endif  // SERVICES_MASACTL_OFFLINE_CEREMONY_H_
