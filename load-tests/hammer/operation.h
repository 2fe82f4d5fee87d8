// One thing that clients of the service do, again and again.
#ifndef LOAD_TESTS_HAMMER_OPERATION_H_
#define LOAD_TESTS_HAMMER_OPERATION_H_

#include <functional>
#include <memory>

#include "absl/status/statusor.h"
#include "load-tests/hammer/scenario.h"

namespace masa::hammer {

// Of one client, on its thread.
class Operation {
 public:
  virtual ~Operation() = default;

  // Does it once. How many items it was about (devices, vouchers), or what is
  // wrong with the answer; OutOfRange when nothing is left to ask for.
  virtual absl::StatusOr<int> Run() = 0;
};

// One for each client that does such work.
using MakeOperation =
    std::function<std::unique_ptr<Operation>(const Work& work, int client)>;

}  // namespace masa::hammer

#endif  // LOAD_TESTS_HAMMER_OPERATION_H_
