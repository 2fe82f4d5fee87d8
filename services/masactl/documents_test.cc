// OP-17: what the practice statement, the runbook and the README tell people to
// type is there.
#include <fstream>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "gtest/gtest.h"
#include "services/masactl/command_line.h"

namespace masa::masactl {
namespace {

bool IsWord(const std::string& text) {
  return !text.empty() &&
         text.find_first_not_of("abcdefghijklmnopqrstuvwxyz-") ==
             std::string::npos &&
         text.front() != '-';
}

// The words of commands behind "masactl " in a document, up to what an
// operator fills in.
std::set<std::vector<std::string>> CommandsIn(const std::string& document) {
  std::ifstream file(document);
  std::ostringstream text;
  text << file.rdbuf();
  std::set<std::vector<std::string>> commands;
  const std::vector<std::string> parts =
      absl::StrSplit(text.str(), absl::ByString("masactl "));
  for (size_t i = 1; i < parts.size(); ++i) {
    const char before = parts[i - 1].empty() ? '\n' : parts[i - 1].back();
    if (before != '`' && before != ' ' && before != '\n') {
      continue;  // a path, or part of another word
    }
    const std::string line =
        parts[i].substr(0, parts[i].find_first_of("`\n#|;,."));
    std::vector<std::string> words;
    for (const auto& word : absl::StrSplit(line, ' ', absl::SkipEmpty())) {
      if (!IsWord(std::string(word)) || words.size() == 2) {
        break;
      }
      words.push_back(std::string(word));
    }
    commands.insert(words);
  }
  return commands;
}

std::string HelpOf(std::vector<std::string> words) {
  words.push_back("--help");
  std::ostringstream out, err;
  EXPECT_EQ(Run(words, Terminal{out, err}), 0) << err.str();
  return out.str();
}

// Whether the help for the words before each word lists it. Behind a word that
// has no others below it come arguments.
bool IsKnown(const std::vector<std::string>& words) {
  std::vector<std::string> before;
  for (const std::string& word : words) {
    const std::string help = HelpOf(before);
    const size_t below = help.find("Subcommands:");
    if (below == std::string::npos) {
      return true;
    }
    const auto lists = [&](const char* then) {
      return help.find(absl::StrCat("\n  ", word, then), below) !=
             std::string::npos;
    };
    // Followed by what it is for, or by another name of it.
    if (!lists(" ") && !lists(",")) {
      return false;
    }
    before.push_back(word);
  }
  return true;
}

TEST(Documents, NameCommandsThatAreThere) {
  EXPECT_FALSE(IsKnown({"key", "frobnicate"}));
  EXPECT_FALSE(IsKnown({"frobnicate"}));
  EXPECT_TRUE(IsKnown({"key", "list"}));
  for (const char* document :
       {"deploy/PRACTICE.md", "deploy/RUNBOOK.md", "README.md"}) {
    const auto commands = CommandsIn(document);
    EXPECT_GT(commands.size(), 5u) << document;
    for (const std::vector<std::string>& words : commands) {
      EXPECT_TRUE(IsKnown(words))
          << document << ": masactl " << absl::StrJoin(words, " ");
    }
  }
}

// Each question has an answer, and what only the operator knows is marked.
TEST(Documents, ThePracticeStatementAnswersItsQuestions) {
  std::ifstream file("deploy/PRACTICE.md");
  int questions = 0, yours = 0;
  for (std::string line; std::getline(file, line);) {
    const std::vector<std::string> cells = absl::StrSplit(line, " | ");
    if (cells.size() != 2 || cells[0].find('?') == std::string::npos) {
      continue;
    }
    ++questions;
    EXPECT_GT(cells[1].size(), 40u) << line;
    yours += cells[1].find("*") != std::string::npos ? 1 : 0;
  }
  EXPECT_GE(questions, 12);
  EXPECT_GE(yours, 3);
}

}  // namespace
}  // namespace masa::masactl
