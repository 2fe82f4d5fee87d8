#include "services/masad/reload.h"

#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "google/protobuf/util/message_differencer.h"
#include "services/config/yaml_reader.h"
#include "services/issuance/ids.h"
#include "services/status/reason.h"

namespace masa::masad {
namespace {

// Without what is taken while the process runs.
masa::v1::Config Fixed(const masa::v1::Config& config) {
  masa::v1::Config fixed = config;
  fixed.mutable_log()->clear_level();
  fixed.mutable_edge()->clear_certificates();
  return fixed;
}

// A section, alone in a configuration: what is not there is as what is empty.
masa::v1::Config Alone(const masa::v1::Config& config,
                       const google::protobuf::FieldDescriptor& section) {
  masa::v1::Config alone = config;
  const auto* reflection = alone.GetReflection();
  for (int i = 0; i < alone.GetDescriptor()->field_count(); ++i) {
    const auto* field = alone.GetDescriptor()->field(i);
    if (field != &section) {
      reflection->ClearField(&alone, field);
    }
  }
  return alone;
}

}  // namespace

std::string FolderOf(const std::string& path) {
  const size_t slash = path.rfind('/');
  return slash == std::string::npos ? "." : path.substr(0, slash + 1);
}

absl::StatusOr<Setup> ReadSetup(const std::string& path,
                                const config::Roles& roles) {
  Setup setup{{}, FolderOf(path)};
  setup.file = path;
  std::vector<std::string> faults = config::ReadYamlFile(path, &setup.config);
  if (faults.empty()) {
    faults = config::CheckConfig(setup.config, roles, setup.folder);
  }
  if (!faults.empty()) {
    return Refuse(Reason::kMisconfigured, absl::StrJoin(faults, "; "));
  }
  return setup;
}

std::string DigestOfFiles(const std::string& path) {
  masa::v1::Config config;
  // What is wrong with it says whoever takes it.
  (void)config::ReadYamlFile(path, &config);
  std::vector<std::string> files = {path};
  for (const auto& one : config.edge().certificates()) {
    for (const std::string& name :
         {one.identity().chain_file(), one.identity().key_file()}) {
      files.push_back(config::Below(FolderOf(path), name));
    }
  }
  std::string digests;
  for (const std::string& file : files) {
    std::string text;
    const bool read = config::ReadFile(file, &text);
    absl::StrAppend(&digests, read, issuance::Sha256(text));
  }
  return digests;
}

std::string SectionsThatNeedARestart(const masa::v1::Config& running,
                                     const masa::v1::Config& renewed) {
  const masa::v1::Config before = Fixed(running), after = Fixed(renewed);
  std::vector<std::string> changed;
  const auto* descriptor = before.GetDescriptor();
  for (int i = 0; i < descriptor->field_count(); ++i) {
    const auto& section = *descriptor->field(i);
    if (!google::protobuf::util::MessageDifferencer::Equivalent(
            Alone(before, section), Alone(after, section))) {
      changed.push_back(section.name());
    }
  }
  return absl::StrJoin(changed, ", ");
}

bool NeedsRestart(const std::string& path) {
  return path != "log.level" && path != "log" &&
         !absl::StartsWith(path, "edge.certificates");
}

masa::v1::Config WithWhatIsTaken(const masa::v1::Config& running,
                                 const masa::v1::Config& renewed) {
  masa::v1::Config config = running;
  config.mutable_log()->set_level(renewed.log().level());
  if (running.has_edge() || renewed.edge().certificates_size() > 0) {
    *config.mutable_edge()->mutable_certificates() =
        renewed.edge().certificates();
  }
  return config;
}

}  // namespace masa::masad
