#include <memory>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "openssl/curve25519.h"
#include "services/merkle/merkle_tree.h"
#include "services/status/reason.h"
#include "services/transparency/log_name.h"
#include "services/transparency/log_verifier.h"
#include "services/transparency/receipt.h"
#include "services/transparency/signed_note.h"

namespace masa::transparency {
namespace {

// A key pair of a fixed seed.
struct Signer {
  explicit Signer(uint8_t seed,
                  const std::string& name = "masa.example/audit") {
    uint8_t public_key[32], seed_octets[32] = {seed};
    ED25519_keypair_from_seed(public_key, private_key, seed_octets);
    key = {name, std::string(reinterpret_cast<char*>(public_key), 32)};
  }
  std::string Sign(const std::string& text) const {
    uint8_t signature[64];
    ED25519_sign(signature, reinterpret_cast<const uint8_t*>(text.data()),
                 text.size(), private_key);
    return std::string(reinterpret_cast<char*>(signature), 64);
  }
  std::string Note(const wire::Checkpoint& checkpoint) const {
    const std::string text = wire::EncodeCheckpoint(checkpoint);
    return NoteOf(text, key, Sign(text));
  }

  NoteKey key;
  uint8_t private_key[64];
};

wire::Checkpoint CheckpointOf(uint64_t size) {
  return {"masa.example/audit", size, std::string(32, 'r')};
}

Reason ReasonOf(const absl::StatusOr<wire::Checkpoint>& opened) {
  return opened.ok() ? Reason::kInternal : masa::ReasonOf(opened.status());
}

// The published key of Go's checksum database, and one of its tree heads'
// forms.
TEST(SignedNote, ReadsKeysThatOthersWrote) {
  const std::string text =
      "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8";
  const auto key = ParseVerifierKey(text);
  ASSERT_TRUE(key.ok()) << key.status();
  EXPECT_EQ(key->name, "sum.golang.org");
  EXPECT_EQ(VerifierKeyOf(*key), text);
}

TEST(SignedNote, RefusesKeysThatAreNotWrittenLikeThat) {
  for (const char* text :
       {"", "sum.golang.org", "sum.golang.org+033de0ae",
        "sum.golang.org+033de0af+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8",
        "sum.golang.org+033de0ae+Ac4zctda0e5eza",
        "sum.golang.orh+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8",
        "sum.golang.org+033de0ae+As4zctda0e5eza+HJyk9SxEdh+"
        "s3Ux18htTTAD8OuAn8"}) {
    EXPECT_FALSE(ParseVerifierKey(text).ok()) << text;
  }
}

TEST(SignedNote, OpensWhatItsKeySigned) {
  const Signer signer(1);
  const auto opened = OpenCheckpoint(signer.Note(CheckpointOf(7)), signer.key);
  ASSERT_TRUE(opened.ok()) << opened.status();
  EXPECT_EQ(*opened, CheckpointOf(7));
}

TEST(SignedNote, OthersSignaturesDoNotMatter) {
  const Signer signer(1), other(2), witness(3, "witness.example");
  const std::string text = wire::EncodeCheckpoint(CheckpointOf(7));
  std::string note = NoteOf(text, witness.key, witness.Sign(text));
  for (const Signer* one : {&other, &signer}) {
    const std::string more = NoteOf("", one->key, one->Sign(text));
    note += more.substr(1);
  }
  EXPECT_TRUE(OpenCheckpoint(note, signer.key).ok());
  EXPECT_TRUE(OpenCheckpoint(note, other.key).ok());
}

TEST(SignedNote, RefusesWhatItsKeyDidNotSign) {
  const Signer signer(1), other(2), elsewhere(1, "masa.example/other");
  const std::string note = signer.Note(CheckpointOf(7));
  EXPECT_EQ(ReasonOf(OpenCheckpoint(note, other.key)),
            Reason::kSignatureInvalid);
  std::string changed = note;
  changed[changed.find("\n7\n") + 1] = '8';
  EXPECT_EQ(ReasonOf(OpenCheckpoint(changed, signer.key)),
            Reason::kSignatureInvalid);
  EXPECT_EQ(
      ReasonOf(OpenCheckpoint(elsewhere.Note(CheckpointOf(7)), elsewhere.key)),
      Reason::kSignatureInvalid)
      << "the origin is that of another log";
  for (size_t length = 0; length < note.size(); ++length) {
    EXPECT_FALSE(OpenCheckpoint(note.substr(0, length), signer.key).ok());
  }
}

TEST(LogName, IsAnOriginWhateverTheTenantIsCalled) {
  EXPECT_EQ(OriginOf("masa.example/audit", "acme"), "masa.example/audit/acme");
  EXPECT_EQ(OriginOf("masa.example/audit", ""), "masa.example/audit/_catalog");
  EXPECT_EQ(OriginOf("o", "_catalog"), "o/%5fcatalog");
  EXPECT_EQ(OriginOf("o", "../a b+"), "o/%2e.%2fa%20b%2b");
  EXPECT_TRUE(wire::IsOrigin(OriginOf("o", "../a b+\n\x7f\xff")));
}

class Receipts : public ::testing::Test {
 protected:
  Receipts() {
    std::vector<std::string> leaves;
    for (int i = 0; i < 11; ++i) {
      const std::string salt(kSaltOctets, static_cast<char>('a' + i));
      leaves.push_back(merkle::LeafHash(EntryOf(salt, Event(i))));
    }
    receipt_ = {
        std::string(kSaltOctets, 'a' + 4), Event(4), 4,
        merkle::InclusionProof(leaves, 4),
        signer_.Note({"masa.example/audit", 11, merkle::RootOf(leaves)})};
  }
  static std::string Event(int i) {
    return "{\"event\":" + std::to_string(i) + "}";
  }

  const Signer signer_{1};
  Receipt receipt_;
};

TEST_F(Receipts, HoldsByItself) {
  const auto read = ParseReceipt(EncodeReceipt(receipt_));
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(*read, receipt_);
  const auto checkpoint = VerifyReceipt(*read, signer_.key);
  ASSERT_TRUE(checkpoint.ok()) << checkpoint.status();
  EXPECT_EQ(checkpoint->size, 11u);
}

TEST_F(Receipts, HoldsForItsEventItsSaltAndItsPlaceAlone) {
  auto other = receipt_;
  other.event = Event(5);
  EXPECT_FALSE(VerifyReceipt(other, signer_.key).ok());
  other = receipt_;
  other.salt[0] ^= 1;
  EXPECT_FALSE(VerifyReceipt(other, signer_.key).ok());
  other = receipt_;
  other.index = 5;
  EXPECT_FALSE(VerifyReceipt(other, signer_.key).ok());
  other = receipt_;
  other.proof.pop_back();
  EXPECT_FALSE(VerifyReceipt(other, signer_.key).ok());
  EXPECT_FALSE(VerifyReceipt(receipt_, Signer(2).key).ok());
}

TEST_F(Receipts, IsReadInItsOneFormOnly) {
  const std::string text = EncodeReceipt(receipt_);
  for (size_t i = 0; i < text.size(); ++i) {
    auto cut = ParseReceipt(text.substr(0, i));
    EXPECT_TRUE(!cut.ok() || !VerifyReceipt(*cut, signer_.key).ok()) << i;
  }
  EXPECT_FALSE(ParseReceipt("x" + text).ok());
  EXPECT_FALSE(ParseReceipt(std::string(2 << 20, 'x')).ok());
}

class Logs : public ::testing::Test {
 protected:
  static GivenEvent Given(int i) {
    return {"id-" + std::to_string(i), std::string(kSaltOctets, 's'),
            "{\"event\":" + std::to_string(i) + "}"};
  }
  static std::string Entry(int i) {
    return EntryOf(Given(i).salt, Given(i).event);
  }
  // A checkpoint of the first `size` entries.
  std::string NoteAt(int size) const {
    std::vector<std::string> leaves;
    for (int i = 0; i < size; ++i) {
      leaves.push_back(merkle::LeafHash(Entry(i)));
    }
    return signer_.Note({"masa.example/audit", static_cast<uint64_t>(size),
                         merkle::RootOf(leaves)});
  }

  const Signer signer_{1};
  LogVerifier verifier_{signer_.key};
};

TEST_F(Logs, AWholeLogHoldsAtItsCheckpoints) {
  for (int i = 0; i < 600; ++i) {
    EXPECT_TRUE(verifier_.Add(Entry(i), Given(i)).ok());
    if (i % 97 == 96) {
      EXPECT_TRUE(verifier_.CheckAt(NoteAt(i + 1)).ok()) << i;
    }
  }
  EXPECT_EQ(verifier_.size(), 600u);
}

TEST_F(Logs, TheEventThatDoesNotFitIsNamed) {
  EXPECT_TRUE(verifier_.Add(Entry(0), Given(0)).ok());
  EXPECT_EQ(verifier_.Add(Entry(1), Given(2)).message(),
            "event id-2, number 1 of the log, is not as it was logged");
  EXPECT_EQ(verifier_.Add(Entry(2), {"id-2", "", ""}).message(),
            "event id-2, number 2 of the log, is not there");
  EXPECT_TRUE(verifier_.CheckAt(NoteAt(3)).ok()) << "the entries are good";
}

TEST_F(Logs, EntriesThatAreNotTheLogsAreNoticedAtTheNextCheckpoint) {
  verifier_.AddBare(Entry(0));
  verifier_.AddBare(Entry(1));
  EXPECT_TRUE(verifier_.CheckAt(NoteAt(2)).ok());
  EXPECT_FALSE(verifier_.CheckAt(NoteAt(3)).ok()) << "of another size";
  verifier_.AddBare(Entry(7));
  EXPECT_EQ(verifier_.CheckAt(NoteAt(3)).message(),
            "the first 3 entries are not those of the checkpoint of 3; the "
            "first 2 are good");
  EXPECT_FALSE(LogVerifier(Signer(2).key).CheckAt(NoteAt(0)).ok());
}

TEST_F(Logs, ATileTellsWhichEntryIsAnother) {
  const std::string tile = merkle::LeafHash(Entry(0)) +
                           merkle::LeafHash(Entry(1)) +
                           merkle::LeafHash(Entry(2));
  EXPECT_EQ(
      LogVerifier::FittingLeaves(tile, Entry(0) + Entry(1) + Entry(2), 32), 3u);
  EXPECT_EQ(
      LogVerifier::FittingLeaves(tile, Entry(0) + Entry(5) + Entry(2), 32), 1u);
  EXPECT_EQ(LogVerifier::FittingLeaves(tile, Entry(0), 32), 1u);
}

}  // namespace
}  // namespace masa::transparency
