#include "storage/postgres/array_text.h"

#include "gtest/gtest.h"

namespace masa::storage {
namespace {

TEST(ArrayText, IsEmptyWithoutElements) {
  EXPECT_EQ(ArrayText().Finish(), "{}");
}

TEST(ArrayText, QuotesEveryText) {
  const struct {
    const char* name;
    const char* text;
    const char* array;
  } cases[] = {
      {"plain", "a", R"({"a"})"},
      {"empty", "", R"({""})"},
      {"the word null", "NULL", R"({"NULL"})"},
      {"quote", "\"", R"({"\""})"},
      {"backslash", "\\", R"({"\\"})"},
      {"braces and comma", "{,}", R"({"{,}"})"},
      {"white space", " \n", "{\" \n\"}"},
  };
  for (const auto& c : cases) {
    ArrayText array;
    array.AddText(c.text);
    EXPECT_EQ(array.Finish(), c.array) << c.name;
  }
}

TEST(ArrayText, WritesEachKindOfElement) {
  ArrayText bytes, numbers, flags, times, nothing;
  bytes.AddBytes(std::string("\0\xff", 2));
  bytes.AddBytes("");
  bytes.AddOptionalBytes(std::nullopt);
  EXPECT_EQ(bytes.Finish(), R"({"\\x00ff","\\x",NULL})");
  numbers.AddInteger(-1);
  numbers.AddInteger(int64_t{1} << 40);
  EXPECT_EQ(numbers.Finish(), "{-1,1099511627776}");
  flags.AddBoolean(true);
  flags.AddBoolean(false);
  EXPECT_EQ(flags.Finish(), "{t,f}");
  times.AddOptionalTime(absl::FromUnixMicros(1700000000000001));
  times.AddOptionalTime(std::nullopt);
  EXPECT_EQ(times.Finish(), R"({"2023-11-14 22:13:20.000001+00",NULL})");
  nothing.AddOptionalText(std::nullopt);
  nothing.AddOptionalText("x");
  EXPECT_EQ(nothing.Finish(), R"({NULL,"x"})");
}

}  // namespace
}  // namespace masa::storage
