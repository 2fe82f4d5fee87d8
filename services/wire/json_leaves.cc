#include <utility>

#include "services/status/reason.h"
#include "services/wire/json_reader.h"
#include "services/wire/leaf_set.h"

namespace masa::wire {
namespace {

bool ReadText(JsonReader* reader, std::string* text) {
  std::string storage;
  absl::string_view value;
  if (!reader->TakeString(&value, &storage)) {
    return false;
  }
  *text = std::string(value);
  return true;
}

// An array of nothing but text is a list, any other is what nobody asks for.
bool ReadTexts(JsonReader* reader, Leaf* leaf) {
  leaf->kind = Leaf::Kind::kTexts;
  return reader->TakeArray([reader, leaf] {
    if (reader->Next() != '"') {
      leaf->kind = Leaf::Kind::kOther;
      return reader->SkipValue();
    }
    return ReadText(reader, &leaf->texts.emplace_back());
  });
}

bool ReadLeaf(JsonReader* reader, Leaf* leaf) {
  switch (reader->Next()) {
    case '"':
      leaf->kind = Leaf::Kind::kText;
      return ReadText(reader, &leaf->text);
    case '[':
      return ReadTexts(reader, leaf);
    case 't':
    case 'f':
      leaf->kind = Leaf::Kind::kBoolean;
      leaf->number = reader->Next() == 't' ? 1 : 0;
      return reader->SkipValue();
    default:
      return reader->SkipValue();
  }
}

bool ReadLeaves(JsonReader* reader, LeafSet* set) {
  return reader->TakeObject([reader, set](absl::string_view name) {
    return ReadLeaf(reader, &set->leaves[std::string(name)]);
  });
}

}  // namespace

absl::StatusOr<LeafSet> ReadJsonLeaves(absl::string_view json) {
  LeafSet set;
  JsonReader reader(json);
  int names = 0;
  reader.SkipByteOrderMark();
  const bool read = reader.TakeObject([&](absl::string_view name) {
    set.top_key = std::string(name);
    return ++names == 1 && ReadLeaves(&reader, &set);
  });
  if (!read || !reader.AtEnd() || set.top_key.empty()) {
    return Refuse(Reason::kMalformed,
                  "the content is not one JSON object with one name");
  }
  return set;
}

}  // namespace masa::wire
