// How a busy process keeps its memory.
#ifndef SERVICES_EXECUTOR_PROCESS_MEMORY_H_
#define SERVICES_EXECUTOR_PROCESS_MEMORY_H_

namespace masa {

// Keeps up to 64 MiB of freed memory instead of giving it back to the system
// after each batch and taking it again, page fault by page fault. Called once,
// before threads start.
void KeepFreedMemory();

}  // namespace masa

#endif  // SERVICES_EXECUTOR_PROCESS_MEMORY_H_
