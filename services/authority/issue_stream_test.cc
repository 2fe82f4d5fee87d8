// StreamIssueVouchers over a real socket.
#include "services/authority/issue_stream.h"

#include <map>
#include <set>
#include <string>
#include <thread>

#include "grpcpp/generic/generic_stub.h"
#include "proto/masa/v1/voucher.grpc.pb.h"
#include "services/authority/convert.h"
#include "services/authority/ownership_fixture.h"
#include "services/authority/test_api.h"

namespace masa::authority {
namespace {

using masa::v1::StreamIssueVouchersRequest;
using masa::v1::StreamIssueVouchersResponse;
using masa::v1::VoucherService;

class IssueStreams : public Api {
 protected:
  std::unique_ptr<VoucherService::Stub> By(const std::string& who) {
    return VoucherService::NewStub(ChannelOf(who));
  }

  StreamIssueVouchersRequest Item(const std::string& id,
                                  const std::string& serial,
                                  const testing::Identity* pin = nullptr) {
    StreamIssueVouchersRequest item;
    item.set_correlation_id(id);
    item.mutable_request()->mutable_device()->set_serial_number(serial);
    item.mutable_request()->set_pinned_cert_der(
        (pin == nullptr ? domain_ca_ : *pin).CertificateDer());
    *item.mutable_request()->mutable_expires_on() =
        TimestampOf(issuance::Noon() + absl::Hours(1));
    return item;
  }

  void ImportMany(int count) {
    for (int i = 0; i < count; ++i) {
      Import(absl::StrCat("D-", i), "owned");
    }
  }
};

TEST_F(IssueStreams, EachItemIsAnsweredUnderItsOwnId) {
  StreamIssueVouchersRequest no_time = Item("no time", "OWNED-1");
  no_time.mutable_request()->mutable_expires_on()->set_nanos(-1);
  ImportMany(1);
  ASSERT_TRUE(store_
                  .Assign({}, "test", issuance::Noon(), {{"acme", "D-0", {}}},
                          "org-acme")[0]
                  .ok());
  ASSERT_TRUE(store_
                  .SetBlocked({}, "test", issuance::Noon(),
                              {{"acme", "D-0", {}}}, true)[0]
                  .ok());
  const struct {
    StreamIssueVouchersRequest item;
    const char* reason;  // empty: issued
  } cases[] = {
      {Item("good", "OWNED-1"), ""},
      {Item("unknown", "NONE"), "DEVICE_UNKNOWN"},
      {Item("foreign", "S-1"), "DEVICE_UNKNOWN"},
      {Item("blocked", "D-0"), "DEVICE_BLOCKED"},
      {Item("another's pin", "OWNED-1", &other_ca_), "OWNER_MISMATCH"},
      {Item("no serial", ""), "INVALID_ARGUMENT"},
      {no_time, "INVALID_ARGUMENT"},
      {Item(std::string(128, 'x'), "OWNED-1"), ""},
      {Item(std::string(129, 'x'), "OWNED-1"), "INVALID_ARGUMENT"},
  };
  grpc::ClientContext call;
  const auto stream = By("acme")->StreamIssueVouchers(&call);
  for (const auto& c : cases) {
    ASSERT_TRUE(stream->Write(c.item));
  }
  stream->WritesDone();
  std::map<std::string, StreamIssueVouchersResponse> answers;
  for (StreamIssueVouchersResponse answer; stream->Read(&answer);) {
    answers[answer.correlation_id()] = answer;
  }
  EXPECT_TRUE(stream->Finish().ok());
  ASSERT_EQ(answers.size(), std::size(cases));
  for (const auto& c : cases) {
    const std::string& id = c.item.correlation_id();
    SCOPED_TRACE(id);
    const auto& answer = answers[id.size() > 128 ? "" : id];
    EXPECT_EQ(ReasonIn(answer.status()), c.reason);
    EXPECT_EQ(answer.has_value(), *c.reason == '\0');
  }
  EXPECT_EQ(EventsOf("OWNED-1"), 2u);
}

// Two items of one request_id are one voucher, whichever comes first; without
// one each is its own (services/adr/0024).
TEST_F(IssueStreams, ADeviceThatComesTwiceIsOneOrderByItsRequestIdAlone) {
  StreamIssueVouchersRequest first = Item("1", "OWNED-1");
  first.mutable_request()->set_request_id("sale-1");
  StreamIssueVouchersRequest again = first;
  again.set_correlation_id("2");
  StreamIssueVouchersRequest another = first;
  another.set_correlation_id("3");
  another.mutable_request()->set_format(masa::v1::FORMAT_JWS_JSON);
  grpc::ClientContext call;
  const auto stream = By("acme")->StreamIssueVouchers(&call);
  std::map<std::string, StreamIssueVouchersResponse> answers;
  for (const auto& item : {first, again, another, Item("4", "OWNED-1")}) {
    StreamIssueVouchersResponse answer;
    ASSERT_TRUE(stream->Write(item) && stream->Read(&answer));
    answers[answer.correlation_id()] = answer;
  }
  stream->WritesDone();
  EXPECT_TRUE(stream->Finish().ok());
  EXPECT_FALSE(answers["1"].value().replayed());
  EXPECT_TRUE(answers["2"].value().replayed());
  EXPECT_EQ(answers["2"].value().voucher(), answers["1"].value().voucher());
  EXPECT_EQ(ReasonIn(answers["3"].status()), "REQUEST_ID_REUSED");
  EXPECT_NE(answers["4"].value().voucher_id(),
            answers["1"].value().voucher_id());
  EXPECT_EQ(EventsOf("OWNED-1"), 2u);
}

// By its octets: gRPC itself would end a stream over this.
TEST_F(IssueStreams, WhatIsNoMessageIsRefusedAndEndsNothing) {
  grpc::GenericStub stub(ChannelOf("acme"));
  grpc::ClientContext context;
  grpc::CompletionQueue queue;
  const auto wait = [&queue] {
    void* tag = nullptr;
    bool ok = false;
    return queue.Next(&tag, &ok) && ok;
  };
  const auto call = stub.PrepareCall(
      &context, "/masa.v1.VoucherService/StreamIssueVouchers", &queue);
  call->StartCall(nullptr);
  ASSERT_TRUE(wait());
  const std::pair<std::string, std::string> cases[] = {
      {"\xff\xff\xff", "MALFORMED"},
      {std::string("\x0a\x02\xc3\x28", 4), "MALFORMED"},  // not UTF-8
      {Item("good", "OWNED-1").SerializeAsString(), ""},
  };
  for (const auto& [octets, reason] : cases) {
    const grpc::Slice slice(octets);
    call->Write(grpc::ByteBuffer(&slice, 1), nullptr);
    ASSERT_TRUE(wait());
    grpc::ByteBuffer said;
    call->Read(&said, nullptr);
    ASSERT_TRUE(wait());
    StreamIssueVouchersResponse answer;
    ASSERT_TRUE(
        grpc::SerializationTraits<StreamIssueVouchersResponse>::Deserialize(
            &said, &answer)
            .ok());
    EXPECT_EQ(ReasonIn(answer.status()), reason);
    EXPECT_EQ(answer.correlation_id(), reason.empty() ? "good" : "");
  }
  call->WritesDone(nullptr);
  ASSERT_TRUE(wait());
  grpc::Status status;
  call->Finish(&status, nullptr);
  ASSERT_TRUE(wait());
  EXPECT_TRUE(status.ok()) << status.error_message();
}

TEST_F(IssueStreams, ThousandsGoThroughAndNoneIsLost) {
  constexpr int kItems = 2000;
  ImportMany(100);
  grpc::ClientContext call;
  const auto stub = By("acme");
  const auto stream = stub->StreamIssueVouchers(&call);
  std::thread writer([&] {
    for (int i = 0; i < kItems; ++i) {
      stream->Write(Item(std::to_string(i), absl::StrCat("D-", i % 100)));
    }
    stream->WritesDone();
  });
  std::set<std::string> ids, vouchers;
  for (StreamIssueVouchersResponse answer; stream->Read(&answer);) {
    ids.insert(answer.correlation_id());
    vouchers.insert(answer.value().voucher_id());
  }
  writer.join();
  EXPECT_TRUE(stream->Finish().ok());
  EXPECT_EQ(ids.size(), static_cast<size_t>(kItems));
  EXPECT_EQ(vouchers.size(), static_cast<size_t>(kItems));
  EXPECT_EQ(EventsOf("D-0"), static_cast<size_t>(kItems / 100));
}

// What was on its way when the client left is issued whole or not at all, and
// the repeat under the same ids tells.
TEST_F(IssueStreams, AClientThatVanishesFindsWhatWasIssuedForIt) {
  constexpr int kItems = 50;
  ImportMany(kItems);
  const auto item = [this](int i) {
    auto made = Item(std::to_string(i), absl::StrCat("D-", i));
    made.mutable_request()->set_request_id(absl::StrCat("id-", i));
    return made;
  };
  {
    grpc::ClientContext call;
    const auto stub = By("acme");
    const auto stream = stub->StreamIssueVouchers(&call);
    for (int i = 0; i < kItems; ++i) {
      ASSERT_TRUE(stream->Write(item(i)));
    }
    StreamIssueVouchersResponse first;
    ASSERT_TRUE(stream->Read(&first));
    call.TryCancel();
    EXPECT_EQ(stream->Finish().error_code(), grpc::CANCELLED);
  }
  grpc::ClientContext call;
  const auto stub = By("acme");
  const auto stream = stub->StreamIssueVouchers(&call);
  for (int i = 0; i < kItems; ++i) {
    ASSERT_TRUE(stream->Write(item(i)));
  }
  stream->WritesDone();
  int issued = 0, replayed = 0;
  for (StreamIssueVouchersResponse answer; stream->Read(&answer);) {
    issued += answer.has_value() ? 1 : 0;
    replayed += answer.value().replayed() ? 1 : 0;
  }
  EXPECT_TRUE(stream->Finish().ok());
  EXPECT_EQ(issued, kItems);
  EXPECT_GE(replayed, 1);
  for (int i = 0; i < kItems; ++i) {
    EXPECT_EQ(EventsOf(absl::StrCat("D-", i)), 1u) << i;
  }
}

TEST_F(IssueStreams, AStoreThatFailsEndsNoStreamAndReleasesNothing) {
  grpc::ClientContext call;
  const auto stub = By("acme");
  const auto stream = stub->StreamIssueVouchers(&call);
  StreamIssueVouchersResponse answer;
  const auto ask = [&] {
    return stream->Write(Item("1", "OWNED-1")) && stream->Read(&answer);
  };
  ASSERT_TRUE(ask());
  EXPECT_TRUE(answer.has_value());
  store_.Stop(true);
  ASSERT_TRUE(ask());
  EXPECT_EQ(ReasonIn(answer.status()), "STORE_UNAVAILABLE");
  EXPECT_FALSE(answer.has_value());
  store_.Stop(false);
  ASSERT_TRUE(ask());
  EXPECT_TRUE(answer.has_value());
  stream->WritesDone();
  EXPECT_TRUE(stream->Finish().ok());
}

TEST_F(IssueStreams, ACallerWhoMayNotIsToldSo) {
  grpc::ClientContext call;
  const auto stub = By("nowhere");
  const auto stream = stub->StreamIssueVouchers(&call);
  StreamIssueVouchersResponse answer;
  EXPECT_FALSE(stream->Read(&answer));
  EXPECT_EQ(ReasonIn(stream->Finish()), "UNAUTHENTICATED");
}

}  // namespace
}  // namespace masa::authority
