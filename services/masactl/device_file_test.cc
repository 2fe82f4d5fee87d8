// A file of devices makes the same chunks each time.
#include "services/masactl/device_file.h"

#include <filesystem>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace masa::masactl {
namespace {

using ::testing::HasSubstr;

std::string FileOf(const std::string& name, const std::string& text) {
  const std::string path = ::testing::TempDir() + "/" + name;
  std::ofstream(path, std::ios::binary) << text;
  return path;
}

// `count` devices; line 3 is none.
std::string Many(int count) {
  std::string text = "serial_number,product\n";
  for (int i = 0; i < count; ++i) {
    text += i == 1 ? ",p\n" : "";
    text += std::to_string(i) + ",p\n";
  }
  return text;
}

TEST(DeviceFile, EndsEachChunkAtAThousandDevices) {
  const auto file = DeviceFile::Open(FileOf("many.csv", Many(2500)));
  ASSERT_TRUE(file.ok()) << file.status();
  const auto first = (*file)->Next();
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_EQ(first->list.devices_size(), 1000);
  EXPECT_EQ(first->lines[0], 2);
  EXPECT_EQ(first->lines[1], 4);
  ASSERT_EQ(first->rejected.size(), 1u);
  EXPECT_EQ(first->rejected[0].first, 3);
  EXPECT_EQ((*file)->Next()->list.devices_size(), 1000);
  const auto third = (*file)->Next();
  EXPECT_EQ(third->list.devices_size(), 500);
  EXPECT_EQ(third->sequence, 3u);
  EXPECT_DOUBLE_EQ((*file)->Share(), 1.0);
  EXPECT_EQ((*file)->Next()->list.devices_size(), 0);
}

TEST(DeviceFile, GoesBackToWhatItGaveOut) {
  const auto file = DeviceFile::Open(FileOf("back.csv", Many(2500)));
  ASSERT_TRUE(file.ok()) << file.status();
  std::vector<FileChunk> chunks;
  do {
    chunks.push_back(*(*file)->Next());
  } while (chunks.back().list.devices_size() > 0);
  for (const uint64_t sequence : {3, 2, 0}) {
    (*file)->GoBack(sequence);
    EXPECT_EQ((*file)->sequence(), sequence);
    const auto again = (*file)->Next();
    EXPECT_EQ(again->sequence, sequence + 1);
    EXPECT_EQ(again->lines, chunks[sequence].lines);
    EXPECT_EQ(again->list.SerializeAsString(),
              chunks[sequence].list.SerializeAsString());
  }
}

// Large devices make small chunks: a message has a limit.
TEST(DeviceFile, EndsAChunkAtAMebibyte) {
  std::string text = "serial_number,product,idevid_cert\n";
  for (int i = 0; i < 200; ++i) {
    text += std::to_string(i) + ",p," + std::string(16'000, 'A') + "\n";
  }
  const auto file = DeviceFile::Open(FileOf("large.csv", text));
  ASSERT_TRUE(file.ok()) << file.status();
  int devices = 0;
  for (auto chunk = (*file)->Next(); chunk->list.devices_size() > 0;
       chunk = (*file)->Next()) {
    EXPECT_LT(chunk->list.ByteSizeLong(), 1'100'000u);
    devices += chunk->list.devices_size();
  }
  EXPECT_EQ(devices, 200);
}

TEST(DeviceFile, AnotherFileHasAnotherMark) {
  const auto one = DeviceFile::Open(FileOf("one.csv", Many(3)));
  const auto same = DeviceFile::Open(::testing::TempDir() + "/one.csv");
  const auto other = DeviceFile::Open(FileOf("other.csv", Many(4)));
  EXPECT_EQ((*one)->Mark(), (*same)->Mark());
  EXPECT_NE((*one)->Mark(), (*other)->Mark());
}

TEST(DeviceFile, WhatCannotBeReadIsSaid) {
  for (const std::string& path :
       {std::string("/no/such/file"), ::testing::TempDir(),
        FileOf("header.csv", "colour\n"), FileOf("empty.csv", "")}) {
    EXPECT_FALSE(DeviceFile::Open(path).ok()) << path;
  }
}

// What spreadsheets write.
TEST(DeviceFile, BeginsBehindTheMarkOfUtf8) {
  const auto file =
      DeviceFile::Open(FileOf("mark.csv", "\xef\xbb\xbf" + Many(1200)));
  ASSERT_TRUE(file.ok()) << file.status();
  for (int i = 0; i < 2; ++i) {
    const auto chunk = (*file)->Next();
    ASSERT_EQ(chunk->list.devices_size(), 1000);
    EXPECT_EQ(chunk->lines[0], 2);
    EXPECT_EQ(chunk->list.devices(0).serial_number(), "0");
    (*file)->GoBack(0);
  }
}

TEST(DeviceFile, SaysHowAFileIsSaved) {
  const struct {
    std::string text, says;
  } cases[] = {
      {"serial_number;product\nS;p\n", "separate the columns by commas"},
      {"serial_number\tproduct\nS\tp\n", "separate the columns by commas"},
      {std::string("\xff\xfes\0,\0p\0\n\0", 10), "CSV in UTF-8"},
      {std::string("s\0,\0p\0\n\0", 8), "CSV in UTF-8"},
  };
  for (const auto& c : cases) {
    const auto file = DeviceFile::Open(FileOf("saved.csv", c.text));
    EXPECT_THAT(std::string(file.status().message()), HasSubstr(c.says));
  }
}

TEST(DeviceFile, ALineThatIsNotUtf8IsOneLine) {
  const auto file = DeviceFile::Open(
      FileOf("latin.csv",
             "serial_number,model,product\nS-1,a,p\nS-2,Ger\xe4t,p\n"
             "S-3,Ger\xc3\xa4t,p\n"));
  ASSERT_TRUE(file.ok()) << file.status();
  const auto chunk = (*file)->Next();
  EXPECT_EQ(chunk->list.devices_size(), 2);
  ASSERT_EQ(chunk->rejected.size(), 1u);
  EXPECT_EQ(chunk->rejected[0].first, 3);
  EXPECT_THAT(chunk->rejected[0].second, HasSubstr("model: not UTF-8"));
  EXPECT_THAT(chunk->rejected[0].second, HasSubstr("Ger\\xe4t"));
}

TEST(DeviceLine, IsReadBackAsItWas) {
  masa::v1::Device device;
  device.set_serial_number("S,\"1\"");
  device.set_product_id("p");
  device.set_idevid_issuer_ski("\x01\xff");
  device.set_idevid_cert_der(std::string("\x30\x00", 2));
  device.set_state(masa::v1::DEVICE_STATE_RETURNED);
  device.set_hw_version("B");
  device.set_ek_cert_der("ek");
  device.set_ppk_public_key_der("ppk");
  device.mutable_shipped_at()->set_seconds(1700000000);
  device.mutable_shipped_at()->set_nanos(5000);
  (*device.mutable_labels())["a"] = "x=y";
  const auto line = LineOf(device);
  ASSERT_TRUE(line.ok()) << line.status();
  const auto file =
      DeviceFile::Open(FileOf("line.csv", HeaderLine() + "\n" + *line + "\n"));
  ASSERT_TRUE(file.ok()) << file.status();
  const auto chunk = (*file)->Next();
  ASSERT_EQ(chunk->list.devices_size(), 1) << chunk->rejected[0].second;
  EXPECT_EQ(chunk->list.devices(0).DebugString(), device.DebugString());
  (*device.mutable_labels())["b"] = "x;y";
  EXPECT_FALSE(LineOf(device).ok()) << "the column cannot hold it";
}

}  // namespace
}  // namespace masa::masactl
