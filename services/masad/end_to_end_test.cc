// One onboarding over real sockets, with the roles together and apart: the
// same suite runs both forms. The store is the one in memory; everything else
// is what masad runs.
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gtest/gtest.h"
#include "services/config/yaml_reader.h"
#include "services/masad/authority_part.h"
#include "services/masad/edge_part.h"
#include "services/masad/signer_part.h"
#include "services/status/reason.h"
#include "services/testing/pledge.h"
#include "services/testing/registrar.h"
#include "services/testing/sandbox_files.h"
#include "storage/memory/memory_store.h"

namespace masa::masad {
namespace {

std::string Config(int signer_port, int internal_port) {
  return absl::StrCat(R"(
edge:
  listen: 127.0.0.1:0
  certificates:
    - host_names: [localhost, masa.example]
      identity: {chain_file: secrets/server.pem, key_file: secrets/server.key}
  authority:
    target: 127.0.0.1:)",
                      internal_port, R"(
    server_name: authority.masa.internal
    identity: {chain_file: secrets/edge.pem, key_file: secrets/edge.key}
    roots_file: secrets/internal-root.pem
authority:
  internal:
    listen: 127.0.0.1:0
    identity: {chain_file: secrets/authority.pem, key_file: secrets/authority.key}
    client_roots_file: secrets/internal-root.pem
    allow: [{service: masa.v1.RegistrarService, names: [edge.masa.internal]}]
  callers:
    - {name: edge.masa.internal, role: EDGE}
    - {name: authority.masa.internal, role: AUTHORITY}
  signer:
    target: 127.0.0.1:)",
                      signer_port, R"(
    server_name: signer.masa.internal
    identity: {chain_file: secrets/authority.pem, key_file: secrets/authority.key}
    roots_file: secrets/internal-root.pem
signer:
  listener:
    listen: 127.0.0.1:0
    identity: {chain_file: secrets/signer.pem, key_file: secrets/signer.key}
    client_roots_file: secrets/internal-root.pem
    allow: [{service: masa.v1.SigningService, names: [authority.masa.internal]}]
  local_keys:
    - name: acme-voucher
      key_file: secrets/voucher-p256.key
      chain_file: secrets/voucher-p256.pem
      kinds: [VOUCHER_CMS]
    - name: acme-nonceless
      key_file: secrets/voucher-nonceless.key
      chain_file: secrets/voucher-nonceless.pem
      kinds: [VOUCHER_CMS]
)");
}

// A service of either form. Parts are made in the order of their arrows and
// die the other way round.
class Masa {
 public:
  Masa(const std::string& folder, bool apart) : folder_(folder) {
    Load(0, 0);
    local_ = *BuildLocalSigner(setup_);
    if (apart) {
      signer_listener_ = *SignerListener::New(setup_, *local_, executor_);
      Load(signer_listener_->port(), 0);
      remote_ = *BuildRemoteSigner(setup_);
    }
    use_cases_ = std::make_unique<UseCases>(
        Stores{store_, store_, store_}, apart ? *remote_ : *local_, metrics_);
    if (apart) {
      internal_ = *InternalListener::New(setup_, use_cases_->registrars(),
                                         authority_executor_);
      Load(signer_listener_->port(), internal_->port());
      desk_ = *RemoteDesk::New(setup_);
    }
    edge_ = *BuildEdge(setup_, apart ? desk_->desk() : use_cases_->registrars(),
                       edge_executor_, edge_events_);
    Seed();
  }

  int port() const { return edge_->port(); }
  storage::MemoryStore& store() { return store_; }
  void StopSigner() { signer_listener_->Drain(absl::ZeroDuration()); }
  void StopAuthority() { internal_->Drain(absl::ZeroDuration()); }

 private:
  void Load(int signer_port, int internal_port) {
    setup_ = Setup{{}, folder_};
    const auto faults =
        config::ReadYaml(Config(signer_port, internal_port), &setup_.config);
    EXPECT_TRUE(faults.empty()) << faults.front();
  }

  void Seed() {
    masa::v1::Catalog catalog;
    const auto faults =
        config::ReadYamlFile(folder_ + "/secrets/catalog.yaml", &catalog);
    ASSERT_TRUE(faults.empty()) << faults.front();
    ASSERT_TRUE(store_.Apply({}, "test", absl::Now(), catalog).ok());
    storage::Device device;
    device.tenant_id = "acme";
    device.serial_number = "DEMO-0001";
    device.product_id = "default";
    ASSERT_TRUE(store_
                    .Import({}, "test", absl::Now(), {device},
                            storage::OnConflict::kFail)[0]
                    .ok());
  }

  const std::string folder_;
  Setup setup_;
  storage::MemoryStore store_;
  telemetry::Metrics metrics_;
  NoEdgeEvents edge_events_;
  Executor executor_{{"signer", 2, 64}};
  Executor authority_executor_{{"authority", 4, 64}};
  Executor edge_executor_{{"edge", 4, 64}};
  std::unique_ptr<signing::Signer> local_;
  std::unique_ptr<SignerListener> signer_listener_;
  std::unique_ptr<signing::Signer> remote_;
  std::unique_ptr<UseCases> use_cases_;
  std::unique_ptr<InternalListener> internal_;
  std::unique_ptr<RemoteDesk> desk_;
  std::unique_ptr<edge::HttpsEdge> edge_;
};

std::string Read(const std::string& path) {
  std::string text;
  EXPECT_TRUE(config::ReadFile(path, &text)) << path;
  return text;
}

class Onboarding : public ::testing::TestWithParam<bool> {
 protected:
  void SetUp() override {
    folder_ = absl::StrCat(::testing::TempDir(), "/sandbox-",
                           GetParam() ? "apart" : "together");
    ASSERT_TRUE(testing::WriteSandboxFiles(folder_, SystemClock()).ok());
    masa_ = std::make_unique<Masa>(folder_, GetParam());
    registrar_ = std::make_unique<testing::Registrar>(
        Identity("registrar"),
        std::vector<std::string>{Identity("domain-ca").CertificateDer()});
    pledge_ = std::make_unique<testing::Pledge>(Identity("pledge"));
    const auto request = pledge_->MakeRequest(
        registrar_->identity().CertificateDer(), absl::Now());
    request_ = registrar_->Sign(
        *registrar_->LeavesFor(request, pledge_->idevid(), absl::Now()));
  }

  testing::Identity Identity(const std::string& name) {
    return testing::IdentityFromPem(
        Read(folder_ + "/sandbox/" + name + ".pem"),
        Read(folder_ + "/sandbox/" + name + ".key"));
  }

  // A root's certificate, whose key is elsewhere.
  std::string Root(const std::string& name) {
    return testing::IdentityFromPem(Read(folder_ + "/sandbox/" + name + ".pem"),
                                    Read(folder_ + "/secrets/" + name + ".key"))
        .CertificateDer();
  }

  testing::HttpAnswer Ask() {
    auto connection = registrar_->Connect(
        {"127.0.0.1", masa_->port(), "localhost", {Root("tls-root")}});
    EXPECT_TRUE(connection.ok()) << connection.status();
    auto answer = testing::Registrar::RequestVoucher(**connection, request_);
    EXPECT_TRUE(answer.ok()) << answer.status();
    return *std::move(answer);
  }

  std::string folder_;
  std::unique_ptr<Masa> masa_;
  std::unique_ptr<testing::Registrar> registrar_;
  std::unique_ptr<testing::Pledge> pledge_;
  std::string request_;
};

// TR-01, EP-01, EP-02, EP-18, EP-30, EP-50.
TEST_P(Onboarding, PledgeTrustsItsVoucherAndTheLogShowsIt) {
  const auto answer = Ask();
  ASSERT_EQ(answer.status, 200) << answer.body;
  EXPECT_EQ(answer.headers.at("content-type"), "application/voucher-cms+json");
  const auto voucher = pledge_->CheckVoucher(
      answer.body,
      {Root("voucher-root"), registrar_->identity().CertificateDer(),
       registrar_->chain_der(), absl::Now()});
  ASSERT_TRUE(voucher.ok()) << voucher.status();
  EXPECT_EQ(voucher->assertion, masa::v1::ASSERTION_PROXIMITY);
  auto connection = registrar_->Connect(
      {"127.0.0.1", masa_->port(), "localhost", {Root("tls-root")}});
  ASSERT_TRUE(connection.ok());
  const auto log = testing::Registrar::RequestAuditLog(**connection, request_);
  ASSERT_TRUE(log.ok());
  EXPECT_EQ(log->status, 200) << log->body;
  EXPECT_NE(log->body.find(pledge_->nonce()), std::string::npos) << log->body;
}

// EP-31, EP-44: a stopped store or signer is one plain sentence, and the
// service goes on afterwards.
TEST_P(Onboarding, StoppedStoreIsToldPlainlyAndPasses) {
  masa_->store().Stop(true);
  const auto answer = Ask();
  EXPECT_EQ(answer.status, 503);
  EXPECT_EQ(answer.headers.at("content-type"), "text/plain; charset=utf-8");
  EXPECT_FALSE(answer.body.empty());
  masa_->store().Stop(false);
  EXPECT_EQ(Ask().status, 200);
}

TEST_P(Onboarding, StoppedSignerOrAuthorityIsUnavailable) {
  if (!GetParam()) {
    return;  // together, neither can stop alone
  }
  masa_->StopSigner();
  EXPECT_EQ(Ask().status, 503);
  EXPECT_EQ(masa_->store().Events().size(), 2u);  // catalog and device
  masa_->StopAuthority();
  EXPECT_EQ(Ask().status, 503);
}

INSTANTIATE_TEST_SUITE_P(Forms, Onboarding, ::testing::Bool(),
                         [](const auto& info) {
                           return info.param ? "Apart" : "Together";
                         });

}  // namespace
}  // namespace masa::masad
