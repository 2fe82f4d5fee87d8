// Names of threads, as `top -H` and a debugger show them.
#ifndef SERVICES_EXECUTOR_THREAD_NAME_H_
#define SERVICES_EXECUTOR_THREAD_NAME_H_

#include <string>

namespace masa {

// Names the calling thread; Linux keeps the first 15 bytes.
void NameThisThread(const std::string& name);

}  // namespace masa

#endif  // SERVICES_EXECUTOR_THREAD_NAME_H_
