// A stream whose caller loses its token: over a real socket, with no service
// behind it but an echo.
#include "services/rpc/answer_stream.h"

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "grpcpp/completion_queue.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/generic/async_generic_service.h"
#include "grpcpp/generic/generic_stub.h"
#include "grpcpp/security/credentials.h"
#include "grpcpp/security/server_credentials.h"
#include "grpcpp/server.h"
#include "grpcpp/server_builder.h"
#include "gtest/gtest.h"

namespace masa::rpc {
namespace {

using grpc::ByteBuffer;
using EchoStream = AnswerStream<ByteBuffer, ByteBuffer>;

constexpr char kService[] = "test.Echo";

class EchoService final : public grpc::CallbackGenericService {
 public:
  EchoService(const Serving& serving, std::chrono::seconds admitted_for)
      : serving_(serving), admitted_for_(admitted_for) {}

  grpc::ServerGenericBidiReactor* CreateReactor(
      grpc::GenericCallbackServerContext* context) override {
    return new EchoStream(
        context, serving_, kService, /*most_on_their_way=*/4,
        [](const RequestContext&, const identity::Principal&,
           const ByteBuffer& item, ItemFaults&,
           const std::function<void(ByteBuffer)>& answer) { answer(item); },
        admitted_for_);
  }

 private:
  const Serving serving_;
  const std::chrono::seconds admitted_for_;
};

// One stream's client, a step at a time.
class Stream {
 public:
  Stream(int port, bool with_token)
      : stub_(grpc::CreateChannel(absl::StrCat("127.0.0.1:", port),
                                  grpc::InsecureChannelCredentials())) {
    if (with_token) {
      context_.AddMetadata("authorization", "Bearer t");
    }
    call_ = stub_.PrepareCall(&context_, "/test.Echo/Do", &queue_);
    call_->StartCall(nullptr);
    EXPECT_TRUE(Done());
  }
  ~Stream() {
    queue_.Shutdown();
    void* tag;
    for (bool ok; queue_.Next(&tag, &ok);) {
    }
  }

  // Whether an item came back.
  bool Echoes() {
    const grpc::Slice slice("item");
    call_->Write(ByteBuffer(&slice, 1), nullptr);
    Done();
    ByteBuffer answer;
    call_->Read(&answer, nullptr);
    return Done();
  }

  grpc::StatusCode End() {
    call_->WritesDone(nullptr);
    Done();
    grpc::Status status;
    call_->Finish(&status, nullptr);
    EXPECT_TRUE(Done());
    return status.error_code();
  }

 private:
  bool Done() {
    void* tag;
    bool ok = false;
    return queue_.Next(&tag, &ok) && ok;
  }

  grpc::CompletionQueue queue_;
  grpc::GenericStub stub_;
  grpc::ClientContext context_;
  std::unique_ptr<grpc::GenericClientAsyncReaderWriter> call_;
};

class AnswerStreams : public ::testing::Test {
 protected:
  // Admits whoever it is for `good_` times more.
  absl::StatusOr<identity::Principal> Judge() {
    if (good_ == 0) {
      return Refuse(Reason::kUnauthenticated, "the token has ended");
    }
    --good_;
    return identity::Principal{identity::Role::kOperator, "ada", "acme", ""};
  }

  // What `items` of a stream come to, and how it ended.
  std::pair<int, grpc::StatusCode> Run(int good,
                                       std::chrono::seconds admitted_for,
                                       int items, bool with_token) {
    good_ = good;
    EchoService echo({gate_, executor_}, admitted_for);
    int port = 0;
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(),
                             &port);
    builder.RegisterCallbackGenericService(&echo);
    const std::unique_ptr<grpc::Server> server = builder.BuildAndStart();
    Stream stream(port, with_token);
    int echoed = 0;
    while (echoed < items && stream.Echoes()) {
      ++echoed;
    }
    return {echoed, stream.End()};
  }

  std::atomic<int> good_ = 0;
  Executor executor_{{"test", 2, 16}};
  const Gate gate_ = *Gate::Create(
      {kService}, {{kService, {"*"}}},
      [this](const std::vector<std::string>&) { return Judge(); },
      [this](const std::string&) { return Judge(); });
};

using Result = std::pair<int, grpc::StatusCode>;

TEST_F(AnswerStreams, GoOnAsLongAsTheGateAdmitsTheCaller) {
  constexpr std::chrono::seconds kEachTime{0};
  for (const bool with_token : {false, true}) {
    EXPECT_EQ(Run(4, kEachTime, 3, with_token),
              Result(3, grpc::StatusCode::OK));
    EXPECT_EQ(Run(3, kEachTime, 5, with_token),
              Result(2, grpc::StatusCode::UNAUTHENTICATED));
    EXPECT_EQ(Run(0, kEachTime, 5, with_token),
              Result(0, grpc::StatusCode::UNAUTHENTICATED));
  }
}

TEST_F(AnswerStreams, DoNotAskTheGateForEachItem) {
  EXPECT_EQ(Run(1, std::chrono::hours(1), 100, true),
            Result(100, grpc::StatusCode::OK));
}

}  // namespace
}  // namespace masa::rpc
