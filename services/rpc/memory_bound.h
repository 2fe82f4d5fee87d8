// How much memory listeners may take for what callers send, so that a crowd is
// held back before the kernel ends the process. Thread-safe.
#ifndef SERVICES_RPC_MEMORY_BOUND_H_
#define SERVICES_RPC_MEMORY_BOUND_H_

#include <cstddef>
#include <string>

namespace masa::rpc {

// Where the kernel says what the process's container may have (cgroup v2).
inline constexpr char kContainerMemoryFile[] = "/sys/fs/cgroup/memory.max";

// A quarter of what the file allows, for one listener of at most two; 0 where
// it names no limit, or is not there.
size_t ListenerMemory(const std::string& file = kContainerMemoryFile);

}  // namespace masa::rpc

#endif  // SERVICES_RPC_MEMORY_BOUND_H_
