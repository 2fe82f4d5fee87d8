// The fence around nlohmann's JSON: reads the one shape that voucher data has,
// strictly. Used inside this room only.
#ifndef SERVICES_WIRE_JSON_READER_H_
#define SERVICES_WIRE_JSON_READER_H_

#include <map>
#include <string>

#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"

namespace masa::wire {

// A member of the inner object.
struct JsonLeaf {
  bool is_string = false;
  std::string text;  // empty unless a string
};

struct JsonEnvelope {
  std::string top_key;
  std::map<std::string, JsonLeaf> leaves;
};

// Reads {"top_key":{...}}. kMalformed for anything that is not RFC 8259, for
// another shape, for duplicate keys at any depth (VL-09), and for more than 8
// levels.
absl::StatusOr<JsonEnvelope> ReadJsonEnvelope(absl::string_view json);

}  // namespace masa::wire

#endif  // SERVICES_WIRE_JSON_READER_H_
