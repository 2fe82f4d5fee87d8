#include "services/config/yaml_reader.h"

#include <fstream>
#include <set>
#include <sstream>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/duration.pb.h"
#include "yaml-cpp/yaml.h"

namespace masa::config {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

class Reader {
 public:
  explicit Reader(std::vector<std::string>* faults) : faults_(faults) {}

  void Fill(const YAML::Node& node, const std::string& path, Message* message) {
    if (node.IsNull()) {
      return;
    }
    if (!node.IsMap()) {
      Fault(path, "a mapping is needed");
      return;
    }
    std::set<std::string> names;
    for (const auto& entry : node) {
      const std::string name = entry.first.Scalar();
      const std::string below = path.empty() ? name : path + "." + name;
      const FieldDescriptor* field =
          message->GetDescriptor()->FindFieldByName(name);
      if (!names.insert(name).second) {
        Fault(below, "it is there twice");
      } else if (field == nullptr) {
        Fault(below, "there is no such field");
      } else if (field->is_repeated()) {
        FillRepeated(entry.second, below, field, message);
      } else {
        FillOne(entry.second, below, field, message);
      }
    }
  }

 private:
  void Fault(const std::string& path, const std::string& what) {
    faults_->push_back(
        absl::StrCat(path.empty() ? "the file" : path, ": ", what));
  }

  void FillRepeated(const YAML::Node& node, const std::string& path,
                    const FieldDescriptor* field, Message* message) {
    if (!node.IsSequence()) {
      Fault(path, "a list is needed");
      return;
    }
    for (size_t i = 0; i < node.size(); ++i) {
      FillOne(node[i], absl::StrCat(path, "[", i, "]"), field, message);
    }
  }

  void FillOne(const YAML::Node& node, const std::string& path,
               const FieldDescriptor* field, Message* message) {
    const auto* reflection = message->GetReflection();
    if (field->type() == FieldDescriptor::TYPE_MESSAGE) {
      Message* child = field->is_repeated()
                           ? reflection->AddMessage(message, field)
                           : reflection->MutableMessage(message, field);
      if (auto* duration = dynamic_cast<google::protobuf::Duration*>(child)) {
        FillDuration(node, path, duration);
      } else {
        Fill(node, path, child);
      }
      return;
    }
    if (!node.IsScalar()) {
      Fault(path, "one value is needed");
      return;
    }
    FillScalar(node.Scalar(), path, field, message);
  }

  void FillDuration(const YAML::Node& node, const std::string& path,
                    google::protobuf::Duration* duration) {
    int64_t seconds = 0;
    const std::string text = node.IsScalar() ? node.Scalar() : "";
    if (!absl::EndsWith(text, "s") ||
        !absl::SimpleAtoi(text.substr(0, text.size() - 1), &seconds)) {
      Fault(path, absl::StrCat("not whole seconds like 1200s: ", text));
      return;
    }
    duration->set_seconds(seconds);
  }

  template <typename T, typename Add, typename Set>
  static void Store(const FieldDescriptor* field, T value, Add add, Set set) {
    if (field->is_repeated()) {
      add(value);
    } else {
      set(value);
    }
  }

  void FillNumber(const std::string& text, const std::string& path,
                  const FieldDescriptor* field, Message* message) {
    const auto* r = message->GetReflection();
    if (field->type() == FieldDescriptor::TYPE_INT32) {
      if (int32_t number; ReadNumber(text, path, number)) {
        r->SetInt32(message, field, number);
      }
    } else if (field->type() == FieldDescriptor::TYPE_UINT32) {
      if (uint32_t number; ReadNumber(text, path, number)) {
        r->SetUInt32(message, field, number);
      }
    } else if (field->type() == FieldDescriptor::TYPE_UINT64) {
      if (uint64_t number; ReadNumber(text, path, number)) {
        r->SetUInt64(message, field, number);
      }
    } else if (double number; absl::SimpleAtod(text, &number)) {
      r->SetDouble(message, field, number);
    } else {
      Fault(path, absl::StrCat("not a number: ", text));
    }
  }

  void FillScalar(const std::string& text, const std::string& path,
                  const FieldDescriptor* field, Message* message) {
    const auto* r = message->GetReflection();
    switch (field->type()) {
      case FieldDescriptor::TYPE_STRING:
        Store(
            field, text, [&](auto v) { r->AddString(message, field, v); },
            [&](auto v) { r->SetString(message, field, v); });
        return;
      case FieldDescriptor::TYPE_BYTES:
        FillBytes(text, path, field, message);
        return;
      case FieldDescriptor::TYPE_BOOL:
        if (text != "true" && text != "false") {
          Fault(path, absl::StrCat("neither true nor false: ", text));
          return;
        }
        r->SetBool(message, field, text == "true");
        return;
      case FieldDescriptor::TYPE_INT32:
      case FieldDescriptor::TYPE_UINT32:
      case FieldDescriptor::TYPE_UINT64:
      case FieldDescriptor::TYPE_DOUBLE:
        FillNumber(text, path, field, message);
        return;
      case FieldDescriptor::TYPE_ENUM:
        FillEnum(text, path, field, message);
        return;
      default:
        Fault(path, "fields of this type are not read from YAML");
    }
  }

  template <typename Number>
  bool ReadNumber(const std::string& text, const std::string& path,
                  Number& number) {
    if (!absl::SimpleAtoi(text, &number)) {
      Fault(path, absl::StrCat("not a number: ", text));
      return false;
    }
    return true;
  }

  void FillBytes(const std::string& text, const std::string& path,
                 const FieldDescriptor* field, Message* message) {
    std::string octets;
    if (!absl::Base64Unescape(text, &octets)) {
      Fault(path, "not base64");
      return;
    }
    const auto* r = message->GetReflection();
    Store(
        field, octets, [&](auto v) { r->AddString(message, field, v); },
        [&](auto v) { r->SetString(message, field, v); });
  }

  void FillEnum(const std::string& text, const std::string& path,
                const FieldDescriptor* field, Message* message) {
    const auto* value = field->enum_type()->FindValueByName(text);
    if (value == nullptr) {
      Fault(path, absl::StrCat("not a value of ", field->enum_type()->name(),
                               ": ", text));
      return;
    }
    const auto* r = message->GetReflection();
    Store(
        field, value, [&](auto v) { r->AddEnum(message, field, v); },
        [&](auto v) { r->SetEnum(message, field, v); });
  }

  std::vector<std::string>* faults_;
};

}  // namespace

std::vector<std::string> ReadYaml(const std::string& yaml, Message* message) {
  std::vector<std::string> faults;
  try {
    Reader(&faults).Fill(YAML::Load(yaml), "", message);
  } catch (const YAML::Exception& error) {
    faults.push_back(
        absl::StrCat("line ", error.mark.line + 1, ": ", error.msg));
  }
  return faults;
}

std::vector<std::string> ReadYamlFile(const std::string& path,
                                      Message* message) {
  std::string yaml;
  if (!ReadFile(path, &yaml)) {
    return {absl::StrCat(path, ": the file cannot be read")};
  }
  return ReadYaml(yaml, message);
}

bool ReadFile(const std::string& path, std::string* octets) {
  constexpr size_t kMost = 16 << 20;
  std::ifstream file(path, std::ios::binary);
  if (!file.is_open()) {
    return false;
  }
  // To copy nothing is a failure to a stream.
  if (file.peek() == std::ifstream::traits_type::eof()) {
    octets->clear();
    return !file.bad();
  }
  std::ostringstream all;
  all << file.rdbuf();
  if (all.fail()) {
    return false;
  }
  *octets = all.str();
  return octets->size() <= kMost;
}

}  // namespace masa::config
