// The outward part of a process: the HTTPS face, and the desk it calls when
// the authority runs apart.
#ifndef SERVICES_MASAD_EDGE_PART_H_
#define SERVICES_MASAD_EDGE_PART_H_

#include <memory>

#include "services/edge/https_edge.h"
#include "services/masad/files.h"

namespace masa::masad {

// An edge as `edge` configures it; `desk`, `executor` and `events` outlive it.
absl::StatusOr<std::unique_ptr<edge::HttpsEdge>> BuildEdge(
    const Setup& setup, issuance::RegistrarDesk& desk, Executor& executor,
    EdgeEvents& events);

// A desk that calls `edge.authority`.
absl::StatusOr<std::unique_ptr<issuance::RegistrarDesk>> BuildRemoteDesk(
    const Setup& setup);

}  // namespace masa::masad

#endif  // SERVICES_MASAD_EDGE_PART_H_
