// Ceremonies: what comes of a plan, comes again, and what was tampered with is
// found.
#include "services/masactl/offline/ceremony.h"

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "gtest/gtest.h"
#include "services/masactl/offline/certificates.h"
#include "services/masactl/offline/pem_files.h"
#include "services/signing/certificate_request.h"
#include "services/signing/private_key.h"
#include "services/verification/boring_verifier.h"
#include "services/wire/certificate.h"

namespace masa::masactl {
namespace {

namespace fs = std::filesystem;

constexpr char kPlan[] = R"(
name: ACME roots 2027
held_at: "2027-01-31T12:00:00Z"
present: [key keeper, auditor]
root:
  name: root
  subject: CN=ACME voucher root,O=ACME
  algorithm: ed25519
  serial_number: "01"
  not_before: "2027-01-31T00:00:00Z"
  not_after: "2057-01-31T00:00:00Z"
signers:
  - name: signer
    subject: CN=ACME voucher signer 1,O=ACME
    algorithm: p256
    serial_number: ff02
    not_before: "2027-01-31T00:00:00Z"
    not_after: "2029-01-31T00:00:00Z"
    policy_oids: [1.3.6.1.4.1.99999.7]
  - name: hsm
    subject: CN=ACME voucher signer 2,O=ACME
    request_file: hsm.csr
    serial_number: "03"
    not_before: "2027-01-31T00:00:00Z"
    not_after: "2029-01-31T00:00:00Z"
)";

std::string TextOf(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return std::string((std::istreambuf_iterator<char>(file)), {});
}

void Put(const fs::path& path, const std::string& text) {
  std::ofstream(path, std::ios::binary) << text;
}

class CeremonyTest : public ::testing::Test {
 protected:
  CeremonyTest() {
    std::string name = ::testing::TempDir() + "/ceremony.XXXXXX";
    EXPECT_NE(mkdtemp(name.data()), nullptr);
    home_ = name;
    Put(Plan(), kPlan);
    const auto key =
        signing::MakePrivateKey(SignatureAlgorithm::kEcdsaP384Sha384);
    const std::string info = signing::EncodeRequestInfo(
        *signing::NameDerOf("CN=x"), signing::SpkiDerOf(key->get()));
    Put(home_ / "hsm.csr", PemOf("CERTIFICATE REQUEST",
                                 *signing::EncodeRequest(
                                     info, SignatureAlgorithm::kEcdsaP384Sha384,
                                     *signing::SignWith(key->get(), info))));
  }
  ~CeremonyTest() override { fs::remove_all(home_); }

  fs::path Plan() const { return home_ / "plan.yaml"; }
  fs::path Folder(const std::string& name = "out") const {
    fs::create_directory(home_ / name);
    return home_ / name;
  }
  absl::StatusOr<masa::v1::CeremonyRecord> Hold(const fs::path& folder) const {
    return HoldCeremony({Plan(), folder, "passphrase", ""});
  }
  std::string Faults(const fs::path& folder,
                     const std::string& root = "") const {
    return absl::StrJoin(CheckCeremony(Plan(), folder, root), "; ");
  }
  static std::string Der(const fs::path& path) {
    const auto found = CertificatesIn(TextOf(path));
    return found.empty() ? "" : found.front();
  }

  fs::path home_;
};

// OP-02.
TEST_F(CeremonyTest, MakesARootAndCertificatesThatItsAnchorVerifies) {
  const fs::path out = Folder();
  const auto record = Hold(out);
  ASSERT_TRUE(record.ok()) << record.status();
  EXPECT_EQ(record->held_at(), "2027-01-31T12:00:00Z");
  EXPECT_EQ(record->present_size(), 2);
  EXPECT_EQ(record->tool_sha256().size(), 64u);
  EXPECT_EQ(record->inputs_size(), 2);
  EXPECT_EQ(record->outputs_size(), 7);
  const std::string root = Der(out / "root.pem");
  for (const char* name : {"signer.pem", "hsm.pem"}) {
    EXPECT_TRUE(verification::BoringVerifier()
                    .VerifyChain({Der(out / name),
                                  {},
                                  {root},
                                  absl::FromCivil(absl::CivilDay(2028, 1, 1),
                                                  absl::UTCTimeZone())})
                    .ok())
        << name;
  }
  const auto signer = wire::Certificate::Parse(Der(out / "signer.pem"));
  ASSERT_TRUE(signer.ok()) << signer.status();
  EXPECT_EQ((*signer)->policy_oids,
            (std::vector<std::string>{"1.3.6.1.4.1.99999.7"}));
  EXPECT_EQ((*signer)->serial_der, std::string("\0\xff\x02", 3));
  EXPECT_FALSE((*signer)->is_ca);
  const auto anchor = wire::Certificate::Parse(root);
  EXPECT_TRUE((*anchor)->is_ca);
  EXPECT_EQ((*signer)->authority_key_id, (*anchor)->subject_key_id);
  // RFC 5280 section 4.1.2.5: beyond 2049.
  EXPECT_EQ((*anchor)->not_after,
            absl::FromCivil(absl::CivilDay(2057, 1, 31), absl::UTCTimeZone()));
  EXPECT_EQ(CertificatesIn(TextOf(out / "hsm-chain.pem")).size(), 2u);
  EXPECT_TRUE(signing::IsEncryptedPem(TextOf(out / "root.key")));
  EXPECT_EQ(Faults(out), "");
}

// With the keys that are there, the same certificates come of the plan; their
// signatures too, by a root with one signature for one text.
TEST_F(CeremonyTest, ComesOutAgainFromTheSameKeys) {
  const fs::path first = Folder("first"), second = Folder("second");
  ASSERT_TRUE(Hold(first).ok());
  for (const char* key : {"root.key", "signer.key"}) {
    fs::copy(first / key, second / key);
  }
  const auto again = Hold(second);
  ASSERT_TRUE(again.ok()) << again.status();
  for (const char* name :
       {"root.pem", "signer.pem", "hsm.pem", "hsm-chain.pem"}) {
    EXPECT_EQ(TextOf(first / name), TextOf(second / name)) << name;
  }
  EXPECT_EQ(Faults(second), "");
  // With other keys the rest is the same.
  const fs::path third = Folder("third");
  ASSERT_TRUE(Hold(third).ok());
  EXPECT_NE(TextOf(first / "root.pem"), TextOf(third / "root.pem"));
}

TEST_F(CeremonyTest, ReplacesNothing) {
  const fs::path out = Folder();
  ASSERT_TRUE(Hold(out).ok());
  const auto again = Hold(out);
  ASSERT_FALSE(again.ok());
  EXPECT_TRUE(absl::StrContains(again.status().message(), "is there already"));
  EXPECT_EQ(Faults(out), "");
}

TEST_F(CeremonyTest, FindsWhatWasTamperedWith) {
  const fs::path good = Folder();
  ASSERT_TRUE(Hold(good).ok());
  const fs::path other = Folder("other");
  ASSERT_TRUE(Hold(other).ok());
  const auto change = [](const fs::path& file, const std::string& from,
                         const std::string& to) {
    Put(file, absl::StrReplaceAll(TextOf(file), {{from, to}}));
  };
  const struct {
    const char* what;
    std::function<void(const fs::path&)> tamper;
    const char* fault;
  } rows[] = {
      {"a word of the record",
       [&](const fs::path& f) {
         change(f / "ceremony.json", "auditor", "nobody");
       },
       "the record is not the one that the root signed"},
      {"its signature",
       [&](const fs::path& f) { Put(f / "ceremony.json.sig", "AAAA"); },
       "the record is not the one that the root signed"},
      {"the record of another ceremony with its signature",
       [&](const fs::path& f) {
         for (const char* name : {"ceremony.json", "ceremony.json.sig"}) {
           Put(f / name, TextOf(other / name));
         }
       },
       "the record is not the one that the root signed"},
      {"another root",
       [&](const fs::path& f) {
         Put(f / "root.pem", TextOf(other / "root.pem"));
       },
       "the record is not the one that the root signed"},
      {"a certificate of another root",
       [&](const fs::path& f) {
         Put(f / "signer.pem", TextOf(other / "signer.pem"));
       },
       "signer.pem is not the file that was recorded; certificate signer does "
       "not follow from the plan"},
      {"a bit of a certificate",
       [&](const fs::path& f) {
         std::string der = Der(f / "hsm.pem");
         der[der.size() - 1] ^= 1;
         Put(f / "hsm.pem", PemOf("CERTIFICATE", der));
       },
       "hsm.pem is not the file that was recorded; certificate hsm is not "
       "signed by the root"},
      {"a chain that is gone",
       [&](const fs::path& f) { fs::remove(f / "signer-chain.pem"); },
       "signer-chain.pem is not the file that was recorded"},
      {"another key",
       [&](const fs::path& f) {
         Put(f / "root.key", TextOf(other / "root.key"));
       },
       "root.key is not the file that was recorded"},
      {"no record", [&](const fs::path& f) { fs::remove(f / "ceremony.json"); },
       "ceremony.json cannot be read"},
      {"a key that was taken to a safe",
       [&](const fs::path& f) { fs::remove(f / "root.key"); }, ""},
  };
  for (const auto& row : rows) {
    const fs::path folder = home_ / "tampered";
    fs::remove_all(folder);
    fs::copy(good, folder);
    row.tamper(folder);
    const std::string faults = Faults(folder);
    if (*row.fault == '\0') {
      EXPECT_EQ(faults, "") << row.what;
    } else {
      EXPECT_TRUE(absl::StrContains(faults, row.fault))
          << row.what << ": " << faults;
    }
  }
}

TEST_F(CeremonyTest, FindsAPlanThatWasChangedAfterwards) {
  const fs::path out = Folder();
  ASSERT_TRUE(Hold(out).ok());
  Put(Plan(), absl::StrReplaceAll(kPlan, {{"2029", "2039"}}));
  const std::string faults = Faults(out);
  EXPECT_TRUE(absl::StrContains(faults, "input plan.yaml is not the one"));
  EXPECT_TRUE(absl::StrContains(
      faults, "certificate signer does not follow from the plan"));
}

TEST_F(CeremonyTest, TheRootIsTheOneThatIsExpected) {
  const fs::path out = Folder();
  ASSERT_TRUE(Hold(out).ok());
  EXPECT_TRUE(absl::StrContains(Faults(out, std::string(64, '0')),
                                "the root is not the one expected"));
}

TEST_F(CeremonyTest, SaysWhatIsWrongWithAPlan) {
  const struct {
    const char* from;
    const char* to;
    const char* fault;
  } rows[] = {
      {"name: root", "name: ../root", "a name of its own"},
      {"name: hsm", "name: signer", "a name of its own"},
      {"algorithm: ed25519", "algorithm: p521", "p256, p384, rsa or ed25519"},
      {"algorithm: ed25519", "request_file: hsm.csr", "of a root, algorithm"},
      {"request_file: hsm.csr", "request_file: none.csr", "cannot be read"},
      {"request_file: hsm.csr", "request_file: plan.yaml", "no request in PEM"},
      {"serial_number: \"01\"", "serial_number: \"00\"", "serial_number"},
      {"serial_number: \"01\"", "serial_number: xy", "serial_number"},
      {"2057-01-31T00", "2017-01-31T00", "not_before and not_after"},
      {"1.3.6.1.4.1.99999.7", "x.y", "no OID"},
      {"CN=ACME voucher root", "ACME", "a subject is like"},
      {"held_at: \"2027-01-31T12:00:00Z\"", "held_at: noon",
       "a moment is like"},
      {"present:", "absent:", "absent"},
  };
  int turn = 0;
  for (const auto& row : rows) {
    const std::string plan = absl::StrReplaceAll(kPlan, {{row.from, row.to}});
    ASSERT_NE(plan, kPlan) << row.from;
    Put(Plan(), plan);
    const auto held = Hold(Folder(absl::StrCat("turn", turn++)));
    ASSERT_FALSE(held.ok()) << row.to;
    EXPECT_TRUE(absl::StrContains(held.status().message(), row.fault))
        << row.to << ": " << held.status();
  }
  Put(Plan(), kPlan);
  EXPECT_FALSE(HoldCeremony({Plan(), Folder("bare"), "", ""}).ok());
}

}  // namespace
}  // namespace masa::masactl
