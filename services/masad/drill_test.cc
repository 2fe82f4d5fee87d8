// Drills with real processes, databases and tools: a replica dies, a service is
// restored from escrow, a product line changes hands, an operator approves, and
// what is old is forgotten.
#include <csignal>
#include <filesystem>
#include <fstream>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "absl/strings/string_view.h"
#include "absl/time/clock.h"
#include "gtest/gtest.h"
#include "services/config/yaml_reader.h"
#include "services/masad/test_deployment.h"

namespace masa::masad {
namespace {

namespace fs = std::filesystem;

std::string Folder(const std::string& name) {
  return absl::StrCat(::testing::TempDir(), "/drill-", name);
}

std::string Read(const std::string& path) {
  std::string text;
  EXPECT_TRUE(config::ReadFile(path, &text)) << path;
  return text;
}

void Write(const std::string& path, const std::string& text) {
  std::ofstream(path, std::ios::binary) << text;
}

// SE-15: two sites on one database answer alike, and either goes on without
// the other.
TEST(Failover, AReplicaDiesAndTheOtherAnswers) {
  Deployment deployment(Folder("failover"));
  auto one = MakeReady(deployment);
  const auto two = deployment.Start("two");
  Customer customer(deployment, deployment);
  const std::string first = customer.NewRequest();
  const auto answer = customer.RequestVoucher(*one, first);
  ASSERT_EQ(answer.status, 200) << answer.body;
  EXPECT_EQ(customer.RequestVoucher(*two, first).body, answer.body);
  const auto log = customer.RequestAuditLog(*one, first);
  ASSERT_EQ(log.status, 200) << log.body;
  EXPECT_EQ(customer.RequestAuditLog(*two, first).body, log.body);

  one->process().Signal(SIGKILL);
  EXPECT_EQ(one->process().Wait(), -SIGKILL);
  EXPECT_EQ(customer.RequestVoucher(*two, first).body, answer.body);
  const auto next = customer.RequestVoucher(*two, customer.NewRequest());
  ASSERT_EQ(next.status, 200) << next.body;
  EXPECT_TRUE(
      customer
          .Trusts(next.body, deployment.Root("voucher-root").CertificateDer())
          .ok());
  EXPECT_NE(customer.RequestAuditLog(*two, first).body, log.body);

  one = deployment.Start("one again");
  EXPECT_EQ(customer.RequestVoucher(*one, first).body, answer.body);
}

// What goes into escrow: keys that sign vouchers, the catalog, the devices.
void Escrow(const Deployment& from, const std::string& vault) {
  fs::create_directories(vault);
  for (const char* name :
       {"secrets/voucher-p256.key", "secrets/voucher-p256.pem",
        "secrets/voucher-nonceless.key", "secrets/voucher-nonceless.pem",
        "secrets/catalog.yaml", "devices.csv"}) {
    fs::copy_file(from.Path(name), fs::path(vault) / fs::path(name).filename(),
                  fs::copy_options::overwrite_existing);
  }
}

// OW-12, OP-16: the manufacturer is gone; whoever holds the escrow serves its
// devices with a new database, new TLS and new operators.
TEST(Escrow, ANewServiceServesTheOldDevices) {
  const std::string vault = Folder("vault");
  auto old = std::make_unique<Deployment>(Folder("old"));
  MakeReady(*old)->process().Signal(SIGKILL);
  Escrow(*old, vault);

  Deployment heir(Folder("heir"));
  for (const char* name :
       {"voucher-p256.key", "voucher-p256.pem", "voucher-nonceless.key",
        "voucher-nonceless.pem", "catalog.yaml"}) {
    fs::copy_file(fs::path(vault) / name, heir.Path("secrets/") + name,
                  fs::copy_options::overwrite_existing);
  }
  const auto masad = MakeReady(heir, Read(vault + "/devices.csv"));
  Customer customer(*old, heir);
  const auto answer = customer.RequestVoucher(*masad, customer.NewRequest());
  ASSERT_EQ(answer.status, 200) << answer.body;
  const absl::Status trusted =
      customer.Trusts(answer.body, old->Root("voucher-root").CertificateDer());
  EXPECT_TRUE(trusted.ok()) << trusted;
  EXPECT_FALSE(
      customer.Trusts(answer.body, heir.Root("voucher-root").CertificateDer())
          .ok());
}

// A certificate of `issuer` with `name`, for a client or a server.
void WriteIdentity(const Deployment& deployment, const std::string& place,
                   const std::string& alternative_name, const char* usage,
                   const std::string& issuer_pem,
                   const std::string& issuer_key) {
  const testing::Identity issuer =
      testing::IdentityFromPem(issuer_pem, issuer_key);
  testing::CertificateSpec spec;
  spec.common_name = "drill";
  spec.extended_key_usages = {usage};
  spec.subject_alternative_names = {alternative_name};
  spec.not_before = absl::Now() - absl::Hours(1);
  spec.not_after = absl::Now() + absl::Hours(24);
  const testing::Identity made = testing::MakeIdentity(spec, &issuer);
  Write(deployment.Path(place + ".pem"),
        made.CertificatePem() + issuer.CertificatePem());
  Write(deployment.Path(place + ".key"), made.KeyPem());
}

// Prepares `buyer` for a second manufacturer, `globex`, whose keys and catalog
// `seller` hands over.
void TakeOver(const Deployment& seller, Deployment& buyer) {
  for (const char* name : {"voucher-p256", "voucher-nonceless"}) {
    for (const char* ending : {".key", ".pem"}) {
      fs::copy_file(seller.Path(absl::StrCat("secrets/", name, ending)),
                    buyer.Path(absl::StrCat("secrets/globex-", name, ending)),
                    fs::copy_options::overwrite_existing);
    }
    absl::StrAppend(
        &buyer.parts().more_keys, ", {name: ",
        absl::StrReplaceAll(name, {{"voucher-p256", "globex-one"},
                                   {"voucher-nonceless", "globex-two"}}),
        ", key_file: secrets/globex-", name,
        ".key, chain_file: secrets/globex-", name,
        ".pem, kinds: [VOUCHER_CMS]}");
  }
  Write(buyer.Path("globex.yaml"),
        absl::StrReplaceAll(
            Read(seller.Path("secrets/catalog.yaml")),
            {{"tenant_id: acme", "tenant_id: globex"},
             {"[masa.example, localhost, 127.0.0.1, est.masa.example,\n"
              "      cloud.masa.example]",
              "[masa.globex.example]"},
             {"is_default: true", "is_default: false"},
             {"signing_key: acme-voucher", "signing_key: globex-one"},
             {"signing_key: acme-nonceless", "signing_key: globex-two"}}));
  WriteIdentity(buyer, "secrets/globex-server", "DNS:masa.globex.example",
                testing::kServerAuth, Read(buyer.Path("sandbox/tls-root.pem")),
                Read(buyer.Path("secrets/tls-root.key")));
  WriteIdentity(buyer, "sandbox/globex-operator",
                "URI:urn:masa:globex:operator:operator", testing::kClientAuth,
                Read(buyer.Path("secrets/clients-root.pem")),
                Read(buyer.Path("secrets/clients-root.key")));
  buyer.parts().more_certificates =
      "    - {host_names: [masa.globex.example], identity: {chain_file: "
      "secrets/globex-server.pem, key_file: secrets/globex-server.key}}\n";
  buyer.parts().more_callers =
      "    - {name: \"urn:masa:globex:operator:operator\", role: OPERATOR, "
      "tenant_id: globex}\n";
}

// OW-05, OP-16: another manufacturer's product line, its keys and its device
// list as a tenant of its own: its devices trust what comes, and nothing else
// changes.
TEST(TakenOver, AnotherManufacturersDevicesAreServedWithItsKeys) {
  const Deployment seller(Folder("seller"));
  Deployment buyer(Folder("buyer"));
  TakeOver(seller, buyer);
  ASSERT_EQ(buyer.RunVerb("migrate again", {"migrate"}), 0);
  ASSERT_EQ(buyer.RunVerb("takeover", {"apply", buyer.Path("globex.yaml")}), 0)
      << buyer.LogOf("takeover");
  const auto masad = MakeReady(buyer);
  std::string said;
  ASSERT_EQ(
      buyer.Masactl(*masad, "globex-operator",
                    {"device", "import", buyer.Path("devices.csv")}, &said),
      0)
      << said;

  Customer theirs(seller, buyer, "masa.globex.example");
  const auto answer = theirs.RequestVoucher(*masad, theirs.NewRequest());
  ASSERT_EQ(answer.status, 200) << answer.body;
  const absl::Status trusted =
      theirs.Trusts(answer.body, seller.Root("voucher-root").CertificateDer());
  EXPECT_TRUE(trusted.ok()) << trusted;
  EXPECT_FALSE(
      theirs.Trusts(answer.body, buyer.Root("voucher-root").CertificateDer())
          .ok());
  Customer ours(buyer, buyer);
  const auto own = ours.RequestVoucher(*masad, ours.NewRequest());
  ASSERT_EQ(own.status, 200) << own.body;
  EXPECT_TRUE(
      ours.Trusts(own.body, buyer.Root("voucher-root").CertificateDer()).ok());
}

// EP-41, AMB-15: 202 with Retry-After from one replica, an operator's word
// over another, and the very same request gets its voucher.
// The claim that the list of those that wait tells of the device; libraries say
// what they have to say beside it.
std::string ClaimIn(const std::string& said) {
  for (const absl::string_view line : absl::StrSplit(said, '\n')) {
    if (absl::StrContains(line, "device DEMO-0001")) {
      return std::string(line.substr(0, line.find(' ')));
    }
  }
  ADD_FAILURE() << "no claim of the device is in: " << said;
  return "";
}

TEST(Approved, AClaimWaitsForTheOperatorOnEveryReplica) {
  Deployment deployment(Folder("approval"));
  const std::string catalog = deployment.Path("secrets/catalog.yaml");
  Write(catalog, absl::StrReplaceAll(
                     Read(catalog),
                     {{"\n    product_id: default\n",
                       "\n    product_id: default\n    approval: true\n"}}));
  const auto one = MakeReady(deployment);
  const auto two = deployment.Start("two");
  Customer customer(deployment, deployment);
  const std::string request = customer.NewRequest();
  const auto waits = customer.RequestVoucher(*one, request);
  EXPECT_EQ(waits.status, 202);
  EXPECT_EQ(waits.headers.at("retry-after"), "60");
  EXPECT_TRUE(absl::StrContains(waits.body, "approval")) << waits.body;
  EXPECT_EQ(customer.RequestVoucher(*two, request).status, 202);

  std::string said;
  ASSERT_EQ(deployment.Masactl(*two, "operator", {"voucher", "pending"}, &said),
            0)
      << said;
  const std::string claim = ClaimIn(said);
  EXPECT_EQ(claim.size(), 32u) << said;
  EXPECT_EQ(
      deployment.Masactl(*two, "owner", {"voucher", "approve", claim}, &said),
      1)
      << said;
  ASSERT_EQ(deployment.Masactl(*two, "operator", {"voucher", "approve", claim},
                               &said),
            0)
      << said;
  const auto answer = customer.RequestVoucher(*one, request);
  ASSERT_EQ(answer.status, 200) << answer.body;
  EXPECT_TRUE(
      customer
          .Trusts(answer.body, deployment.Root("voucher-root").CertificateDer())
          .ok());

  const std::string other = customer.NewRequest();
  EXPECT_EQ(customer.RequestVoucher(*one, other).status, 202);
  ASSERT_EQ(deployment.Masactl(*one, "operator", {"voucher", "pending"}, &said),
            0);
  ASSERT_EQ(deployment.Masactl(*one, "operator",
                               {"voucher", "decline", ClaimIn(said), "--reason",
                                "sold to someone else"},
                               &said),
            0)
      << said;
  const auto declined = customer.RequestVoucher(*two, other);
  EXPECT_EQ(declined.status, 403);
  EXPECT_TRUE(absl::StrContains(declined.body, "sold to someone else"))
      << declined.body;
}

// SE-08, AL-26: the job runs under its own role, forgets by the tenant's
// period, and the audit log goes on answering.
TEST(Forgetting, TheJobForgetsAndTheLogAnswers) {
  Deployment deployment(Folder("retention"));
  const auto masad = MakeReady(deployment);
  Customer customer(deployment, deployment);
  const std::string request = customer.NewRequest();
  ASSERT_EQ(customer.RequestVoucher(*masad, request).status, 200);
  const std::string kept =
      "SELECT count(*) FROM vouchers WHERE actor <> '' AND request_id <> '' "
      "AND voucher <> ''";
  ASSERT_EQ(deployment.RunVerb("young", {"retention"}), 0)
      << deployment.LogOf("young");
  EXPECT_EQ(deployment.Query(kept), "1");
  // As if it had been long ago; the default period is 400 days.
  deployment.Query(
      "UPDATE vouchers SET created_on = created_on - interval '401 days' "
      "RETURNING 1");
  ASSERT_EQ(deployment.RunVerb("old", {"retention"}), 0)
      << deployment.LogOf("old");
  EXPECT_EQ(deployment.Query(kept), "0");
  EXPECT_TRUE(absl::StrContains(deployment.LogOf("old"), "\"vouchers\":\"1\""))
      << deployment.LogOf("old");
  const auto after = customer.RequestAuditLog(*masad, request);
  EXPECT_EQ(after.status, 200) << after.body;
  const auto again = customer.RequestVoucher(*masad, request);
  EXPECT_EQ(again.status, 200) << again.body;
  EXPECT_TRUE(
      customer
          .Trusts(again.body, deployment.Root("voucher-root").CertificateDer())
          .ok());
}

}  // namespace
}  // namespace masa::masad
