// What operators and sales systems do: ask who owns devices, and for vouchers
// without a registrar, over gRPC.
#ifndef LOAD_TESTS_HAMMER_OPERATOR_WORK_H_
#define LOAD_TESTS_HAMMER_OPERATOR_WORK_H_

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "grpcpp/channel.h"
#include "load-tests/hammer/journal.h"
#include "load-tests/hammer/operation.h"
#include "proto/masa/v1/device.pb.h"

namespace masa::hammer {

// A connection of its own each time.
using Connect = std::function<std::shared_ptr<grpc::Channel>()>;

// Asks the questions round and round, each client from another place; in calls
// of `batch` where the work says so.
std::unique_ptr<Operation> MakeResolveWork(
    const Work& work, int client, Connect connect,
    const std::vector<masa::v1::ResolveOwnershipRequest>& questions);

// Orders vouchers for BENCH devices from `first` up to `end`, `batch` in a
// call, that pin `pin_der`; OutOfRange after the last.
std::unique_ptr<Operation> MakeIssueWork(const Work& work, int first, int end,
                                         std::string pin_der,
                                         std::shared_ptr<grpc::Channel> channel,
                                         Journal& journal);

}  // namespace masa::hammer

#endif  // LOAD_TESTS_HAMMER_OPERATOR_WORK_H_
