// What of a configuration may be shown to who runs a process, and written into
// logs: all but what may hold a password. Pure.
#ifndef SERVICES_CONFIG_REDACT_H_
#define SERVICES_CONFIG_REDACT_H_

#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"

namespace masa::config {

inline constexpr char kRedacted[] = "(redacted)";

// Whether the field's value may hold a secret. Files that do are named, and are
// none themselves.
bool IsSecret(const google::protobuf::FieldDescriptor& field);

// Replaces every secret in `message`, at any depth, by kRedacted. What is empty
// stays empty.
void Redact(google::protobuf::Message* message);

}  // namespace masa::config

#endif  // SERVICES_CONFIG_REDACT_H_
