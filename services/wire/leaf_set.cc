#include "services/wire/leaf_set.h"

#include "services/status/macros.h"
#include "services/status/reason.h"
#include "services/wire/base64.h"
#include "services/wire/voucher.h"

namespace masa::wire {
namespace {

const Leaf* Find(const LeafSet& set, absl::string_view name) {
  const auto found = set.leaves.find(name);
  return found == set.leaves.end() ? nullptr : &found->second;
}

absl::Status Wrong(absl::string_view name, const char* what) {
  return Refuse(Reason::kMalformed, std::string(name) + what);
}

absl::StatusOr<std::string> FromBase64(absl::string_view name,
                                       const std::string& text) {
  std::optional<std::string> octets = DecodeBase64(text);
  if (!octets || octets->empty()) {
    return Wrong(name, " is not base64");
  }
  return *std::move(octets);
}

}  // namespace

absl::StatusOr<MaybeText> TextLeaf(const LeafSet& set, absl::string_view name) {
  const Leaf* leaf = Find(set, name);
  if (leaf == nullptr) {
    return MaybeText();
  }
  if (leaf->kind != Leaf::Kind::kText) {
    return Wrong(name, " is not a string");
  }
  return MaybeText(leaf->text);
}

absl::StatusOr<MaybeText> OctetsLeaf(const LeafSet& set,
                                     absl::string_view name) {
  const Leaf* leaf = Find(set, name);
  if (leaf == nullptr) {
    return MaybeText();
  }
  if (leaf->kind == Leaf::Kind::kOctets && !leaf->text.empty()) {
    return MaybeText(leaf->text);
  }
  if (leaf->kind != Leaf::Kind::kText) {
    return Wrong(name, " is not binary");
  }
  MASA_ASSIGN_OR_RETURN(std::string octets, FromBase64(name, leaf->text));
  return MaybeText(std::move(octets));
}

absl::StatusOr<MaybeText> NonceLeaf(const LeafSet& set) {
  const Leaf* leaf = Find(set, "nonce");
  if (leaf == nullptr || leaf->kind != Leaf::Kind::kOctets) {
    return TextLeaf(set, "nonce");
  }
  std::string text;
  AppendBase64(leaf->text, &text);
  return MaybeText(std::move(text));
}

absl::StatusOr<std::vector<std::string>> OctetsListLeaf(
    const LeafSet& set, absl::string_view name) {
  std::vector<std::string> list;
  const Leaf* leaf = Find(set, name);
  if (leaf != nullptr && leaf->kind == Leaf::Kind::kTexts) {
    for (const std::string& text : leaf->texts) {
      MASA_ASSIGN_OR_RETURN(std::string octets, FromBase64(name, text));
      list.push_back(std::move(octets));
    }
    return list;
  }
  MASA_ASSIGN_OR_RETURN(MaybeText one, OctetsLeaf(set, name));
  if (one) {
    list.push_back(*std::move(one));
  }
  return list;
}

absl::StatusOr<masa::v1::Assertion> AssertionLeaf(const LeafSet& set) {
  const Leaf* leaf = Find(set, "assertion");
  if (leaf != nullptr && leaf->kind == Leaf::Kind::kNumber) {
    return AssertionNumbered(leaf->number);
  }
  MASA_ASSIGN_OR_RETURN(const MaybeText name, TextLeaf(set, "assertion"));
  return name ? AssertionNamed(*name) : masa::v1::ASSERTION_UNSPECIFIED;
}

}  // namespace masa::wire
