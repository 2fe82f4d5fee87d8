// Records that a column keeps whole, as JSON. Pure.
#ifndef STORAGE_POSTGRES_DEFINITION_H_
#define STORAGE_POSTGRES_DEFINITION_H_

#include <google/protobuf/message.h>

#include <string>

#include "absl/status/status.h"

namespace masa::storage {

// `record` as the column holds it; its texts are UTF-8.
std::string Definition(const google::protobuf::Message& record);

// A field of a newer program is skipped: two versions run side by side while
// a deployment rolls.
absl::Status ParseDefinition(const std::string& json,
                             google::protobuf::Message* record);

}  // namespace masa::storage

#endif  // STORAGE_POSTGRES_DEFINITION_H_
