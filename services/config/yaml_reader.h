// Reads YAML into a proto message, strictly: what the message does not know is
// a fault, and all faults are reported at once with their paths. The only place
// that knows yaml-cpp, whose exceptions end here.
#ifndef SERVICES_CONFIG_YAML_READER_H_
#define SERVICES_CONFIG_YAML_READER_H_

#include <string>
#include <vector>

#include "google/protobuf/message.h"

namespace masa::config {

// Fills `message` from `yaml`. Returns the faults, each a path and a sentence
// (`edge.threads: not a number: many`); empty when all is well. Field names
// are those of the .proto file, bytes are base64, enums are names, a
// google.protobuf.Duration is seconds with an s (1200s).
std::vector<std::string> ReadYaml(const std::string& yaml,
                                  google::protobuf::Message* message);

// The same for a file; a file that cannot be read is a fault.
std::vector<std::string> ReadYamlFile(const std::string& path,
                                      google::protobuf::Message* message);

// The file's octets, or no value. At most 16 MiB.
bool ReadFile(const std::string& path, std::string* octets);

}  // namespace masa::config

#endif  // SERVICES_CONFIG_YAML_READER_H_
