#include "services/masactl/completion.h"

#include <map>
#include <set>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"

namespace masa::masactl {
namespace {

// What the script is made of.
struct Table {
  std::vector<std::string> commands;           // " device import"
  std::map<std::string, std::string> words;    // of each command, and of ""
  std::map<std::string, std::string> choices;  // of options with few values
  std::set<std::string> valued;                // options that take a value
};

// "skip fail" of what is described as TEXT:{skip,fail}; empty for others.
std::string ChoicesOf(const CLI::Option& option) {
  const std::string type = option.get_type_name();
  const size_t begin = type.find('{');
  const size_t end = type.find('}');
  if (begin == std::string::npos || end == std::string::npos || end < begin) {
    return "";
  }
  return absl::StrJoin(
      absl::StrSplit(type.substr(begin + 1, end - begin - 1), ','), " ");
}

void AddOptions(const CLI::App& app, std::vector<std::string>& words,
                Table& table) {
  for (const CLI::Option* option : app.get_options()) {
    if (option->get_positional() && !ChoicesOf(*option).empty()) {
      words.push_back(ChoicesOf(*option));
    }
    for (const std::string& name : option->get_lnames()) {
      words.push_back(absl::StrCat("--", name));
      if (option->get_items_expected_max() == 0) {
        continue;
      }
      table.valued.insert(words.back());
      if (!ChoicesOf(*option).empty()) {
        table.choices[words.back()] = ChoicesOf(*option);
      }
    }
  }
}

// `everywhere` are the options that every command takes.
void AddCommand(const CLI::App& app, const std::string& at,
                const std::string& everywhere, Table& table) {
  std::vector<std::string> words;
  for (const CLI::App* command : app.get_subcommands({})) {
    if (command->get_name().empty()) {
      AddOptions(*command, words, table);  // a group of the command's own
      continue;
    }
    words.push_back(command->get_name());
    std::vector<std::string> names = command->get_aliases();
    names.push_back(command->get_name());
    for (const std::string& name : names) {
      const std::string below = absl::StrCat(at, " ", name);
      table.commands.push_back(below);
      AddCommand(*command, below, everywhere, table);
    }
  }
  AddOptions(app, words, table);
  words.push_back(everywhere);
  const std::set<std::string> once =
      absl::StrSplit(absl::StrJoin(words, " "), ' ');
  table.words[at] = absl::StrJoin(once, " ");
}

Table TableOf(const CLI::App& app) {
  Table table;
  std::vector<std::string> everywhere;
  AddOptions(app, everywhere, table);
  AddCommand(app, "", absl::StrJoin(everywhere, " "), table);
  return table;
}

std::string Arms(const std::map<std::string, std::string>& words) {
  std::string arms;
  for (const auto& [word, completions] : words) {
    absl::StrAppend(&arms, "    \"", word, "\") words=\"", completions,
                    "\" ;;\n");
  }
  return arms;
}

// Walks to the command that is being typed, then looks its words up. Without
// words, -o default completes file names.
std::string BashScript(const Table& table) {
  return absl::StrCat(
      R"(_masactl() {
  local at="" words="" i word
  for ((i = 1; i < COMP_CWORD; i++)); do
    word="${COMP_WORDS[i]}"
    case "$word" in
    )",
      absl::StrJoin(table.valued, "|"), R"() i=$((i + 1)) ;;
    *)
      case "$at $word" in
      ")",
      absl::StrJoin(table.commands, "\"|\""), R"(") at="$at $word" ;;
      esac ;;
    esac
  done
  if ((i > COMP_CWORD)); then
    case "${COMP_WORDS[COMP_CWORD - 1]}" in
)",
      Arms(table.choices), R"(    esac
  else
    case "$at" in
)",
      Arms(table.words), R"(    esac
  fi
  COMPREPLY=($(compgen -W "$words" -- "${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _masactl masactl
)");
}

}  // namespace

std::string CompletionScript(const CLI::App& app, const std::string& shell) {
  // zsh runs what is written for bash, words split as there.
  return absl::StrCat(
      shell == "zsh" ? "autoload -U +X bashcompinit && bashcompinit\n" : "",
      BashScript(TableOf(app)));
}

}  // namespace masa::masactl
