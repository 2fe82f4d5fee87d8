// The completion script, as bash's own `complete` runs it.
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/masactl/command_line.h"
#include "services/testing/child_process.h"

namespace masa::masactl {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

std::string Output(const std::vector<std::string>& arguments) {
  std::ostringstream out, err;
  EXPECT_EQ(Run(arguments, {out, err, false}), 0) << err.str();
  return out.str();
}

// What bash offers for the last of `words`, with the function that `complete`
// has on record for masactl.
std::vector<std::string> Offered(const std::vector<std::string>& words) {
  const std::string folder = ::testing::TempDir();
  const std::string script = absl::StrCat(folder, "/masactl-completion.bash");
  const std::string said = absl::StrCat(folder, "/masactl-completion.out");
  std::ofstream(script) << Output({"completion", "bash"});
  std::remove(said.c_str());
  const std::string typed = absl::StrJoin(words, "' '");
  const int status =
      testing::ChildProcess(
          {"/bin/bash", "--norc", "-c",
           absl::StrCat("set -u; source '", script,
                        "'; set -- $(complete -p masactl); "
                        "while [ \"$1\" != -F ]; do shift; done; "
                        "COMP_WORDS=(masactl '",
                        typed, "'); COMP_CWORD=", words.size(),
                        "; \"$2\"; echo \"${COMPREPLY[@]-}\"")},
          said)
          .Wait();
  std::stringstream text;
  text << std::ifstream(said).rdbuf();
  EXPECT_EQ(status, 0) << text.str();
  return absl::StrSplit(text.str(), absl::ByAnyChar(" \n"), absl::SkipEmpty());
}

TEST(Completion, BashOffersWhatTheParserTakes) {
  EXPECT_THAT(Offered({"dev"}), ElementsAre("device"));
  EXPECT_THAT(Offered({"device", "im"}), ElementsAre("import"));
  EXPECT_THAT(Offered({"device", "transfer", "of"}), ElementsAre("offer"));
  EXPECT_THAT(Offered({"device", "import", "f.csv", "--on"}),
              ElementsAre("--on-conflict"));
  EXPECT_THAT(Offered({"device", "import", "--on-conflict", ""}),
              ElementsAre("skip", "fail", "update"));
  EXPECT_THAT(Offered({"completion", ""}), Contains("zsh"));
  EXPECT_THAT(Offered({"device", "get", "--tok"}), ElementsAre("--token-file"));
  // An option's value is no command, and is completed as a file's name.
  EXPECT_THAT(Offered({"--ca", "device", "dev"}), ElementsAre("device"));
  EXPECT_THAT(Offered({"device", "get", "--ca", ""}), IsEmpty());
  EXPECT_THAT(Offered({"device", "get", ""}), Not(Contains("import")));
  EXPECT_THAT(Offered({"nothing-like-it"}), IsEmpty());
  // A second name of a word, and options of which one is needed.
  EXPECT_THAT(Offered({"owner", ""}), Contains("resolve"));
  EXPECT_THAT(Offered({"owner", ""}), Not(Contains("device")));
  EXPECT_THAT(Offered({"escrow", "export", "--out"}), ElementsAre("--out"));
  EXPECT_THAT(Offered({"escrow", "export", "--fold"}), ElementsAre("--folder"));
}

// Follows the help, which CLI11 writes, down to every command.
void ExpectAllOfHelp(std::vector<std::string> at) {
  std::vector<std::string> ask = at;
  ask.push_back("--help");
  std::vector<std::string> typed = at;
  typed.push_back("");
  const auto offered = Offered(typed);
  bool below = false;
  const std::vector<std::string> lines = absl::StrSplit(Output(ask), '\n');
  for (const std::string& line : lines) {
    const std::vector<std::string> words =
        absl::StrSplit(line, ' ', absl::SkipEmpty());
    below = below || absl::StartsWith(line, "Subcommands:");
    if (words.empty() || !absl::StartsWith(line, "  ") ||
        absl::StartsWith(line, "   ")) {
      continue;
    }
    // What has two names is said as `one,two` or `one, two`.
    const std::string name = absl::StartsWith(words[0], "-h,")
                                 ? "--help"
                                 : words[0].substr(0, words[0].find(','));
    if (absl::StartsWith(name, "--")) {
      EXPECT_THAT(offered, Contains(name)) << absl::StrJoin(at, " ");
    } else if (below) {
      EXPECT_THAT(offered, Contains(name)) << absl::StrJoin(at, " ");
      at.push_back(name);
      ExpectAllOfHelp(at);
      at.pop_back();
    }
  }
}

TEST(Completion, KnowsEveryWordThatTheHelpKnows) { ExpectAllOfHelp({}); }

TEST(Completion, ZshRunsTheSameScript) {
  const std::string zsh = Output({"completion", "zsh"});
  EXPECT_TRUE(absl::StartsWith(zsh, "autoload -U +X bashcompinit"));
  EXPECT_THAT(zsh, HasSubstr(Output({"completion", "bash"})));
}

}  // namespace
}  // namespace masa::masactl
