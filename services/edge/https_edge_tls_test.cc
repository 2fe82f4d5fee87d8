// TLS as registrars meet it.
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "services/edge/edge_test_support.h"
#include "services/status/reason.h"
#include "services/testing/test_pki.h"

namespace masa::edge {
namespace {

using testing::KeyKind;

testing::Identity DeviceWith(KeyKind kind) {
  testing::CertificateSpec spec;
  spec.common_name = "device";
  spec.not_before = absl::Now() - absl::Hours(1);
  spec.not_after = absl::Now() + absl::Hours(1);
  spec.key = kind;
  return testing::MakeIdentity(spec);
}

TEST_F(EdgeTest, SpeaksTls12And13AndNothingOlder) {  // TR-04, TR-05, TR-06
  StartEdge();
  for (const uint16_t version :
       {TLS1_VERSION, TLS1_1_VERSION, TLS1_2_VERSION, TLS1_3_VERSION}) {
    auto client = Connect({.server_name = "masa.example",
                           .certificate_pem = registrar_.certificate_pem,
                           .key_pem = registrar_.key_pem,
                           .max_version = version,
                           .min_version = version});
    const bool expected = version >= TLS1_2_VERSION;
    ASSERT_EQ(client.ok(), expected) << version;
    if (expected) {
      EXPECT_EQ((*client)->Post(kVoucherPath, "x")->status, 200);
      EXPECT_EQ(desk_.calls().back().tls_peer_chain_der,
                std::vector<std::string>{registrar_.certificate_der});
    }
  }
}

// TR-06: whatever EST certifies is shown in either version.
TEST_F(EdgeTest, KnowsClientsByEachKindOfKey) {
  StartEdge();
  for (const KeyKind kind :
       {KeyKind::kP256, KeyKind::kP384, KeyKind::kP521, KeyKind::kEd25519,
        KeyKind::kRsa2048, KeyKind::kRsa4096}) {
    const testing::Identity device = DeviceWith(kind);
    for (const uint16_t version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
      auto client = Connect({.server_name = "masa.example",
                             .certificate_pem = device.CertificatePem(),
                             .key_pem = device.KeyPem(),
                             .max_version = version,
                             .min_version = version});
      ASSERT_TRUE(client.ok()) << static_cast<int>(kind) << client.status();
      const auto answer = (*client)->Post(kVoucherPath, "x");
      ASSERT_TRUE(answer.ok())
          << static_cast<int>(kind) << " " << version << answer.status();
      EXPECT_EQ(desk_.calls().back().tls_peer_chain_der,
                std::vector<std::string>{device.CertificateDer()});
    }
  }
}

// RFC 9155.
TEST_F(EdgeTest, TakesNoHandshakeThatIsSignedWithSha1) {
  StartEdge();
  const testing::Identity device = DeviceWith(KeyKind::kRsa2048);
  for (const auto& [algorithm, is_taken] :
       {std::pair(SSL_SIGN_RSA_PKCS1_SHA1, false),
        std::pair(SSL_SIGN_RSA_PKCS1_SHA256, true)}) {
    EXPECT_EQ(Connect({.server_name = "masa.example",
                       .certificate_pem = device.CertificatePem(),
                       .key_pem = device.KeyPem(),
                       .max_version = TLS1_2_VERSION,
                       .signs_with = static_cast<uint16_t>(algorithm)})
                  .ok(),
              is_taken);
  }
}

// SE-09: who may choose gets 1.3, which hides the registrar's certificate.
TEST_F(EdgeTest, SpeaksTls13UnlessAskedForLess) {
  StartEdge();
  EXPECT_EQ(Client()->Version(), "TLSv1.3");
}

// TR-25: RFC 8995's own registrar has one critical extended key usage, cmcRA.
TEST_F(EdgeTest, TakesClientsThatAreRegistrationAuthoritiesOnly) {
  testing::CertificateSpec spec;
  spec.common_name = "registrar";
  spec.not_before = absl::Now() - absl::Hours(1);
  spec.not_after = absl::Now() + absl::Hours(1);
  spec.extended_key_usages = {testing::kCmcRa};
  spec.extended_key_usage_critical = true;
  const testing::Identity registrar = testing::MakeIdentity(spec);
  StartEdge();
  auto client = Connect({.server_name = "masa.example",
                         .certificate_pem = registrar.CertificatePem(),
                         .key_pem = registrar.KeyPem()});
  ASSERT_TRUE(client.ok()) << client.status();
  EXPECT_EQ((*client)->Post(kVoucherPath, "x")->status, 200);
  EXPECT_EQ(desk_.calls()[0].tls_peer_chain_der,
            std::vector<std::string>{registrar.CertificateDer()});
}

// TR-19: TLS_RSA_WITH_NULL_SHA256 and TLS_ECDH_anon_WITH_AES_128_CBC_SHA are
// answered with the alert handshake_failure.
TEST_F(EdgeTest, RefusesSuitesWithoutCipherOrServer) {
  StartEdge();
  const std::string hello = std::string("\x03\x03") + std::string(32, 'r') +
                            std::string("\0\0\x04\0\x3b\xc0\x18\x01\0", 9);
  const char size = static_cast<char>(hello.size());
  const std::string message = std::string("\x01\0\0", 3) + size + hello;
  const char framed = static_cast<char>(message.size());
  const auto received = ExchangePlain(
      edge_->port(), std::string("\x16\x03\x01\0", 4) + framed + message);
  ASSERT_TRUE(received.ok()) << received.status();
  ASSERT_EQ(received->size(), 7u);
  EXPECT_EQ((*received)[0], '\x15');
  EXPECT_EQ(received->substr(5), "\x02\x28");
}

TEST_F(EdgeTest, TakesClientsWithoutCertificate) {  // TR-11
  StartEdge();
  EXPECT_EQ(Client()->Post(kVoucherPath, "x")->status, 200);
  EXPECT_TRUE(desk_.calls()[0].tls_peer_chain_der.empty());
}

// TR-22: off unless configured; then some certificate is needed, of whomever.
TEST_F(EdgeTest, DemandsSomeClientCertificateWhereConfigured) {
  options_.client_certificate_required = true;
  StartEdge();
  for (const uint16_t version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    auto nobody =
        Connect({.server_name = "masa.example", .max_version = version});
    // Under 1.3 the client learns of it with the first answer.
    EXPECT_FALSE(nobody.ok() && (*nobody)->Post(kVoucherPath, "x").ok())
        << version;
  }
  EXPECT_TRUE(desk_.calls().empty());
  auto somebody = Connect({.server_name = "masa.example",
                           .certificate_pem = other_.certificate_pem,
                           .key_pem = other_.key_pem});
  ASSERT_TRUE(somebody.ok()) << somebody.status();
  EXPECT_EQ((*somebody)->Post(kVoucherPath, "x")->status, 200);
}

TEST_F(EdgeTest, PassesTheWholeChainLeafFirst) {  // TR-12
  StartEdge();
  auto client =
      Connect({.server_name = "masa.example",
               .certificate_pem = absl::StrCat(registrar_.certificate_pem,
                                               other_.certificate_pem),
               .key_pem = registrar_.key_pem});
  ASSERT_TRUE(client.ok()) << client.status();
  EXPECT_EQ((*client)->Post(kVoucherPath, "x")->status, 200);
  EXPECT_EQ(desk_.calls()[0].tls_peer_chain_der,
            (std::vector<std::string>{registrar_.certificate_der,
                                      other_.certificate_der}));
}

TEST_F(EdgeTest, ShowsTheCertificateOfTheNameThatIsAskedFor) {  // TR-09, TR-10
  StartEdge();
  const struct {
    const char* server_name;
    const TestCertificate* shown;
  } kCases[] = {{"masa.example", &masa_},    {"localhost", &masa_},
                {"other.example", &other_},  {"OTHER.example", &other_},
                {"unknown.example", &masa_}, {"", &masa_}};
  for (const auto& c : kCases) {
    auto client = Connect({.server_name = c.server_name});
    ASSERT_TRUE(client.ok()) << c.server_name << client.status();
    EXPECT_EQ((*client)->ServerCertificateDer(), c.shown->certificate_der)
        << c.server_name;
    EXPECT_EQ((*client)->Post(kVoucherPath, "x")->status, 200) << c.server_name;
  }
  EXPECT_EQ(desk_.calls()[4].host, "unknown.example");
  EXPECT_EQ(desk_.calls()[5].host, "localhost");  // from Host
}

TEST_F(EdgeTest, ShowsARenewedCertificateToNewConnectionsAlone) {
  StartEdge();
  auto before = Client();
  const TestCertificate renewed = MakeSelfSigned("masa.example");
  ASSERT_TRUE(
      edge_
          ->UseIdentities(
              {{{"masa.example"}, renewed.certificate_pem, renewed.key_pem}})
          .ok());
  EXPECT_EQ(Client()->ServerCertificateDer(), renewed.certificate_der);
  EXPECT_EQ(before->Post(kVoucherPath, "x")->status, 200);
  EXPECT_EQ(before->ServerCertificateDer(), masa_.certificate_der);
  // One that New would refuse changes nothing.
  EXPECT_EQ(ReasonOf(edge_->UseIdentities(
                {{{"masa.example"}, renewed.certificate_pem, other_.key_pem}})),
            Reason::kMisconfigured);
  EXPECT_EQ(Client()->ServerCertificateDer(), renewed.certificate_der);
}

TEST_F(EdgeTest, KnowsTheClientAfterResumption) {  // TR-26
  StartEdge();
  for (const uint16_t version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    TestClientOptions options = {.server_name = "masa.example",
                                 .certificate_pem = registrar_.certificate_pem,
                                 .key_pem = registrar_.key_pem,
                                 .max_version = version};
    auto first = Connect(options);
    ASSERT_TRUE(first.ok()) << first.status();
    ASSERT_EQ((*first)->Post(kVoucherPath, "x")->status, 200);
    ASSERT_NE((*first)->session(), nullptr);
    options.session = (*first)->session();
    auto second = Connect(options);
    ASSERT_TRUE(second.ok()) << second.status();
    ASSERT_EQ((*second)->Post(kVoucherPath, "x")->status, 200);
    EXPECT_TRUE((*second)->Resumed()) << version;
    EXPECT_EQ(desk_.calls().back().tls_peer_chain_der,
              std::vector<std::string>{registrar_.certificate_der})
        << version;
    // A session of one tenant is worth nothing at another (TR-10).
    options.server_name = "other.example";
    auto elsewhere = Connect(options);
    EXPECT_TRUE(!elsewhere.ok() || !(*elsewhere)->Resumed()) << version;
  }
}

// Twenty thousand of what strangers sent would fill the memory.
TEST_F(EdgeTest, KeepsNoSessionsItself) {
  StartEdge();
  TestClientOptions options = {.server_name = "masa.example",
                               .certificate_pem = registrar_.certificate_pem,
                               .key_pem = registrar_.key_pem,
                               .max_version = TLS1_2_VERSION,
                               .tickets = false};
  auto first = Connect(options);
  ASSERT_TRUE(first.ok()) << first.status();
  options.session = (*first)->session();
  auto second = Connect(options);
  ASSERT_TRUE(second.ok()) << second.status();
  EXPECT_FALSE((*second)->Resumed());
  EXPECT_EQ((*second)->Post(kVoucherPath, "x")->status, 200);
}

TEST_F(EdgeTest, TakesChainsOfAReasonableLength) {
  StartEdge();
  const auto connects = [this](size_t octets) {
    TestClientOptions options = {.server_name = "masa.example",
                                 .key_pem = registrar_.key_pem};
    for (size_t sum = 0; sum < octets;
         sum += registrar_.certificate_der.size()) {
      options.certificate_pem += registrar_.certificate_pem;
    }
    auto client = Connect(options);
    return client.ok() ? (*client)->Post(kVoucherPath, "x").status()
                       : client.status();
  };
  const absl::Status long_enough = connects(24 * 1024);
  EXPECT_TRUE(long_enough.ok()) << long_enough;
  EXPECT_FALSE(connects(40 * 1024).ok());
}

}  // namespace
}  // namespace masa::edge
