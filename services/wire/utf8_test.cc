#include "services/wire/utf8.h"

#include "gtest/gtest.h"

namespace masa::wire {
namespace {

TEST(Utf8, IsAsItsRfcHasIt) {
  for (const char* good :
       {"", "a", "\xc2\x80", "\xed\x9f\xbf", "\xf4\x8f\xbf\xbf"}) {
    EXPECT_TRUE(IsUtf8(good));
  }
  for (const char* bad : {"\x80", "\xc0\x80", "\xe0\x9f\xbf", "\xed\xa0\x80",
                          "\xf4\x90\x80\x80", "\xf8", "a\xc3", "\xc3("}) {
    EXPECT_FALSE(IsUtf8(bad));
  }
}

}  // namespace
}  // namespace masa::wire
