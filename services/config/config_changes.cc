#include "services/config/config_changes.h"

#include <algorithm>
#include <memory>

#include "absl/strings/str_cat.h"
#include "google/protobuf/text_format.h"
#include "google/protobuf/util/message_differencer.h"
#include "services/config/redact.h"

namespace masa::config {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;
using google::protobuf::TextFormat;
using google::protobuf::util::MessageDifferencer;
using Fields = std::vector<MessageDifferencer::SpecificField>;

// The value of `field` at `index` (-1: it is no list), on one line.
std::string ValueOf(const Message& message, const FieldDescriptor& field,
                    int index) {
  if (IsSecret(field)) {
    const bool is_empty =
        message.GetReflection()->GetString(message, &field).empty();
    return is_empty ? "" : kRedacted;
  }
  if (field.cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) {
    std::string text;
    TextFormat::PrintFieldValueToString(message, &field, index, &text);
    return text;
  }
  const Reflection& reflection = *message.GetReflection();
  const Message& value =
      index < 0 ? reflection.GetMessage(message, &field)
                : reflection.GetRepeatedMessage(message, &field, index);
  const std::unique_ptr<Message> shown(value.New());
  shown->CopyFrom(value);
  Redact(shown.get());
  return absl::StrCat("{", shown->ShortDebugString(), "}");
}

class Collector final : public MessageDifferencer::Reporter {
 public:
  explicit Collector(std::vector<Change>* changes) : changes_(*changes) {}

  // Each is given the two messages that hold the field.
  void ReportAdded(const Message&, const Message& after,
                   const Fields& path) override {
    changes_.push_back({PathOf(path), "", AfterOf(after, path)});
  }
  void ReportDeleted(const Message& before, const Message&,
                     const Fields& path) override {
    changes_.push_back({PathOf(path), BeforeOf(before, path), ""});
  }
  void ReportModified(const Message& before, const Message& after,
                      const Fields& path) override {
    if (path.back().field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
      return;  // what differs within it was reported
    }
    changes_.push_back(
        {PathOf(path), BeforeOf(before, path), AfterOf(after, path)});
  }

 private:
  static std::string BeforeOf(const Message& holder, const Fields& path) {
    return ValueOf(holder, *path.back().field, path.back().index);
  }
  static std::string AfterOf(const Message& holder, const Fields& path) {
    const auto& last = path.back();
    return ValueOf(holder, *last.field,
                   last.new_index >= 0 ? last.new_index : last.index);
  }

  static std::string PathOf(const Fields& path) {
    std::string text;
    for (const auto& step : path) {
      absl::StrAppend(&text, text.empty() ? "" : ".", step.field->name());
      const int index = step.index >= 0 ? step.index : step.new_index;
      if (index >= 0) {
        absl::StrAppend(&text, "[", index, "]");
      }
    }
    return text;
  }

  std::vector<Change>& changes_;
};

}  // namespace

std::vector<Change> ChangesOf(const masa::v1::Config& before,
                              const masa::v1::Config& after) {
  std::vector<Change> changes;
  Collector collector(&changes);
  MessageDifferencer differencer;
  differencer.set_message_field_comparison(MessageDifferencer::EQUIVALENT);
  differencer.ReportDifferencesTo(&collector);
  differencer.Compare(before, after);
  std::sort(changes.begin(), changes.end(),
            [](const Change& a, const Change& b) { return a.path < b.path; });
  return changes;
}

}  // namespace masa::config
