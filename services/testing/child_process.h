// A child process for tests that start, kill and restart real programs. Not
// thread-safe.
#ifndef SERVICES_TESTING_CHILD_PROCESS_H_
#define SERVICES_TESTING_CHILD_PROCESS_H_

#include <sys/types.h>

#include <string>
#include <vector>

namespace masa::testing {

class ChildProcess {
 public:
  // Runs `words` (a path and its arguments), standard error and output appended
  // to `log_file`. Aborts when the system has no process left.
  ChildProcess(const std::vector<std::string>& words,
               const std::string& log_file);
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;
  // Kills what still runs.
  ~ChildProcess();

  void Signal(int signal);

  // Waits for the end: the exit status, or minus the signal that ended it.
  int Wait();

  // By which /proc knows it; another's once it has ended.
  pid_t pid() const { return pid_; }

  // False once it has ended.
  bool Runs();

 private:
  pid_t pid_ = -1;
  bool ended_ = false;
  int status_ = 0;
};

}  // namespace masa::testing

#endif  // SERVICES_TESTING_CHILD_PROCESS_H_
