// Which build runs: the digest of the program's own file.
#ifndef SERVICES_MASAD_PROGRAM_DIGEST_H_
#define SERVICES_MASAD_PROGRAM_DIGEST_H_

#include <string>

namespace masa::masad {

// SHA-256, 32 octets, of the file that this process runs, also when another has
// taken its place on disk since; empty when it cannot be read. Reads it whole,
// once; thread-safe.
const std::string& ProgramDigest();

}  // namespace masa::masad

#endif  // SERVICES_MASAD_PROGRAM_DIGEST_H_
