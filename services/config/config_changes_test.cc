#include "services/config/config_changes.h"

#include <set>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "services/config/redact.h"
#include "services/config/yaml_reader.h"

namespace masa::config {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;

masa::v1::Config ConfigOf(const std::string& yaml) {
  masa::v1::Config config;
  EXPECT_TRUE(ReadYaml(yaml, &config).empty()) << yaml;
  return config;
}

std::string Text(const std::vector<Change>& changes) {
  std::string text;
  for (const Change& change : changes) {
    absl::StrAppend(&text, change.path, ": ", change.before, " -> ",
                    change.after, "\n");
  }
  return text;
}

TEST(ConfigChanges, NamesEveryFieldThatDiffers) {
  const struct {
    const char* before;
    const char* after;
    const char* says;
  } rows[] = {
      {"log: {level: info}", "log: {level: info}", ""},
      {"log: {level: info}", "log: {level: debug}",
       "log.level: \"info\" -> \"debug\"\n"},
      {"edge: {threads: 2}", "edge: {threads: 3, max_connections: 7}",
       "edge.max_connections: 0 -> 7\nedge.threads: 2 -> 3\n"},
      {"authority: {callers: [{name: a, role: EDGE}]}",
       "authority: {callers: [{name: a, role: OPERATOR}, {name: b}]}",
       "authority.callers[0].role: \"EDGE\" -> \"OPERATOR\"\n"
       "authority.callers[1]:  -> {name: \"b\"}\n"},
      {"edge: {base_paths: [/a, /b]}", "edge: {base_paths: [/a]}",
       "edge.base_paths[1]: \"/b\" -> \n"},
      {"synchronised_clock_required: true", "{}",
       "synchronised_clock_required: true -> false\n"},
  };
  for (const auto& row : rows) {
    EXPECT_EQ(Text(ChangesOf(ConfigOf(row.before), ConfigOf(row.after))),
              row.says)
        << row.before << " and " << row.after;
  }
}

TEST(ConfigChanges, ShowNoSecretOnEitherSide) {
  for (const char* field : {"database_url", "migration_url", "retention_url"}) {
    const auto config = [field](const char* value) {
      return ConfigOf(absl::StrCat("storage: {max_connections: 3, ", field,
                                   ": 'postgresql://u:", value, "@h/d'}"));
    };
    const std::string changed =
        Text(ChangesOf(config("hunter1"), config("hunter2")));
    EXPECT_EQ(changed,
              absl::StrCat("storage.", field, ": (redacted) -> (redacted)\n"));
    const std::string added = Text(ChangesOf({}, config("hunter2")));
    EXPECT_TRUE(absl::StrContains(added, "storage.max_connections: 0 -> 3\n"))
        << added;
    EXPECT_TRUE(absl::StrContains(added, ":  -> (redacted)\n")) << added;
    EXPECT_FALSE(absl::StrContains(added, "hunter")) << added;
  }
}

TEST(Redact, ReplacesWhatIsThereAndNothingElse) {
  masa::v1::Config config = ConfigOf(
      "storage: {database_url: 'postgresql://u:hunter2@h/d', "
      "migration_url_file: secrets/url}");
  Redact(&config);
  EXPECT_EQ(config.ShortDebugString(),
            "storage { database_url: \"(redacted)\" migration_url_file: "
            "\"secrets/url\" }");
}

// Fields below `descriptor` whose names speak of secrets.
void FindSuspects(const Descriptor& descriptor, std::set<std::string>* found,
                  std::set<const Descriptor*>* seen) {
  if (!seen->insert(&descriptor).second) {
    return;
  }
  for (int i = 0; i < descriptor.field_count(); ++i) {
    const FieldDescriptor& field = *descriptor.field(i);
    if (field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
      FindSuspects(*field.message_type(), found, seen);
      continue;
    }
    const std::string& name = field.name();
    const bool is_text = field.cpp_type() == FieldDescriptor::CPPTYPE_STRING &&
                         !absl::EndsWith(name, "_file") &&
                         !absl::EndsWith(name, "_folder");
    for (const char* word : {"url", "password", "passphrase", "secret", "pin",
                             "token", "private", "credential"}) {
      if (is_text && absl::StrContains(name, word)) {
        found->insert(field.full_name());
      }
    }
  }
}

// Who adds a field that may hold a secret decides here whether it is shown.
TEST(Redact, KnowsEveryFieldWhoseNameSpeaksOfASecret) {
  std::set<std::string> suspects;
  std::set<const Descriptor*> seen;
  FindSuspects(*masa::v1::Config::descriptor(), &suspects, &seen);
  // A provider publishes its keys there, to everybody.
  EXPECT_EQ(suspects.erase("masa.v1.OidcIssuer.jwks_url"), 1u);
  EXPECT_EQ(suspects,
            (std::set<std::string>{"masa.v1.StorageConfig.database_url",
                                   "masa.v1.StorageConfig.migration_url",
                                   "masa.v1.StorageConfig.retention_url",
                                   "masa.v1.StorageConfig.backup_url"}));
  for (const std::string& name : suspects) {
    const auto* field =
        google::protobuf::DescriptorPool::generated_pool()->FindFieldByName(
            name);
    ASSERT_NE(field, nullptr) << name;
    EXPECT_TRUE(IsSecret(*field)) << name;
  }
}

}  // namespace
}  // namespace masa::config
