#include "services/wire/base64.h"

#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "gtest/gtest.h"

namespace masa::wire {
namespace {

// Every octet at every place of a group of three, and every length of a rest.
TEST(Base64, IsWrittenAsTheLibraryWritesIt) {
  std::string octets;
  for (int i = 0; i < 800; ++i) {
    std::string standard = "before", url = "before", library;
    AppendBase64(octets, &standard);
    EXPECT_EQ(standard, "before" + absl::Base64Escape(octets));
    AppendBase64Url(octets, &url);
    absl::WebSafeBase64Escape(octets, &library);
    EXPECT_EQ(url, "before" + library);
    EXPECT_EQ(library.size(), Base64UrlSize(octets.size()));
    octets.push_back(static_cast<char>(i * 37));
  }
}

TEST(Base64, IsReadAsItIsWritten) {
  std::string octets;
  for (int i = 0; i < 800; ++i) {
    std::string standard, url;
    AppendBase64(octets, &standard);
    AppendBase64Url(octets, &url);
    EXPECT_EQ(DecodeBase64(standard), octets);
    EXPECT_EQ(DecodeBase64Url(url), octets);
    EXPECT_EQ(DecodeBase64Leniently(standard), octets);
    EXPECT_EQ(DecodeBase64Leniently(url), octets);
    octets.push_back(static_cast<char>(i * 37));
  }
}

// Of every character at every place of the last eight, with and without a rest:
// what is read is written the same.
TEST(Base64, HasOneSpelling) {
  for (const std::string seed : {"QUJDREVG", "QUJDREU", "QUJDRA"}) {
    for (size_t place = 0; place < seed.size(); ++place) {
      for (int character = 0; character < 256; ++character) {
        std::string text = seed;
        text[place] = static_cast<char>(character);
        std::string again;
        if (const auto read = DecodeBase64Url(text)) {
          AppendBase64Url(*read, &again);
          EXPECT_EQ(again, text);
        }
        const std::string padded =
            text + std::string((4 - text.size() % 4) % 4, '=');
        again.clear();
        if (const auto read = DecodeBase64(padded)) {
          AppendBase64(*read, &again);
          EXPECT_EQ(again, padded);
        }
        const bool plain = absl::ascii_isalnum(character);
        EXPECT_TRUE(!plain || place + 1 == seed.size() ||
                    DecodeBase64Url(text));
        EXPECT_EQ(DecodeBase64Leniently(text).has_value(),
                  DecodeBase64Url(text).has_value() ||
                      DecodeBase64(padded).has_value());
      }
    }
  }
}

TEST(Base64, RefusesWhatIsNot) {
  for (const char* text : {"A", "QUJDR", "QUI=", "QQ==", "QUJD=", "QUJD\nQUJD",
                           "QR", "QUJDRB", "QUJ\x80", "QUI "}) {
    EXPECT_FALSE(DecodeBase64Url(text).has_value()) << text;
  }
  for (const char* text : {"A", "QQ", "QUI", "Q===", "====", "=",
                           "QR==", "QUJ=", "QUJD\n", "QU JD", "-_-_"}) {
    EXPECT_FALSE(DecodeBase64(text).has_value()) << text;
  }
  EXPECT_EQ(DecodeBase64(""), "");
  EXPECT_EQ(DecodeBase64Url("-_-_"), "\xfb\xff\xbf");
}

}  // namespace
}  // namespace masa::wire
