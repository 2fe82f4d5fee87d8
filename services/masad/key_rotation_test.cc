// A key is rotated on two real processes while they serve: made, certified,
// activated, tried and retired with masactl, as the runbook has it.
#include <sys/stat.h>

#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gtest/gtest.h"
#include "openssl/bio.h"
#include "openssl/evp.h"
#include "openssl/pem.h"
#include "openssl/x509.h"
#include "services/config/yaml_reader.h"
#include "services/masad/test_deployment.h"
#include "services/testing/test_pki.h"

namespace masa::masad {
namespace {

class KeyRotation : public ::testing::Test {
 protected:
  KeyRotation() {
    mkdir(deployment_.Path("secrets/keys").c_str(), 0700);
    std::ofstream(deployment_.Path("secrets/key-passphrase"))
        << "correct-horse\n";
    deployment_.parts().more_signer =
        "  key_folder: secrets/keys\n"
        "  key_passphrase_file: secrets/key-passphrase\n";
    first_ = MakeReady(deployment_);
    second_ = deployment_.Start("two");
  }

  // At the first process, where no other is named.
  int Key(std::vector<std::string> words, const MasadProcess* at = nullptr) {
    words.insert(words.begin(), "key");
    return deployment_.Masactl(at == nullptr ? *first_ : *at, "operator", words,
                               &said_);
  }
  bool Says(const MasadProcess& at, const std::string& what) {
    return Eventually([&] {
      return Key({"list"}, &at) == 0 && absl::StrContains(said_, what);
    });
  }

  // The chain for a request, by the root of vouchers.
  std::string ChainFor(const std::string& request_file) {
    std::string pem;
    EXPECT_TRUE(config::ReadFile(request_file, &pem));
    bssl::UniquePtr<BIO> bio(BIO_new_mem_buf(pem.data(), pem.size()));
    bssl::UniquePtr<X509_REQ> request(
        PEM_read_bio_X509_REQ(bio.get(), nullptr, nullptr, nullptr));
    testing::Identity holder;
    holder.key.reset(X509_REQ_get_pubkey(request.get()), EVP_PKEY_free);
    testing::CertificateSpec spec;
    spec.common_name = "voucher signer 2";
    spec.not_before = absl::Now() - absl::Hours(1);
    spec.not_after = absl::Now() + absl::Hours(24 * 365);
    return testing::Reissue(holder, spec, &root_).CertificatePem() +
           root_.CertificatePem();
  }

  std::string VoucherFrom(const MasadProcess& masad) {
    const auto answer =
        customer_->RequestVoucher(masad, customer_->NewRequest());
    EXPECT_EQ(answer.status, 200) << answer.body;
    EXPECT_TRUE(customer_->Trusts(answer.body, root_.CertificateDer()).ok());
    return answer.body;
  }
  std::string LastSigner() {
    return deployment_.Query(
        "SELECT signing_key FROM vouchers ORDER BY created_on DESC, generation "
        "DESC LIMIT 1");
  }

  Deployment deployment_{::testing::TempDir() + "/rotation"};
  const testing::Identity root_ = deployment_.Root("voucher-root");
  std::unique_ptr<MasadProcess> first_, second_;
  std::unique_ptr<Customer> customer_ =
      std::make_unique<Customer>(deployment_, deployment_);
  std::string said_;
};

TEST_F(KeyRotation, NewVouchersAreSignedByTheNewVersionEverywhere) {
  VoucherFrom(*first_);
  EXPECT_EQ(LastSigner(), "acme-voucher");
  ASSERT_EQ(Key({"create", "acme-voucher", "--request-id", "r1"}), 0) << said_;
  EXPECT_TRUE(absl::StrContains(said_, "acme-voucher version 1 is made"));
  ASSERT_EQ(Key({"create", "acme-voucher", "--request-id", "r1"}), 0) << said_;
  EXPECT_TRUE(absl::StrContains(said_, "acme-voucher version 1 is made"));
  const std::string request = deployment_.Path("voucher.csr");
  ASSERT_EQ(Key({"csr", "acme-voucher", "1", "--subject", "CN=voucher signer 2",
                 "--out", request}),
            0)
      << said_;
  const std::string chain = deployment_.Path("chain.pem");
  std::ofstream(chain) << ChainFor(request);
  ASSERT_EQ(Key({"activate", "acme-voucher", "1", "--chain", chain, "--check"}),
            0)
      << said_;
  ASSERT_EQ(Key({"activate", "acme-voucher", "1", "--chain", chain}), 0)
      << said_;
  EXPECT_TRUE(Says(*second_, "acme-voucher version 1  active  signs now"));
  // OP-09: what there is to sign with, by which algorithm, and for how long.
  ASSERT_EQ(Key({"list"}), 0) << said_;
  for (const char* part :
       {"acme-voucher version 0  active  ECDSA_P256_SHA256",
        "acme-voucher version 1  active  signs now  ECDSA_P256_SHA256",
        "certified until "}) {
    EXPECT_TRUE(absl::StrContains(said_, part)) << part << "\n" << said_;
  }
  // Another process of the same moment.
  VoucherFrom(*second_);
  EXPECT_EQ(LastSigner(), "acme-voucher@1");
  VoucherFrom(*first_);
  EXPECT_EQ(LastSigner(), "acme-voucher@1");
  ASSERT_EQ(Key({"test", "acme-voucher"}), 0) << said_;
  EXPECT_TRUE(absl::StrContains(said_, "acme-voucher@1 signs"));
  ASSERT_EQ(Key({"retire", "acme-voucher", "0"}), 0) << said_;
  EXPECT_TRUE(Says(*first_, "acme-voucher version 0  retired"));
  // What the retired chain signed is still about.
  ASSERT_EQ(
      deployment_.Masactl(*first_, "operator", {"voucher", "anchors"}, &said_),
      0)
      << said_;
  EXPECT_TRUE(absl::StrContains(said_, "signs until")) << said_;
  EXPECT_TRUE(absl::StrContains(said_, "acme-voucher@1")) << said_;
  EXPECT_TRUE(absl::StrContains(said_, "signs from")) << said_;
  EXPECT_EQ(deployment_.Query("SELECT string_agg(kind, ' ' ORDER BY at) FROM "
                              "audit_events WHERE kind LIKE 'key-%'"),
            "key-created key-activated key-retired");
  EXPECT_EQ(deployment_.Query(
                "SELECT count(*) FROM changes WHERE actor = "
                "'urn:masa:acme:operator:operator' AND change_id IN (SELECT "
                "change_id FROM audit_events WHERE kind LIKE 'key-%')"),
            "3");
  for (const char* name : {"one", "two"}) {
    EXPECT_FALSE(absl::StrContains(deployment_.LogOf(name), "PRIVATE KEY"));
    EXPECT_FALSE(absl::StrContains(deployment_.LogOf(name), "correct-horse"));
  }
}

TEST_F(KeyRotation, SaysWhatCannotBe) {
  EXPECT_EQ(Key({"create", "none"}), 1);
  EXPECT_TRUE(absl::StrContains(said_, "KEY_UNKNOWN")) << said_;
  EXPECT_EQ(Key({"retire", "acme-voucher", "0"}), 1);
  EXPECT_TRUE(absl::StrContains(said_, "is the last that signs")) << said_;
  EXPECT_EQ(Key({"import", "acme-voucher", "--pkcs8",
                 deployment_.Path("secrets/voucher-p256.key")}),
            1);
  EXPECT_TRUE(absl::StrContains(said_, "is not encrypted")) << said_;
  EXPECT_EQ(Key({"list", "--json"}), 0);
  EXPECT_TRUE(absl::StrContains(said_, "\"in_force\"")) << said_;
}

}  // namespace
}  // namespace masa::masad
