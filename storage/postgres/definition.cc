#include "storage/postgres/definition.h"

#include <google/protobuf/util/json_util.h>

#include "absl/strings/str_cat.h"

namespace masa::storage {

std::string Definition(const google::protobuf::Message& record) {
  std::string json;
  // Cannot fail: its texts were parsed as UTF-8 and it has no Any.
  (void)google::protobuf::util::MessageToJsonString(record, &json);
  return json;
}

absl::Status ParseDefinition(const std::string& json,
                             google::protobuf::Message* record) {
  google::protobuf::util::JsonParseOptions options;
  options.ignore_unknown_fields = true;
  const auto parsed =
      google::protobuf::util::JsonStringToMessage(json, record, options);
  if (!parsed.ok()) {
    return absl::DataLossError(
        absl::StrCat("a stored definition does not parse: ", json));
  }
  return absl::OkStatus();
}

}  // namespace masa::storage
