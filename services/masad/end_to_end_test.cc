// One onboarding over real sockets, with the roles together and apart: the
// same suite runs both forms. The store is the one in memory; everything else
// is what masad runs.
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gtest/gtest.h"
#include "services/config/yaml_reader.h"
#include "services/masad/edge_part.h"
#include "services/masad/internal_listener.h"
#include "services/masad/signer_part.h"
#include "services/masad/use_cases.h"
#include "services/status/reason.h"
#include "services/testing/files.h"
#include "services/testing/pledge.h"
#include "services/testing/registrar.h"
#include "services/testing/sandbox_files.h"
#include "storage/memory/memory_issued_vouchers.h"
#include "storage/memory/memory_store.h"
#include "storage/memory/memory_voucher_jobs.h"

namespace masa::masad {
namespace {

std::string Config(int signer_port, int internal_port) {
  return absl::StrCat(R"(
edge:
  listen: 127.0.0.1:0
  certificates:
    - host_names: [localhost, masa.example]
      identity: {chain_file: secrets/server.pem, key_file: secrets/server.key}
    - host_names: [masa.bolt.example]
      identity: {chain_file: secrets/bolt-server.pem, key_file: secrets/bolt-server.key}
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
    - name: bolt-voucher
      key_file: secrets/bolt-voucher.key
      chain_file: secrets/bolt-voucher.pem
      kinds: [VOUCHER_CMS]
)");
}

// A service of either form. Parts are made in the order of their arrows and
// die the other way round.
class Masa {
 public:
  Masa(const std::string& folder, bool apart) : folder_(folder) {
    Load(0, 0);
    keys_ = *BuildLocalKeys(setup_);
    local_ = keys_;
    if (apart) {
      signer_listener_ =
          *SignerListener::New(setup_, *keys_.signer, *keys_.maker, executor_);
      Load(signer_listener_->port(), 0);
      keys_ = *BuildRemoteKeys(setup_);
    }
    use_cases_ = std::make_unique<UseCases>(
        Stores{store_, store_, store_, store_, store_, store_, store_, store_,
               store_, store_, store_, store_, store_, issued_, jobs_},
        Stores{store_, store_, store_, store_, store_, store_, store_, store_,
               store_, store_, store_, store_, store_, issued_, jobs_},
        *keys_.signer, *keys_.maker, metrics_);
    if (apart) {
      internal_ = *InternalListener::New(setup_, {use_cases_->registrars()},
                                         authority_executor_);
      Load(signer_listener_->port(), internal_->port());
      desk_ = *RemoteDesk::New(setup_);
    }
    edge_ = *BuildEdge(setup_, EdgeLoops(setup_.config.edge(), !apart),
                       apart ? desk_->desk() : use_cases_->registrars(),
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
  storage::MemoryIssuedVouchers issued_{store_};
  storage::MemoryVoucherJobs jobs_{store_};
  telemetry::Metrics metrics_;
  NoEdgeEvents edge_events_;
  Executor executor_{{"signer", 2, 64}};
  Executor authority_executor_{{"authority", 4, 64}};
  Executor edge_executor_{{"edge", 4, 64}};
  Keys local_;
  std::unique_ptr<SignerListener> signer_listener_;
  Keys keys_;  // the local ones, or those behind the listener
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

testing::CertificateSpec Spec(const std::string& name, bool is_ca) {
  testing::CertificateSpec spec;
  spec.common_name = name;
  spec.is_ca = is_ca;
  spec.not_before = absl::Now() - absl::Hours(1);
  spec.not_after = absl::Now() + absl::Hours(24);
  return spec;
}

class Onboarding : public ::testing::TestWithParam<bool> {
 protected:
  void SetUp() override {
    folder_ = absl::StrCat(::testing::TempDir(), "/sandbox-",
                           GetParam() ? "apart" : "together");
    ASSERT_TRUE(testing::WriteSandboxFiles(folder_, SystemClock()).ok());
    WriteBolt();
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

  // A root, whose key is elsewhere.
  testing::Identity RootIdentity(const std::string& name) {
    return testing::IdentityFromPem(
        Read(folder_ + "/sandbox/" + name + ".pem"),
        Read(folder_ + "/secrets/" + name + ".key"));
  }

  std::string Root(const std::string& name) {
    return RootIdentity(name).CertificateDer();
  }

  // The other manufacturer's identities: its server's name, its voucher key.
  void WriteBolt() {
    testing::CertificateSpec server = Spec("masa.bolt.example", false);
    server.subject_alternative_names = {"DNS:masa.bolt.example"};
    const testing::Identity tls_root = RootIdentity("tls-root");
    WriteSecret("bolt-server", testing::MakeIdentity(server, &tls_root), "");
    WriteSecret("bolt-voucher",
                testing::MakeIdentity(Spec("bolt voucher", false), &bolt_root_),
                bolt_root_.CertificatePem());
  }

  void WriteSecret(const std::string& name, const testing::Identity& identity,
                   const std::string& above) {
    const std::string path = folder_ + "/secrets/" + name;
    ASSERT_TRUE(testing::WriteFile(path + ".pem",
                                   identity.CertificatePem() + above,
                                   testing::FileMode::kPublic)
                    .ok());
    ASSERT_TRUE(testing::WriteFile(path + ".key", identity.KeyPem(),
                                   testing::FileMode::kSecret)
                    .ok());
  }

  // Tenant bolt, and its devices: one has the serial number of acme's.
  void SeedBolt() {
    masa::v1::Catalog catalog;
    auto* tenant = catalog.add_tenants();
    tenant->set_tenant_id("bolt");
    tenant->add_host_names("masa.bolt.example");
    tenant->add_idevid_anchors_der(bolt_idevid_ca_.CertificateDer());
    auto* product = catalog.add_products();
    product->set_tenant_id("bolt");
    product->set_product_id("default");
    product->add_formats(masa::v1::FORMAT_CMS_JSON);
    product->set_ownership(masa::v1::OWNERSHIP_RULE_ANY_DOMAIN);
    product->set_signing_key("bolt-voucher");
    ASSERT_TRUE(masa_->store().Apply({}, "test", absl::Now(), catalog).ok());
    for (const char* serial : {"DEMO-0001", "BOLT-1"}) {
      storage::Device device;
      device.tenant_id = "bolt";
      device.serial_number = serial;
      device.product_id = "default";
      ASSERT_TRUE(masa_->store()
                      .Import({}, "test", absl::Now(), {device},
                              storage::OnConflict::kFail)[0]
                      .ok());
    }
  }

  testing::Pledge BoltPledge(const std::string& serial) {
    testing::CertificateSpec spec = Spec("bolt device", false);
    spec.subject_serial_number = serial;
    return testing::Pledge(testing::MakeIdentity(spec, &bolt_idevid_ca_));
  }

  std::string RequestOf(testing::Pledge& pledge) {
    const auto request = pledge.MakeRequest(
        registrar_->identity().CertificateDer(), absl::Now());
    return registrar_->Sign(
        *registrar_->LeavesFor(request, pledge.idevid(), absl::Now()));
  }

  using Resource = absl::StatusOr<testing::HttpAnswer> (*)(
      testing::HttpsClient&, const std::string&);

  testing::HttpAnswer AskAs(const std::string& host, const std::string& request,
                            Resource resource) {
    auto connection = registrar_->Connect(
        {"127.0.0.1", masa_->port(), host, {Root("tls-root")}});
    EXPECT_TRUE(connection.ok()) << connection.status();
    auto answer = resource(**connection, request);
    EXPECT_TRUE(answer.ok()) << answer.status();
    return *std::move(answer);
  }

  testing::HttpAnswer Ask() {
    return AskAs("localhost", request_, &testing::Registrar::RequestVoucher);
  }

  absl::Status Trusts(const testing::Pledge& pledge, const std::string& voucher,
                      const std::string& root) {
    return pledge
        .CheckVoucher(voucher, {root, registrar_->identity().CertificateDer(),
                                registrar_->chain_der(), absl::Now()})
        .status();
  }

  const testing::Identity bolt_root_ =
      testing::MakeIdentity(Spec("bolt voucher root", true));
  const testing::Identity bolt_idevid_ca_ =
      testing::MakeIdentity(Spec("bolt idevid ca", true));
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

// TR-09, TR-10, OP-05, OP-06, OW-15: two manufacturers at one address. The name
// that the registrar asks for chooses certificate, devices, anchors and key;
// one serial number in both is two devices.
TEST_P(Onboarding, ManufacturersNeverMeet) {
  SeedBolt();
  testing::Pledge twin = BoltPledge("DEMO-0001");
  const std::string twin_request = RequestOf(twin);
  const auto voucher = &testing::Registrar::RequestVoucher;
  const auto log = &testing::Registrar::RequestAuditLog;
  const auto ours = AskAs("masa.bolt.example", twin_request, voucher);
  ASSERT_EQ(ours.status, 200) << ours.body;
  EXPECT_TRUE(Trusts(twin, ours.body, bolt_root_.CertificateDer()).ok());
  EXPECT_FALSE(Trusts(twin, ours.body, Root("voucher-root")).ok());
  // At the other's name the twin's IDevID is a stranger's, and acme's device
  // has got nothing yet.
  EXPECT_EQ(AskAs("masa.example", twin_request, voucher).status, 403);
  EXPECT_EQ(AskAs("masa.example", request_, log).status, 404);
  EXPECT_EQ(AskAs("masa.bolt.example", twin_request, log).status, 200);
  const auto theirs = AskAs("masa.example", request_, voucher);
  ASSERT_EQ(theirs.status, 200) << theirs.body;
  EXPECT_TRUE(Trusts(*pledge_, theirs.body, Root("voucher-root")).ok());
  EXPECT_EQ(AskAs("masa.bolt.example", request_, voucher).status, 403);
  // What only one of them has, the other knows nothing of.
  testing::Pledge lonely = BoltPledge("BOLT-1");
  const std::string lonely_request = RequestOf(lonely);
  EXPECT_EQ(AskAs("masa.example", lonely_request, voucher).status, 404);
  EXPECT_EQ(AskAs("localhost", lonely_request, voucher).status, 404);
  EXPECT_EQ(AskAs("masa.bolt.example", lonely_request, voucher).status, 200);
}

INSTANTIATE_TEST_SUITE_P(Forms, Onboarding, ::testing::Bool(),
                         [](const auto& info) {
                           return info.param ? "Apart" : "Together";
                         });

}  // namespace
}  // namespace masa::masad
