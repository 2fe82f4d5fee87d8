// WatchOwnershipChanges over a real socket: what is told, to whom, and how a
// stream ends and goes on.
#include "services/authority/ownership_watch.h"

#include <atomic>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "grpcpp/client_context.h"
#include "services/authority/ownership_face.h"
#include "services/authority/test_peer.h"
#include "services/issuance/test_desk.h"
#include "services/issuance/watch_ownership.h"
#include "services/rpc/channel.h"
#include "services/rpc/server.h"

namespace masa::authority {
namespace {

using masa::v1::OwnershipChange;
using masa::v1::WatchOwnershipChangesResponse;
using ::testing::ElementsAre;
using ::testing::UnorderedElementsAre;

identity::Principal CallerNamed(const std::string& name) {
  if (name == "urn:op") {
    return {identity::Role::kOperator, name, "acme", ""};
  }
  return {identity::Role::kCustomer, name, "acme", name.substr(4),
          issuance::kAccount};
}

// What a client has of one call.
class Stream {
 public:
  Stream(masa::v1::OwnershipService::Stub& stub, const std::string& token) {
    call_.set_wait_for_ready(true);
    masa::v1::WatchOwnershipChangesRequest request;
    request.set_resume_token(token);
    reader_ = stub.WatchOwnershipChanges(&call_, request);
  }
  ~Stream() {
    if (reader_ != nullptr) {
      call_.TryCancel();
      reader_->Finish();
    }
  }

  // The next message; a failure when the stream ends instead.
  WatchOwnershipChangesResponse Read() {
    WatchOwnershipChangesResponse message;
    EXPECT_TRUE(reader_->Read(&message));
    return message;
  }

  // Whether there is a first message.
  bool Begins() {
    WatchOwnershipChangesResponse message;
    return reader_->Read(&message);
  }

  // "SERIAL version kind" of the next message that has changes.
  std::vector<std::string> Hear() {
    std::vector<std::string> heard;
    while (heard.empty() && !HasFailure()) {
      const auto message = Read();
      token_ = message.resume_token();
      for (const OwnershipChange& change : message.changes()) {
        heard.push_back(change.serial_number() + " " +
                        std::to_string(change.version()) + " " +
                        OwnershipChange::Kind_Name(change.kind()));
      }
    }
    return heard;
  }

  // Until there are so many, in however many messages.
  std::vector<std::string> HearAll(size_t count) {
    std::vector<std::string> all;
    while (all.size() < count && !HasFailure()) {
      for (const std::string& heard : Hear()) {
        all.push_back(heard);
      }
    }
    return all;
  }

  // The code and reason of its end; messages before it are skipped.
  std::string End() {
    WatchOwnershipChangesResponse message;
    while (reader_->Read(&message)) {
    }
    const grpc::Status status = reader_->Finish();
    reader_.reset();
    google::rpc::Status whole;
    whole.ParseFromString(status.error_details());
    google::rpc::ErrorInfo info;
    for (const auto& any : whole.details()) {
      any.UnpackTo(&info);
    }
    return std::to_string(status.error_code()) + " " + info.reason();
  }

  const std::string& token() const { return token_; }

 private:
  static bool HasFailure() { return ::testing::Test::HasFailure(); }

  grpc::ClientContext call_;
  std::unique_ptr<grpc::ClientReader<WatchOwnershipChangesResponse>> reader_;
  std::string token_;
};

class WatchedFace : public issuance::Desk {
 protected:
  void Serve(issuance::WatchDesk& watches) {
    face_ = std::make_unique<OwnershipFace>(*resolve_desk_, watches,
                                            rpc::Serving{gate_, executor_});
    const auto server = Peer("DNS:localhost", &ca_);
    server_ = *rpc::Server::New({"127.0.0.1:0", server.CertificatePem(),
                                 server.KeyPem(), ca_.CertificatePem(), false},
                                {face_.get()});
  }

  std::unique_ptr<Stream> Watch(const std::string& name,
                                const std::string& token = "") {
    auto& stub = stubs_[name];
    if (stub == nullptr) {
      const auto client = Peer("URI:" + name, &ca_);
      stub = masa::v1::OwnershipService::NewStub(rpc::MakeChannel(
          {"127.0.0.1:" + std::to_string(server_->port()), "",
           ca_.CertificatePem(), client.CertificatePem(), client.KeyPem()}));
    }
    return std::make_unique<Stream>(*stub, token);
  }

  // One that has begun, with its first token.
  std::unique_ptr<Stream> Begin(const std::string& name, std::string* token) {
    auto stream = Watch(name);
    *token = stream->Read().resume_token();
    return stream;
  }

  void Assign(const std::string& serial, const std::string& organization) {
    EXPECT_TRUE(
        store_.Assign({}, "t", Noon(), {{"acme", serial, {}}}, organization)[0]
            .ok());
  }

  static absl::Time Noon() { return issuance::Noon(); }

  testing::Identity ca_ = Peer("", nullptr);
  Executor executor_{{"test", 2, 64}};
  const rpc::Gate gate_ = *rpc::Gate::Create(
      {masa::v1::OwnershipService::service_full_name()},
      {{masa::v1::OwnershipService::service_full_name(), {"*"}}},
      [](const std::vector<std::string>& names)
          -> absl::StatusOr<identity::Principal> {
        return CallerNamed(names.front());
      });
  std::unique_ptr<OwnershipFace> face_;
  std::unique_ptr<rpc::Server> server_;
  std::map<std::string, std::unique_ptr<masa::v1::OwnershipService::Stub>>
      stubs_;
};

class Watching : public WatchedFace {
 protected:
  Watching() { Serve(watches_); }
  ~Watching() override { server_.reset(); }

  void Poll() { EXPECT_TRUE(watches_.Poll({}).ok()); }

  issuance::WatchOwnership watches_{
      *tools_, store_, {absl::Seconds(15), absl::Hours(1), 4, 3}};
};

TEST_F(Watching, TellsChangesAndSignsOfLife) {
  std::string token;
  const auto stream = Begin("urn:op", &token);
  EXPECT_NE(token, "");
  Assign(issuance::kSerial, "org-acme");
  Poll();
  const auto message = stream->Read();
  ASSERT_EQ(message.changes_size(), 1);
  const OwnershipChange& change = message.changes(0);
  EXPECT_EQ(change.serial_number(), issuance::kSerial);
  EXPECT_EQ(change.device_id(),
            storage::DeviceIdOf("acme", issuance::kSerial, {}));
  EXPECT_EQ(change.version(), 2);
  EXPECT_EQ(change.kind(), OwnershipChange::KIND_OWNER);
  EXPECT_EQ(change.at().seconds(), absl::ToUnixSeconds(Noon()));
  EXPECT_NE(message.resume_token(), token);
  clock_.Advance(absl::Seconds(15));
  Poll();
  const auto sign = stream->Read();
  EXPECT_EQ(sign.changes_size(), 0);
  EXPECT_EQ(sign.resume_token(), message.resume_token());
}

TEST_F(Watching, GoesOnAfterACut) {
  std::string token;
  auto stream = Begin("urn:op", &token);
  Assign(issuance::kSerial, "org-acme");
  Poll();
  EXPECT_THAT(stream->Hear(), ElementsAre("S-1 2 KIND_OWNER"));
  const std::string behind = stream->token();
  stream.reset();
  store_.SetBlocked({}, "t", Noon(), {{"acme", issuance::kSerial, {}}}, true);
  Poll();
  Assign(issuance::kSerial, "");
  Poll();
  stream = Watch("urn:op", behind);
  EXPECT_THAT(stream->HearAll(2),
              ElementsAre("S-1 3 KIND_STATE", "S-1 4 KIND_OWNER"));
  const auto again = Watch("urn:op", token);
  EXPECT_THAT(
      again->HearAll(3),
      ElementsAre("S-1 2 KIND_OWNER", "S-1 3 KIND_STATE", "S-1 4 KIND_OWNER"));
}

TEST_F(Watching, ACustomerHearsNothingOfOthers) {
  std::string token;
  const auto acme = Begin("urn:org-acme", &token);
  const auto other = Begin("urn:org-other", &token);
  Import("S-2", "default");
  Assign("S-2", "org-acme");
  Assign("S-2", "org-other");
  Assign("S-2", "");
  Assign("OWNED-1", "org-other");
  Poll();
  EXPECT_THAT(acme->HearAll(3),
              UnorderedElementsAre("S-2 2 KIND_OWNER", "S-2 3 KIND_OWNER",
                                   "OWNED-1 2 KIND_OWNER"));
  EXPECT_THAT(other->HearAll(3),
              UnorderedElementsAre("S-2 3 KIND_OWNER", "S-2 4 KIND_OWNER",
                                   "OWNED-1 2 KIND_OWNER"));
}

TEST_F(Watching, RefusesWhatIsNoPlaceToGoOnFrom) {
  std::string op, acme;
  Begin("urn:op", &op);
  Begin("urn:org-acme", &acme);
  EXPECT_EQ(Watch("urn:op", "garbage")->End(), "3 PAGE_TOKEN_INVALID");
  EXPECT_EQ(Watch("urn:op", acme)->End(), "3 PAGE_TOKEN_INVALID");
  EXPECT_EQ(Watch("urn:org-other", acme)->End(), "3 PAGE_TOKEN_INVALID");
  Assign(issuance::kSerial, "org-acme");
  store_.ForgetFeed();
  EXPECT_EQ(Watch("urn:op", op)->End(), "9 RESUME_TOKEN_EXPIRED");
  store_.Stop(true);  // for longer than a client tries by itself
  EXPECT_EQ(Watch("urn:op")->End(), "14 STORE_UNAVAILABLE");
}

TEST_F(Watching, AClientThatVanishesGivesUpItsPlace) {
  std::string token;
  for (int round = 0; round < 3; ++round) {
    std::vector<std::unique_ptr<Stream>> streams;
    for (int i = 0; i < 3; ++i) {
      // The server hears of the end of those before in its own time.
      while (true) {
        streams.push_back(Watch("urn:op"));
        if (streams.back()->Begins()) {
          break;
        }
        EXPECT_EQ(streams.back()->End(), "8 OVERLOADED");
        streams.pop_back();
        ASSERT_GT(round, 0);
      }
    }
    EXPECT_EQ(Watch("urn:op")->End(), "8 OVERLOADED");
  }
}

TEST_F(Watching, EndsWithAClearWordWhenItDrains) {
  std::string token;
  const auto stream = Begin("urn:op", &token);
  const auto customer = Begin("urn:org-acme", &token);
  watches_.Drain();
  EXPECT_EQ(stream->End(), "14 DRAINING");
  EXPECT_EQ(customer->End(), "14 DRAINING");
  EXPECT_EQ(Watch("urn:op")->End(), "14 DRAINING");
}

// A feed with more in it than any connection holds: batch n has `kChanges`
// changes of version n.
class LongFeed final : public storage::FeedStore {
 public:
  static constexpr int64_t kBatches = 400;
  static constexpr int kChanges = 1000;

  absl::StatusOr<storage::FeedCursor> ReadHeads(const RequestContext&,
                                                const std::string&) override {
    storage::FeedCursor heads = {};
    heads[0] = kBatches;
    return heads;
  }
  absl::StatusOr<std::vector<storage::FeedBatch>> ReadAfter(
      const RequestContext&, const storage::FeedQuestion& question) override {
    std::vector<storage::FeedBatch> batches;
    while (question.after[0] + static_cast<int64_t>(batches.size()) <
               kBatches &&
           static_cast<int>(batches.size()) < question.limit) {
      storage::FeedBatch& batch = batches.emplace_back();
      batch.position = question.after[0] + static_cast<int64_t>(batches.size());
      storage::OwnershipChange change;
      change.serial_number = std::string(200, 's');
      change.device_id = std::string(16, 'd');
      change.version = batch.position;
      batch.changes.assign(kChanges, change);
    }
    return batches;
  }
};

// Counts how often a watcher asks, and lets all of them begin at the front.
class CountingDesk final : public issuance::WatchDesk {
 public:
  explicit CountingDesk(issuance::WatchDesk& desk) : desk_(desk) {}

  absl::StatusOr<std::unique_ptr<issuance::OwnershipWatch>> Watch(
      const RequestContext& context, const identity::Principal& caller,
      const std::optional<storage::FeedCursor>&) override {
    auto watch = desk_.Watch(context, caller, storage::FeedCursor{});
    if (!watch.ok()) {
      return watch.status();
    }
    return std::make_unique<Counting>(*std::move(watch), asked_);
  }

  int asked() const { return asked_; }

 private:
  class Counting final : public issuance::OwnershipWatch {
   public:
    Counting(std::unique_ptr<issuance::OwnershipWatch> watch,
             std::atomic<int>& asked)
        : watch_(std::move(watch)), asked_(asked) {}
    absl::StatusOr<std::optional<issuance::WatchNews>> Next(
        const RequestContext& context) override {
      ++asked_;
      return watch_->Next(context);
    }
    bool WhenReady(issuance::Wake wake) override {
      return watch_->WhenReady(std::move(wake));
    }
    bool Forget() override { return watch_->Forget(); }

   private:
    std::unique_ptr<issuance::OwnershipWatch> watch_;
    std::atomic<int>& asked_;
  };

  issuance::WatchDesk& desk_;
  std::atomic<int> asked_ = 0;
};

class SlowWatching : public WatchedFace {
 protected:
  SlowWatching() { Serve(counting_); }
  ~SlowWatching() override { server_.reset(); }

  LongFeed feed_;
  issuance::WatchOwnership watches_{*tools_, feed_, {}};
  CountingDesk counting_{watches_};
};

TEST_F(SlowWatching, NothingIsReadForAClientThatDoesNotRead) {
  const auto slow = Watch("urn:op");
  slow->Read();
  const auto fast = Watch("urn:op");
  int64_t version = 0;
  while (version < LongFeed::kBatches && !HasFailure()) {
    const auto message = fast->Read();
    EXPECT_LE(message.changes_size(), 2000);
    for (const OwnershipChange& change : message.changes()) {
      EXPECT_TRUE(change.version() == version ||
                  change.version() == version + 1);
      version = change.version();
    }
  }
  const int by_fast = static_cast<int>(LongFeed::kBatches);
  EXPECT_LT(counting_.asked() - by_fast, by_fast / 2)
      << "the slow one has asked as often as its connection takes";
  version = 1;
  while (version < LongFeed::kBatches && !HasFailure()) {
    const auto message = slow->Read();
    ASSERT_GT(message.changes_size(), 0);
    EXPECT_EQ(message.changes(0).version(), ++version);
  }
}

}  // namespace
}  // namespace masa::authority
