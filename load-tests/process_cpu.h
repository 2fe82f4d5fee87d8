// CPU time of other processes, from the operating system's accounting.
#ifndef LOAD_TESTS_PROCESS_CPU_H_
#define LOAD_TESTS_PROCESS_CPU_H_

namespace masa {

// User and system time of all threads, seconds; 0 when there is no such
// process.
double CpuSecondsOf(int pid);

// The same with the children that run and those that have ended.
double CpuSecondsWithChildren(int pid);

}  // namespace masa

#endif  // LOAD_TESTS_PROCESS_CPU_H_
