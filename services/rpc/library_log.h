// What the gRPC library and Protobuf have to say, which they write to standard
// error in forms of their own. For programs, before they use gRPC. Thread-safe.
#ifndef SERVICES_RPC_LIBRARY_LOG_H_
#define SERVICES_RPC_LIBRARY_LOG_H_

#include <cstdint>
#include <optional>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/strings/string_view.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace masa::rpc {

// Strangers cause such lines, so one a second is enough. Thread-safe.
class OncePerSecond {
 public:
  // None when a second has not passed since the last that was taken, else how
  // many were not taken meanwhile.
  std::optional<int64_t> Take(absl::Time now);

 private:
  absl::Mutex mutex_;
  absl::Time last_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
  int64_t left_out_ ABSL_GUARDED_BY(mutex_) = 0;
};

// `message` from line `line` of `file` as one text, addresses of others taken
// out.
std::string LibraryText(absl::string_view file, int line,
                        absl::string_view message);

// Nothing is written any more, unless the environment asks for it by
// GRPC_VERBOSITY.
void SilenceLibraryLog();

// The library's errors go to `say`, one a second at most, with how many were
// left out before; what is less than an error goes nowhere.
void SendLibraryLogTo(void (*say)(const std::string& text, int64_t left_out));

}  // namespace masa::rpc

#endif  // SERVICES_RPC_LIBRARY_LOG_H_
