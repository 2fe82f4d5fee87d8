// Versions of keys in a folder: made, imported, found by other signers, and
// what they may sign.
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "services/signing/certificate_request.h"
#include "services/signing/key_folder.h"
#include "services/signing/private_key.h"
#include "services/signing/test_items.h"
#include "services/status/reason.h"
#include "services/verification/boring_verifier.h"

namespace masa::signing {
namespace {

constexpr SignatureAlgorithm kMade = SignatureAlgorithm::kEcdsaP256Sha256;

class KeyVersionsTest : public ::testing::Test {
 protected:
  KeyVersionsTest() {
    std::string name = ::testing::TempDir() + "/keys.XXXXXX";
    EXPECT_NE(mkdtemp(name.data()), nullptr);
    folder_ = name;
  }
  ~KeyVersionsTest() override { std::filesystem::remove_all(folder_); }

  std::unique_ptr<const KeyFolder> Folder(const std::string& passphrase = "p") {
    auto folder = KeyFolder::Open(folder_, passphrase);
    EXPECT_TRUE(folder.ok()) << folder.status();
    return *std::move(folder);
  }

  // Key "k" of tenant "a", with a certificate; "v" with versions alone; "n",
  // which is nobody's.
  std::unique_ptr<LocalSigner> Signer(const std::string& passphrase = "p") {
    LocalKeySource k = SourceOf(identity_);
    k.key.tenant_id = "a";
    LocalKeySource v;
    v.key = {"v", "", {Kind::kVoucherCms}, false, "a"};
    LocalKeySource n = SourceOf(identity_);
    n.key.name = "n";
    auto signer = LocalSigner::New({k, v, n}, Folder(passphrase));
    EXPECT_TRUE(signer.ok()) << signer.status();
    return *std::move(signer);
  }

  static std::vector<ToBeSigned> One(ToBeSigned item) {
    std::vector<ToBeSigned> items;
    items.push_back(std::move(item));
    return items;
  }

  std::string folder_;
  const Identity identity_ = Make(KeyKind::kP256);
};

TEST_F(KeyVersionsTest, AVersionSignsWhatItsKeyIsForInEverySigner) {
  const auto signer = Signer(), other = Signer();
  for (const auto algorithm :
       {SignatureAlgorithm::kEcdsaP256Sha256,
        SignatureAlgorithm::kEcdsaP384Sha384,
        SignatureAlgorithm::kRsaPkcs1Sha256, SignatureAlgorithm::kEd25519}) {
    const KeyName name = {"v", static_cast<int32_t>(algorithm)};
    const auto made = signer->Create({}, "a", name, algorithm);
    ASSERT_TRUE(made.ok()) << made.status();
    EXPECT_EQ(made->name, NameOf(name));
    EXPECT_EQ(made->algorithm, algorithm);
    EXPECT_TRUE(made->chain_der.empty());
    const auto seen = other->Describe({}, NameOf(name));
    ASSERT_TRUE(seen.ok()) << seen.status();
    EXPECT_EQ(seen->spki_der, made->spki_der);
    const auto items =
        One(Prepare(NoncedVoucher(), NoncedVoucher(), algorithm));
    const auto signature = other->Sign({}, NameOf(name), items).front();
    ASSERT_TRUE(signature.ok()) << signature.status();
    EXPECT_TRUE(verification::BoringVerifier()
                    .VerifySignature(algorithm, made->spki_der,
                                     items[0].octets(), *signature)
                    .ok());
  }
}

TEST_F(KeyVersionsTest, AVersionIsMadeOnceAndForItsTenant) {
  const auto signer = Signer();
  const auto make = [&](const std::string& tenant, const KeyName& name) {
    return ReasonOf(signer->Create({}, tenant, name, kMade).status());
  };
  ASSERT_TRUE(signer->Create({}, "a", {"k", 1}, kMade).ok());
  EXPECT_EQ(make("a", {"k", 1}), Reason::kStateNotAllowed);
  EXPECT_EQ(make("b", {"k", 2}), Reason::kKeyUnknown);
  EXPECT_EQ(make("", {"n", 1}), Reason::kKeyUnknown);
  EXPECT_EQ(make("a", {"none", 1}), Reason::kKeyUnknown);
  EXPECT_EQ(make("a", {"k", 0}), Reason::kKeyUnknown);
  EXPECT_EQ(make("a", {"k", -1}), Reason::kKeyUnknown);
  EXPECT_EQ(
      ReasonOf(
          signer->Create({}, "a", {"k", 2}, SignatureAlgorithm::kRsaPkcs1Sha512)
              .status()),
      Reason::kInvalidArgument);
}

TEST_F(KeyVersionsTest, SlotsAreThoseOfTheTenant) {
  const auto slots = Signer()->Slots({}, "a");
  ASSERT_TRUE(slots.ok() && slots->size() == 2) << slots.status();
  EXPECT_EQ((*slots)[0].name, "k");
  EXPECT_EQ((*slots)[0].chain_der.size(), 1u);
  EXPECT_EQ((*slots)[1].name, "v");
  EXPECT_TRUE((*slots)[1].chain_der.empty());
  EXPECT_TRUE(Signer()->Slots({}, "")->empty());
  EXPECT_EQ(ReasonOf(Signer()->Describe({}, "v").status()),
            Reason::kKeyUnknown);
}

TEST_F(KeyVersionsTest, ImportsWhatIsEncryptedForItsFolderAlone) {
  const auto signer = Signer();
  const auto key = MakePrivateKey(kMade);
  const auto import = [&](int32_t version, const std::string& pem) {
    return signer->Import({}, "a", {"v", version}, pem);
  };
  const auto imported = import(1, PrivateKeyPem(key->get(), "p"));
  ASSERT_TRUE(imported.ok()) << imported.status();
  EXPECT_EQ(imported->spki_der, SpkiDerOf(key->get()));
  for (const std::string& pem :
       {PrivateKeyPem(key->get(), ""), PrivateKeyPem(key->get(), "other"),
        std::string("-----BEGIN ENCRYPTED PRIVATE KEY-----"), std::string()}) {
    EXPECT_EQ(ReasonOf(import(2, pem).status()), Reason::kInvalidArgument);
  }
}

// What is on the disk opens with the passphrase alone.
TEST_F(KeyVersionsTest, FilesAreEncryptedAndForTheirOwnerAlone) {
  ASSERT_TRUE(Signer()->Create({}, "a", {"v", 1}, kMade).ok());
  const std::string file = folder_ + "/v@1.pem";
  struct stat about = {};
  ASSERT_EQ(stat(file.c_str(), &about), 0);
  EXPECT_EQ(about.st_mode & 0777, 0600u);
  std::ifstream stream(file);
  const std::string pem((std::istreambuf_iterator<char>(stream)), {});
  EXPECT_TRUE(IsEncryptedPem(pem));
  EXPECT_EQ(ReadPrivateKeyPem(pem, ""), nullptr);
  EXPECT_EQ(ReasonOf(Signer("wrong")->Describe({}, "v@1").status()),
            Reason::kMisconfigured);
  chmod(folder_.c_str(), 0755);
  EXPECT_EQ(ReasonOf(KeyFolder::Open(folder_, "p").status()),
            Reason::kMisconfigured);
  chmod(folder_.c_str(), 0700);
  EXPECT_EQ(ReasonOf(KeyFolder::Open(folder_, "").status()),
            Reason::kMisconfigured);
  EXPECT_EQ(ReasonOf(KeyFolder::Open(file, "p").status()),
            Reason::kMisconfigured);
}

TEST_F(KeyVersionsTest, ADestroyedVersionIsGoneFromTheDiskAndFromMemory) {
  const auto signer = Signer();
  for (const int32_t version : {1, 2}) {
    ASSERT_TRUE(signer->Create({}, "a", {"v", version}, kMade).ok());
  }
  EXPECT_EQ(ReasonOf(signer->Destroy({}, "b", {"v", 1})), Reason::kKeyUnknown);
  EXPECT_EQ(ReasonOf(signer->Destroy({}, "a", {"v", 0})), Reason::kKeyUnknown);
  struct stat about = {};
  const std::string file = folder_ + "/v@1.pem";
  ASSERT_EQ(stat(file.c_str(), &about), 0);
  ASSERT_TRUE(signer->Destroy({}, "a", {"v", 1}).ok());
  EXPECT_NE(stat(file.c_str(), &about), 0);
  EXPECT_EQ(ReasonOf(signer->Describe({}, "v@1").status()),
            Reason::kKeyUnknown);
  EXPECT_TRUE(signer->Describe({}, "v@2").ok());
  EXPECT_TRUE(signer->Destroy({}, "a", {"v", 1}).ok()) << "it is gone";
  std::filesystem::remove_all(folder_);
  EXPECT_EQ(ReasonOf(signer->Destroy({}, "a", {"v", 2})),
            Reason::kSignerUnavailable);
  EXPECT_TRUE(signer->Describe({}, "v@2").ok()) << "nothing was destroyed";
}

TEST_F(KeyVersionsTest, NamesDoNotLeaveTheFolder) {
  const auto folder = Folder();
  for (const char* key : {"../v", ".v", "a/b", "", "v@1"}) {
    EXPECT_FALSE(folder->Write({key, 1}, "pem").ok()) << key;
    EXPECT_FALSE((*folder->Read({key, 1})).has_value()) << key;
  }
}

TEST_F(KeyVersionsTest, AsksForItsOwnCertificateAlone) {
  const auto signer = Signer();
  const auto made = signer->Create({}, "a", {"v", 1}, kMade);
  const std::string name = *NameDerOf("CN=v");
  const auto reason = [&](const std::string& key, const std::string& octets) {
    const auto signature =
        signer->Sign({}, key, One(ToBeSigned::CertificateRequest(octets)))
            .front();
    return signature.ok() ? Reason::kInternal : ReasonOf(signature.status());
  };
  const std::string own = EncodeRequestInfo(name, made->spki_der);
  EXPECT_EQ(reason("v@1", own), Reason::kInternal);
  EXPECT_EQ(reason("k", own), Reason::kKeyNotForThis);
  EXPECT_EQ(reason("v@1", "octets"), Reason::kKeyNotForThis);
  // Nobody manages it, so nobody asks.
  EXPECT_EQ(
      reason("n", EncodeRequestInfo(name, signer->Describe({}, "n")->spki_der)),
      Reason::kKeyNotForThis);
}

TEST_F(KeyVersionsTest, ATestBeginsLikeOne) {
  const auto signer = Signer();
  ASSERT_TRUE(signer->Create({}, "a", {"v", 1}, kMade).ok());
  const auto is_signed = [&](const std::string& key,
                             const std::string& octets) {
    return signer->Sign({}, key, One(ToBeSigned::Test(octets))).front().ok();
  };
  EXPECT_TRUE(is_signed("v@1", std::string(kTestLabel) + "1"));
  EXPECT_FALSE(is_signed("v@1", "a voucher"));
  EXPECT_FALSE(is_signed("v@1", kTestLabel + std::string(256, 'x')));
  EXPECT_FALSE(is_signed("n", std::string(kTestLabel) + "1"));
}

TEST(KeyNames, AreReadAsTheyAreWritten) {
  EXPECT_EQ(NameOf({"k", 0}), "k");
  EXPECT_EQ(NameOf({"k", 12}), "k@12");
  const struct {
    const char* name;
    const char* key;
    int32_t version;
  } rows[] = {{"k", "k", 0},       {"k@12", "k", 12},
              {"a@b@3", "a@b", 3}, {"k@0", "k@0", 0},
              {"k@-1", "k@-1", 0}, {"k@01", "k@01", 0},
              {"k@+1", "k@+1", 0}, {"@1", "@1", 0},
              {"k@", "k@", 0},     {"k@99999999999", "k@99999999999", 0},
              {"", "", 0}};
  for (const auto& row : rows) {
    EXPECT_EQ(ParseKeyName(row.name).key, row.key) << row.name;
    EXPECT_EQ(ParseKeyName(row.name).version, row.version) << row.name;
  }
}

}  // namespace
}  // namespace masa::signing
