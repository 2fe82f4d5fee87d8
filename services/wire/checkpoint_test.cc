#include "services/wire/checkpoint.h"

#include "gtest/gtest.h"

namespace masa::wire {
namespace {

const char kText[] =
    "example.com/behind-the-sofa\n20852163\n"
    "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";

TEST(Checkpoint, ReadsTheSpecificationsExample) {
  const auto checkpoint = ParseCheckpoint(kText);
  ASSERT_TRUE(checkpoint.ok()) << checkpoint.status();
  EXPECT_EQ(checkpoint->origin, "example.com/behind-the-sofa");
  EXPECT_EQ(checkpoint->size, 20852163u);
  EXPECT_EQ(checkpoint->root.size(), 32u);
  EXPECT_EQ(EncodeCheckpoint(*checkpoint), kText);
}

TEST(Checkpoint, RefusesWhateverIsNotWrittenInTheOneWay) {
  const std::string root = "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";
  const struct {
    const char* name;
    std::string text;
  } cases[] = {
      {"nothing", ""},
      {"no origin", "\n1\n" + root},
      {"a space in the origin", "a b\n1\n" + root},
      {"a plus in the origin", "a+b\n1\n" + root},
      {"a leading zero", "a\n01\n" + root},
      {"a sign", "a\n-1\n" + root},
      {"a space before the size", "a\n 1\n" + root},
      {"a size over 64 bits", "a\n18446744073709551616\n" + root},
      {"a short root", "a\n1\nAAAA\n"},
      {"a root without padding", "a\n1\n" + root.substr(0, 43) + "\n"},
      {"no last newline", "a\n1\n" + root.substr(0, 44)},
      {"an extension line", "a\n1\n" + root + "more\n"},
      {"a carriage return", "a\n1\r\n" + root},
  };
  for (const auto& c : cases) {
    EXPECT_FALSE(ParseCheckpoint(c.text).ok()) << c.name;
  }
}

}  // namespace
}  // namespace masa::wire
