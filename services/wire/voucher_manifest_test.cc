// The manifest of an archive of vouchers and the headers of its files.
#include "services/wire/voucher_manifest.h"

#include "gtest/gtest.h"
#include "services/status/reason.h"
#include "services/wire/tar_header.h"

namespace masa::wire {
namespace {

ManifestEntry Issued() {
  ManifestEntry entry;
  entry.serial_number = "S \"1\"\n\xc3\xa9";
  entry.idevid_issuer = std::string("\x01\xfe", 2);
  entry.file = "f.vcj";
  entry.voucher_id = std::string(16, '\x7f');
  entry.octets = 3'000;
  entry.sha256 = std::string(32, '\x80');
  return entry;
}

TEST(VoucherManifest, AnEntryIsReadBackAsItWasWritten) {
  ManifestEntry refused;
  refused.serial_number = "S-2";
  refused.reason = "DEVICE_BLOCKED";
  refused.message = "the device is blocked";
  for (const ManifestEntry& entry : {Issued(), refused}) {
    const std::string line = EncodeManifestEntry(entry);
    EXPECT_EQ(line.find('\n'), std::string::npos) << line;
    for (const char* end : {"", ",", ",\n"}) {
      const auto parsed = ParseManifestEntry(line + end);
      ASSERT_TRUE(parsed.ok()) << parsed.status() << line;
      EXPECT_TRUE(*parsed == entry) << line;
    }
  }
}

TEST(VoucherManifest, WhatIsNoEntryIsRefused) {
  for (const char* line :
       {"", "[", "{", "{}x", "{\"octets\":-1}", "{\"octets\":1e300}",
        "{\"file\":1}", "{\"file\":\"a\",\"file\":\"b\"}"}) {
    EXPECT_EQ(ReasonOf(ParseManifestEntry(line).status()), Reason::kMalformed)
        << line;
  }
}

TEST(VoucherManifest, AFileIsCalledByItsDevice) {
  const struct {
    std::string serial;
    std::optional<std::string> issuer;
    masa::v1::Format format;
    const char* name;
  } rows[] = {
      {"S-1", {}, masa::v1::FORMAT_CMS_JSON, "S-1.vcj"},
      {"S_1.a", {}, masa::v1::FORMAT_JWS_JSON, "S_1.a.vjj"},
      {"S-1", "\x0a\xff", masa::v1::FORMAT_COSE_CBOR, "S-1+0aff.vch"},
      {"../x",
       {},
       masa::v1::FORMAT_CMS_JSON,
       "voucher+7f7f7f7f-7f7f-7f7f-7f7f-7f7f7f7f7f7f.vcj"},
      {"-rf",
       {},
       masa::v1::FORMAT_CMS_JSON,
       "voucher+7f7f7f7f-7f7f-7f7f-7f7f-7f7f7f7f7f7f.vcj"},
      {"S+0aff",
       {},
       masa::v1::FORMAT_CMS_JSON,
       "voucher+7f7f7f7f-7f7f-7f7f-7f7f-7f7f7f7f7f7f.vcj"},
      {std::string(97, 'x'),
       {},
       masa::v1::FORMAT_CMS_JSON,
       "voucher+7f7f7f7f-7f7f-7f7f-7f7f-7f7f7f7f7f7f.vcj"},
  };
  for (const auto& row : rows) {
    ManifestEntry entry = Issued();
    entry.serial_number = row.serial;
    entry.idevid_issuer = row.issuer;
    EXPECT_EQ(VoucherFileName(entry, row.format), row.name);
  }
}

TEST(TarHeader, IsReadBackAsItWasWritten) {
  for (const int64_t octets : {int64_t{0}, int64_t{511}, kTarLargestFile}) {
    const std::string header =
        TarHeader("name.vcj", octets, absl::FromUnixSeconds(1'790'000'000));
    ASSERT_EQ(static_cast<int64_t>(header.size()), kTarBlock);
    const auto entry = ParseTarHeader(header);
    ASSERT_TRUE(entry.has_value());
    EXPECT_EQ(entry->name, "name.vcj");
    EXPECT_EQ(entry->octets, octets);
    EXPECT_EQ(TarSpan(octets) % kTarBlock, 0);
    EXPECT_EQ(TarSpan(octets), kTarBlock + octets + TarPadding(octets));
  }
}

TEST(TarHeader, WithAnotherSumIsNone) {
  std::string header = TarHeader("name", 7, absl::UnixEpoch());
  header[0] = 'N';
  EXPECT_FALSE(ParseTarHeader(header).has_value());
  EXPECT_FALSE(ParseTarHeader(std::string(512, '\0')).has_value());
  EXPECT_FALSE(ParseTarHeader("short").has_value());
}

}  // namespace
}  // namespace masa::wire
