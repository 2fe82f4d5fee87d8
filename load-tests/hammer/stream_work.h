// What jobs of sales systems do: order vouchers, or ask for owners, by stream.
#ifndef LOAD_TESTS_HAMMER_STREAM_WORK_H_
#define LOAD_TESTS_HAMMER_STREAM_WORK_H_

#include <memory>
#include <string>
#include <vector>

#include "grpcpp/channel.h"
#include "load-tests/hammer/journal.h"
#include "load-tests/hammer/operation.h"
#include "proto/masa/v1/device.pb.h"

namespace masa::hammer {

// Streams of `batch` questions, round and round, each client from another
// place.
std::unique_ptr<Operation> MakeStreamResolveWork(
    const Work& work, int client, std::shared_ptr<grpc::Channel> channel,
    const std::vector<masa::v1::ResolveOwnershipRequest>& questions);

// Streams of `batch` orders for BENCH devices from `first` up to `end` that pin
// `pin_der`; OutOfRange after the last whole stream. `journal` outlives it.
std::unique_ptr<Operation> MakeStreamIssueWork(
    const Work& work, int first, int end, const std::string& pin_der,
    std::shared_ptr<grpc::Channel> channel, Journal& journal);

}  // namespace masa::hammer

#endif  // LOAD_TESTS_HAMMER_STREAM_WORK_H_
