// What a factory's systems do: tell of new devices, an import for each batch.
#ifndef LOAD_TESTS_HAMMER_IMPORT_WORK_H_
#define LOAD_TESTS_HAMMER_IMPORT_WORK_H_

#include <memory>
#include <string>

#include "grpcpp/channel.h"
#include "load-tests/hammer/operation.h"

namespace masa::hammer {

// Imports of `batch` new devices each, made ahead: the devices from `begin` up
// to `end` of those that are called `prefix` and a number. OutOfRange after the
// last whole import.
std::unique_ptr<Operation> MakeImportWork(
    const Work& work, const std::string& prefix, int begin, int end,
    std::shared_ptr<grpc::Channel> channel);

}  // namespace masa::hammer

#endif  // LOAD_TESTS_HAMMER_IMPORT_WORK_H_
