// A client of streams that are answered item by item: so many items of each
// stream are unanswered all the time, until all are answered.
#ifndef LOAD_TESTS_STREAM_LOAD_H_
#define LOAD_TESTS_STREAM_LOAD_H_

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "grpcpp/channel.h"
#include "grpcpp/support/byte_buffer.h"

namespace masa {

struct StreamResult {
  double seconds = 0;  // of wall time
  std::string fault;   // of one item that was not answered well; empty: none
};

// What is wrong with an answer; empty: nothing.
using CheckAnswer = std::function<std::string(grpc::ByteBuffer& answer)>;

// Sends each item once, spread over one stream of `method` per channel.
StreamResult RunStreams(
    const std::vector<std::shared_ptr<grpc::Channel>>& channels,
    const std::string& method, const std::vector<grpc::ByteBuffer>& items,
    size_t unanswered, const CheckAnswer& check);

}  // namespace masa

#endif  // LOAD_TESTS_STREAM_LOAD_H_
