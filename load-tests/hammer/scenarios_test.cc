#include <filesystem>
#include <string>

#include "gtest/gtest.h"
#include "load-tests/hammer/runner.h"
#include "services/config/yaml_reader.h"

namespace masa::hammer {
namespace {

TEST(Scenarios, MayAllBeRun) {
  int count = 0;
  for (const auto& entry :
       std::filesystem::recursive_directory_iterator("load-tests/scenarios")) {
    if (entry.path().extension() != ".yaml") {
      continue;
    }
    const std::string path = entry.path().string();
    Scenario scenario;
    for (const auto& fault : config::ReadYamlFile(path, &scenario)) {
      ADD_FAILURE() << path << ": " << fault;
    }
    EXPECT_EQ(FaultOf(scenario), "") << path;
    ++count;
  }
  EXPECT_GT(count, 30);
}

}  // namespace
}  // namespace masa::hammer
