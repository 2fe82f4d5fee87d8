// What a process that holds keys must never leave behind. Called at the head
// of main.
#ifndef SERVICES_EXECUTOR_NO_CORE_DUMPS_H_
#define SERVICES_EXECUTOR_NO_CORE_DUMPS_H_

namespace masa {

// This process, whatever becomes of it, writes no core dump; nor can others of
// the same user who are not privileged read its memory or look at its files
// under /proc. False when the system refuses that. Before any other thread
// starts.
[[nodiscard]] bool ForbidCoreDumps();

}  // namespace masa

#endif  // SERVICES_EXECUTOR_NO_CORE_DUMPS_H_
