#include "services/config/redact.h"

#include <algorithm>
#include <iterator>
#include <vector>

#include "absl/strings/string_view.h"

namespace masa::config {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

// Addresses of databases carry the login's password.
constexpr absl::string_view kSecrets[] = {
    "masa.v1.StorageConfig.database_url",
    "masa.v1.StorageConfig.migration_url",
    "masa.v1.StorageConfig.retention_url",
    "masa.v1.StorageConfig.backup_url",
};

void RedactField(const FieldDescriptor& field, Message* message) {
  const Reflection& reflection = *message->GetReflection();
  if (field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
    const int count =
        field.is_repeated() ? reflection.FieldSize(*message, &field) : 0;
    for (int i = 0; i < count; ++i) {
      Redact(reflection.MutableRepeatedMessage(message, &field, i));
    }
    if (!field.is_repeated()) {
      Redact(reflection.MutableMessage(message, &field));
    }
  } else if (IsSecret(field)) {
    reflection.SetString(message, &field, kRedacted);
  }
}

}  // namespace

bool IsSecret(const FieldDescriptor& field) {
  return std::find(std::begin(kSecrets), std::end(kSecrets),
                   absl::string_view(field.full_name())) != std::end(kSecrets);
}

void Redact(Message* message) {
  std::vector<const FieldDescriptor*> fields;
  message->GetReflection()->ListFields(*message, &fields);
  for (const FieldDescriptor* field : fields) {
    RedactField(*field, message);
  }
}

}  // namespace masa::config
