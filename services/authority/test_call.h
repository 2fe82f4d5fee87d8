// A call of masa.v1 by the name of its method, one message there and back: on
// the wire a stream of one message is a unary call. For tests.
#ifndef SERVICES_AUTHORITY_TEST_CALL_H_
#define SERVICES_AUTHORITY_TEST_CALL_H_

#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "google/protobuf/message.h"
#include "grpcpp/client_context.h"
#include "grpcpp/completion_queue.h"
#include "grpcpp/generic/generic_stub.h"
#include "grpcpp/support/byte_buffer.h"
#include "gtest/gtest.h"

namespace masa::authority {

// `method` is as DeviceService/GetDevice. Blocks. `answer` is the message's
// octets where the call was OK.
inline grpc::Status CallByName(const std::shared_ptr<grpc::Channel>& channel,
                               const std::string& method,
                               const google::protobuf::Message& request,
                               grpc::ClientContext* context,
                               grpc::ByteBuffer* answer) {
  const grpc::Slice slice(request.SerializeAsString());
  grpc::CompletionQueue queue;
  grpc::GenericStub stub(channel);
  auto call = stub.PrepareUnaryCall(context, absl::StrCat("/masa.v1.", method),
                                    grpc::ByteBuffer(&slice, 1), &queue);
  call->StartCall();
  grpc::Status status;
  call->Finish(answer, &status, &call);
  void* tag = nullptr;
  bool ok = false;
  EXPECT_TRUE(queue.Next(&tag, &ok));
  return status;
}

}  // namespace masa::authority

#endif  // SERVICES_AUTHORITY_TEST_CALL_H_
