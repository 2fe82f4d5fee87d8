#include "services/masad/command_line.h"

#include <fstream>
#include <string>
#include <vector>

#include "gtest/gtest.h"

namespace masa::masad {
namespace {

std::string ExistingFile() {
  const std::string path = testing::TempDir() + "/masad.yaml";
  std::ofstream(path) << "{}\n";
  return path;
}

TEST(CommandLine, EachVerbIsUnderstood) {
  const std::string file = ExistingFile();
  const struct {
    std::vector<std::string> arguments;
    Verb verb;
    RoleName role;
  } cases[] = {
      {{"--config", file}, Verb::kServe, RoleName::kAll},
      {{"--role=edge", "--config", file}, Verb::kServe, RoleName::kEdge},
      {{"--role", "signer", "--check-config", "--config", file},
       Verb::kCheckConfig,
       RoleName::kSigner},
      {{"migrate", "--config", file}, Verb::kMigrate, RoleName::kAll},
      {{"apply", "--config", file, file}, Verb::kApply, RoleName::kAll},
      {{"retention", "--config", file}, Verb::kRetention, RoleName::kAll},
      {{"verify-audit", "--config", file}, Verb::kVerifyAudit, RoleName::kAll},
      {{"verify-backup", "--config", file},
       Verb::kVerifyBackup,
       RoleName::kAll},
  };
  for (const auto& c : cases) {
    const auto parsed = ParseCommandLine(c.arguments);
    ASSERT_TRUE(std::holds_alternative<CommandLine>(parsed))
        << c.arguments.front();
    EXPECT_EQ(std::get<CommandLine>(parsed).verb, c.verb);
    EXPECT_EQ(std::get<CommandLine>(parsed).role, c.role);
    EXPECT_EQ(std::get<CommandLine>(parsed).config_file, file);
  }
}

TEST(CommandLine, WrongWordsEndWithTwoAndSayWhatIsWrong) {
  const std::string file = ExistingFile();
  const struct {
    std::vector<std::string> arguments;
    std::string says;
  } cases[] = {
      {{}, "--config"},
      {{"--config", "/no/such/file"}, "/no/such/file"},
      {{"--config", file, "--role=king"},
       "masad: --role: edge, authority, signer or all is needed, not king\n"},
      {{"--config", file, "--frob"}, "--frob"},
      {{"apply", "--config", file}, "catalog"},
  };
  for (const auto& c : cases) {
    const auto parsed = ParseCommandLine(c.arguments);
    ASSERT_TRUE(std::holds_alternative<CommandLineExit>(parsed)) << c.says;
    EXPECT_EQ(std::get<CommandLineExit>(parsed).code, 2);
    EXPECT_NE(std::get<CommandLineExit>(parsed).text.find(c.says),
              std::string::npos)
        << std::get<CommandLineExit>(parsed).text;
  }
}

TEST(CommandLine, HelpEndsWithZero) {
  const auto parsed = ParseCommandLine({"--help"});
  ASSERT_TRUE(std::holds_alternative<CommandLineExit>(parsed));
  EXPECT_EQ(std::get<CommandLineExit>(parsed).code, 0);
}

}  // namespace
}  // namespace masa::masad
