// StreamResolveOwnership over a real socket.
#include "services/authority/resolve_stream.h"

#include <map>
#include <set>
#include <string>
#include <thread>

#include "services/authority/ownership_fixture.h"

namespace masa::authority {
namespace {

using masa::v1::StreamResolveOwnershipRequest;
using masa::v1::StreamResolveOwnershipResponse;

class ResolveStreams : public OwnershipFixture {
 protected:
  StreamResolveOwnershipRequest Item(const std::string& id,
                                     const std::string& serial) {
    StreamResolveOwnershipRequest item;
    item.set_correlation_id(id);
    *item.mutable_request() = Question(serial);
    return item;
  }
};

TEST_F(ResolveStreams, EachItemIsAnsweredUnderItsOwnId) {
  const struct {
    std::string id, serial;
    int code;
    const char* reason;  // of the status, or of the answer
  } cases[] = {
      {"owner", "OWNED-1", 0, "OWNER"},
      {"any", issuance::kSerial, 0, "ANY_DOMAIN"},
      {"unknown", "NONE", 5, "DEVICE_UNKNOWN"},
      {"no serial", "", 3, "INVALID_ARGUMENT"},
      {std::string(128, 'x'), "OWNED-1", 0, "OWNER"},
      {std::string(129, 'x'), "OWNED-1", 3, "INVALID_ARGUMENT"},
  };
  grpc::ClientContext call;
  call.set_wait_for_ready(true);
  const auto stream = served_->StreamResolveOwnership(&call);
  for (const auto& c : cases) {
    ASSERT_TRUE(stream->Write(Item(c.id, c.serial)));
  }
  stream->WritesDone();
  std::map<std::string, StreamResolveOwnershipResponse> answers;
  for (StreamResolveOwnershipResponse answer; stream->Read(&answer);) {
    answers[answer.correlation_id()] = answer;
  }
  EXPECT_TRUE(stream->Finish().ok());
  ASSERT_EQ(answers.size(), std::size(cases));
  for (const auto& c : cases) {
    SCOPED_TRACE(c.id);
    const auto& answer = answers[c.id.size() > 128 ? "" : c.id];
    EXPECT_EQ(answer.status().code(), c.code);
    EXPECT_EQ(c.code == 0 ? answer.value().reason() : ReasonIn(answer.status()),
              c.reason);
    EXPECT_EQ(answer.has_value(), c.code == 0);
  }
}

TEST_F(ResolveStreams, ThousandsGoThroughAndNoneIsLost) {
  constexpr int kItems = 5000;
  grpc::ClientContext call;
  call.set_wait_for_ready(true);
  const auto stream = served_->StreamResolveOwnership(&call);
  std::thread writer([&] {
    for (int i = 0; i < kItems; ++i) {
      stream->Write(Item(std::to_string(i), i % 2 == 0 ? "OWNED-1" : "NONE"));
    }
    stream->WritesDone();
  });
  std::set<std::string> ids;
  int owned = 0;
  for (StreamResolveOwnershipResponse answer; stream->Read(&answer);) {
    ids.insert(answer.correlation_id());
    owned += answer.has_value() ? 1 : 0;
  }
  writer.join();
  EXPECT_TRUE(stream->Finish().ok());
  EXPECT_EQ(ids.size(), static_cast<size_t>(kItems));
  EXPECT_EQ(owned, kItems / 2);
}

// Whoever does not read is not read from.
TEST_F(ResolveStreams, NoMoreThanItsShareOfAStreamIsOnItsWay) {
  constexpr size_t kShare = 64;
  HoldingDesk holding(*resolve_desk_);
  ServedOwnership served(holding, watches_);
  grpc::ClientContext call;
  call.set_wait_for_ready(true);
  const auto stream = served->StreamResolveOwnership(&call);
  for (size_t i = 0; i < kShare + 1; ++i) {
    ASSERT_TRUE(stream->Write(Item(std::to_string(i), "OWNED-1")));
  }
  stream->WritesDone();
  holding.WaitFor(kShare);
  EXPECT_EQ(holding.held(), kShare);
  holding.LetGo();
  holding.WaitFor(1);  // the last one, when there was room
  holding.LetGo();
  size_t answers = 0;
  for (StreamResolveOwnershipResponse answer; stream->Read(&answer);) {
    ++answers;
  }
  EXPECT_EQ(answers, kShare + 1);
  EXPECT_TRUE(stream->Finish().ok());
}

TEST_F(ResolveStreams, AClientThatVanishesLeavesNothingBehind) {
  HoldingDesk holding(*resolve_desk_);
  {
    ServedOwnership served(holding, watches_);
    {
      grpc::ClientContext call;
      call.set_wait_for_ready(true);
      const auto stream = served->StreamResolveOwnership(&call);
      for (int i = 0; i < 3; ++i) {
        ASSERT_TRUE(stream->Write(Item(std::to_string(i), "OWNED-1")));
      }
      holding.WaitFor(3);
      call.TryCancel();
      EXPECT_EQ(stream->Finish().error_code(), grpc::CANCELLED);
    }
    // The desk answers a stream that nobody listens to.
    holding.LetGo();
    grpc::ClientContext call;
    call.set_wait_for_ready(true);
    const auto stream = served->StreamResolveOwnership(&call);
    ASSERT_TRUE(stream->Write(Item("again", "OWNED-1")));
    stream->WritesDone();
    holding.WaitFor(1);
    holding.LetGo();
    StreamResolveOwnershipResponse answer;
    ASSERT_TRUE(stream->Read(&answer));
    EXPECT_EQ(answer.value().reason(), "OWNER");
    EXPECT_TRUE(stream->Finish().ok());
  }  // and the server ends
}

TEST_F(ResolveStreams, AStoreThatFailsEndsNoStream) {
  grpc::ClientContext call;
  call.set_wait_for_ready(true);
  const auto stream = served_->StreamResolveOwnership(&call);
  StreamResolveOwnershipResponse answer;
  const auto ask = [&] {
    return stream->Write(Item("1", "OWNED-1")) && stream->Read(&answer);
  };
  ASSERT_TRUE(ask());
  EXPECT_EQ(answer.status().code(), 0);
  store_.Stop(true);
  ASSERT_TRUE(ask());
  EXPECT_EQ(ReasonIn(answer.status()), "STORE_UNAVAILABLE");
  store_.Stop(false);
  ASSERT_TRUE(ask());
  EXPECT_EQ(answer.status().code(), 0);
  stream->WritesDone();
  EXPECT_TRUE(stream->Finish().ok());
}

TEST_F(ResolveStreams, ItemsThatFailByOurFaultAreToldInside) {
  BrokenDesk broken;
  ServedOwnership served(broken, watches_);
  grpc::ClientContext call;
  call.AddMetadata(rpc::kRequestIdKey, "my-own");
  const auto stream = served->StreamResolveOwnership(&call);
  StreamResolveOwnershipResponse answer;
  for (const char* id : {"1", "2", "3"}) {
    ASSERT_TRUE(stream->Write(Item(id, "OWNED-1")) && stream->Read(&answer));
    EXPECT_EQ(ReasonIn(answer.status()), "INTERNAL");
  }
  stream->WritesDone();
  EXPECT_TRUE(stream->Finish().ok());
  const auto told = served.told();
  ASSERT_EQ(told.size(), 2u);
  EXPECT_EQ(told[0].request_id, "my-own");
  EXPECT_EQ(told[1].status.message(), "the disk is full");
}

}  // namespace
}  // namespace masa::authority
