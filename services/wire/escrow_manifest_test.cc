#include "services/wire/escrow_manifest.h"

#include "absl/strings/str_replace.h"
#include "gtest/gtest.h"
#include "services/status/reason.h"

namespace masa::wire {
namespace {

EscrowManifest Example() {
  return {"acme",
          "org \"acme\" \xc3\xa9",
          std::string(16, 'j'),
          absl::FromUnixSeconds(1'790'000'000),
          3,
          1,
          std::string(32, 'd'),
          {"root one", "root two"},
          {"signer"},
          {"owners"},
          {"masa.example/audit/acme+00000000+AAAA"}};
}

TEST(EscrowManifest, IsReadAsItWasWritten) {
  const std::string text = EncodeEscrowManifest(Example());
  EXPECT_EQ(text.find("{\"form\":\"MASA escrow manifest v1\",\n"), 0u) << text;
  const auto read = ParseEscrowManifest(text);
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(*read, Example());
}

TEST(EscrowManifest, RefusesWhateverIsNotWrittenInTheOneWay) {
  const struct {
    const char* name;
    const char* from;
    const char* to;
  } cases[] = {
      {"another form", "manifest v1", "manifest v2"},
      {"a member that is not known", "\"issued\"", "\"granted\""},
      {"a member twice", "\"refused\":1", "\"issued\":3"},
      {"a number as text", "\"issued\":3", "\"issued\":\"3\""},
      {"a leading zero", "\"refused\":1", "\"refused\":01"},
      {"a fraction", "\"issued\":3", "\"issued\":3.0"},
      {"less than nothing", "\"refused\":1", "\"refused\":-1"},
      {"no device", "\"issued\":3", "\"issued\":0"},
      {"upper case hexadecimal", "6a6a", "6A6A"},
      {"a short digest", "6464\"", "64\""},
      {"another time zone", "Z\"", "+00:00\""},
      {"base64 without its end", "cm9vdCBvbmU=", "cm9vdCBvbmU"},
      {"an empty tenant", "\"acme\"", "\"\""},
      {"a space", "\"issued\":3", "\"issued\": 3"},
      {"something behind it", "]}\n", "]}\n "},
  };
  for (const auto& c : cases) {
    const std::string text =
        absl::StrReplaceAll(EncodeEscrowManifest(Example()), {{c.from, c.to}});
    ASSERT_NE(text, EncodeEscrowManifest(Example())) << c.name;
    EXPECT_EQ(ReasonOf(ParseEscrowManifest(text).status()), Reason::kMalformed)
        << c.name;
  }
}

TEST(EscrowManifest, RefusesOneWithoutAnAnchorAndOneThatIsTooLong) {
  EscrowManifest lacking[] = {Example(), Example(), Example()};
  lacking[0].voucher_anchors.clear();
  lacking[1].ownership_anchors.clear();
  lacking[2].log_keys.clear();
  for (const EscrowManifest& one : lacking) {
    EXPECT_FALSE(ParseEscrowManifest(EncodeEscrowManifest(one)).ok());
  }
  EscrowManifest large = Example();
  large.tenant_id = std::string(1 << 20, 'a');
  EXPECT_FALSE(ParseEscrowManifest(EncodeEscrowManifest(large)).ok());
}

}  // namespace
}  // namespace masa::wire
