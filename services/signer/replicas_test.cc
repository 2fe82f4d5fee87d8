// Several signers behind one name, of which one dies while it signs.
#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "gtest/gtest.h"
#include "services/rpc/channel.h"
#include "services/rpc/server.h"
#include "services/signer/key_maker_face.h"
#include "services/signer/signing_face.h"
#include "services/signing/remote/remote_key_maker.h"
#include "services/signing/remote/remote_signer.h"
#include "services/status/reason.h"
#include "services/testing/test_pki.h"

namespace masa::signer {
namespace {

using signing::ToBeSigned;

// "Signs" by repeating what it gets. One that is to die says that it was asked,
// and answers nobody until it is let go.
class EchoingSigner final : public signing::Signer {
 public:
  std::vector<absl::StatusOr<std::string>> Sign(
      const RequestContext& context, const std::string& key,
      absl::Span<const ToBeSigned> items) override {
    calls.fetch_add(1);
    if (hangs) {
      if (!asked.HasBeenNotified()) {
        asked.Notify();
      }
      let_go.WaitForNotification();
    }
    std::vector<absl::StatusOr<std::string>> answers;
    for (const ToBeSigned& item : items) {
      answers.push_back(item.octets());
    }
    return answers;
  }
  absl::StatusOr<signing::KeyDescription> Describe(
      const RequestContext& context, const std::string& key) override {
    return signing::KeyDescription{key, SignatureAlgorithm::kEd25519, {}, {}};
  }

  std::atomic<int> calls{0};
  std::atomic<bool> hangs{false};
  absl::Notification asked, let_go;
};

class SayingMaker final : public signing::KeyMaker {
 public:
  absl::StatusOr<std::vector<signing::KeySlot>> Slots(
      const RequestContext& context, const std::string& tenant_id) override {
    return std::vector<signing::KeySlot>{
        {"k", tenant_id, {signing::Kind::kTest}, true, {"leaf", "root"}}};
  }
  absl::StatusOr<signing::KeyDescription> Create(
      const RequestContext& context, const std::string& tenant_id,
      const signing::KeyName& name, SignatureAlgorithm algorithm) override {
    return signing::KeyDescription{NameOf(name), algorithm, {},
                                   {},           "spki",    tenant_id};
  }
  absl::StatusOr<signing::KeyDescription> Import(
      const RequestContext& context, const std::string& tenant_id,
      const signing::KeyName& name, const std::string& pem) override {
    if (pem != "pem") {
      return Refuse(Reason::kInvalidArgument, "it does not open");
    }
    return Create(context, tenant_id, name, SignatureAlgorithm::kEd25519);
  }
  absl::Status Destroy(const RequestContext& context,
                       const std::string& tenant_id,
                       const signing::KeyName& name) override {
    return tenant_id == "a" && NameOf(name) == "k@7"
               ? absl::OkStatus()
               : Refuse(Reason::kKeyUnknown, "there is none");
  }
};

testing::Identity Certificate(const testing::Identity* ca) {
  testing::CertificateSpec spec;
  spec.common_name = "x";
  spec.not_before = absl::Now() - absl::Hours(1);
  spec.not_after = absl::Now() + absl::Hours(1);
  spec.is_ca = ca == nullptr;
  if (ca != nullptr) {
    spec.subject_alternative_names = {"URI:urn:authority", "DNS:signer"};
  }
  return testing::MakeIdentity(spec, ca);
}

// One signer process, but for the process.
struct Replica {
  Replica(const testing::Identity& ca, const testing::Identity& own)
      : server(*rpc::Server::New({"127.0.0.1:0", own.CertificatePem(),
                                  own.KeyPem(), ca.CertificatePem(), false},
                                 {&face, &key_face})) {}

  static rpc::Gate MakeGate() {
    const std::vector<std::string> services = {
        masa::v1::SigningService::service_full_name(),
        masa::v1::KeyMakerService::service_full_name()};
    return *rpc::Gate::Create(
        services, {{services[0], {"*"}}, {services[1], {"*"}}},
        [](const auto&) -> absl::StatusOr<identity::Principal> {
          return identity::Principal{identity::Role::kAuthority, "a", "", ""};
        });
  }

  EchoingSigner signer;
  SayingMaker maker;
  Executor executor{{"test", 2, 16}};
  const rpc::Gate gate = MakeGate();
  SigningFace face{signer, rpc::Serving{gate, executor}};
  KeyMakerFace key_face{maker, rpc::Serving{gate, executor}};
  std::unique_ptr<rpc::Server> server;
};

class Replicas : public ::testing::Test {
 protected:
  // Two signers behind one name.
  std::shared_ptr<grpc::Channel> Channel() {
    return rpc::MakeChannel(
        {absl::StrCat("ipv4:127.0.0.1:", first_.server->port(),
                      ",127.0.0.1:", second_.server->port()),
         "signer", ca_.CertificatePem(), own_.CertificatePem(), own_.KeyPem()});
  }

  static RequestContext Context() {
    return {"id", "", absl::Now() + absl::Seconds(20)};
  }

  // Each as long as `octets`.
  static std::vector<ToBeSigned> Items(size_t count, size_t octets) {
    std::vector<ToBeSigned> items;
    for (size_t i = 0; i < count; ++i) {
      std::string text = absl::StrCat(i, "-");
      text.resize(octets, 'x');
      items.push_back(ToBeSigned::Test(text));
    }
    return items;
  }

  const testing::Identity ca_ = Certificate(nullptr);
  const testing::Identity own_ = Certificate(&ca_);
  Replica first_{ca_, own_};
  Replica second_{ca_, own_};
};

// More than gRPC itself keeps for another attempt.
TEST_F(Replicas, ADeathInABatchCostsARetryAndNoSignature) {
  signing::RemoteSigner signer(Channel());
  const std::vector<ToBeSigned> items = Items(200, 4000);
  first_.signer.hangs = true;
  std::thread killer([this] {
    first_.signer.asked.WaitForNotification();
    first_.server->Drain(absl::ZeroDuration());
  });
  // Round robin: every other call is the first signer's, once it is connected.
  int calls = 0;
  for (; !first_.signer.asked.HasBeenNotified(); ++calls) {
    const auto signatures = signer.Sign(Context(), "k", items);
    ASSERT_EQ(signatures.size(), items.size());
    for (size_t k = 0; k < items.size(); ++k) {
      ASSERT_TRUE(signatures[k].ok()) << signatures[k].status();
      EXPECT_EQ(*signatures[k], items[k].octets());
    }
  }
  first_.signer.let_go.Notify();
  killer.join();
  EXPECT_EQ(second_.signer.calls, calls);
  EXPECT_GE(first_.signer.calls, 1);
}

TEST_F(Replicas, CallsAreSharedByAllReplicas) {
  signing::RemoteSigner signer(Channel());
  // Both are connected when the second answers for the first time.
  while (first_.signer.calls == 0 || second_.signer.calls == 0) {
    ASSERT_TRUE(signer.Sign(Context(), "k", Items(1, 8)).front().ok());
  }
  const int before = second_.signer.calls;
  for (int i = 0; i < 10; ++i) {
    ASSERT_TRUE(signer.Sign(Context(), "k", Items(1, 8)).front().ok());
  }
  EXPECT_EQ(second_.signer.calls - before, 5);
}

// A signer takes 256 items and gRPC 4 MiB; a caller need not know.
TEST_F(Replicas, LargeBatchesGoInParts) {
  signing::RemoteSigner signer(Channel());
  for (const auto& items : {Items(600, 100), Items(256, 40'000)}) {
    const auto signatures = signer.Sign(Context(), "k", items);
    ASSERT_EQ(signatures.size(), items.size());
    for (size_t i = 0; i < items.size(); ++i) {
      ASSERT_TRUE(signatures[i].ok()) << signatures[i].status();
      EXPECT_EQ(*signatures[i], items[i].octets());
    }
  }
}

TEST_F(Replicas, KeysAreMadeThroughThem) {
  signing::RemoteKeyMaker maker(Channel());
  const auto slots = maker.Slots(Context(), "a");
  ASSERT_TRUE(slots.ok() && slots->size() == 1) << slots.status();
  EXPECT_EQ(slots->front().tenant_id, "a");
  EXPECT_TRUE(slots->front().endless);
  EXPECT_EQ(slots->front().chain_der.size(), 2u);
  EXPECT_EQ(slots->front().kinds.front(), signing::Kind::kTest);
  const auto made = maker.Create(Context(), "a", {"k", 7},
                                 SignatureAlgorithm::kEcdsaP384Sha384);
  ASSERT_TRUE(made.ok()) << made.status();
  EXPECT_EQ(made->name, "k@7");
  EXPECT_EQ(made->algorithm, SignatureAlgorithm::kEcdsaP384Sha384);
  EXPECT_EQ(made->spki_der, "spki");
  EXPECT_EQ(made->tenant_id, "a");
  EXPECT_TRUE(maker.Import(Context(), "a", {"k", 8}, "pem").ok());
  EXPECT_EQ(ReasonOf(maker.Import(Context(), "a", {"k", 8}, "x").status()),
            Reason::kInvalidArgument);
  EXPECT_EQ(
      ReasonOf(maker.Import(Context(), "a", {"k", 8}, std::string(20'000, 'x'))
                   .status()),
      Reason::kInvalidArgument);
  EXPECT_TRUE(maker.Destroy(Context(), "a", {"k", 7}).ok());
  EXPECT_EQ(ReasonOf(maker.Destroy(Context(), "b", {"k", 7})),
            Reason::kKeyUnknown);
}

}  // namespace
}  // namespace masa::signer
