#include "services/wire/base64.h"

#include <string>

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

}  // namespace
}  // namespace masa::wire
