#include "services/ownership/device_filter.h"

#include <set>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "services/ownership/device_states.h"
#include "services/status/field_faults.h"
#include "services/status/macros.h"
#include "services/status/reason.h"

namespace masa::ownership {
namespace {

constexpr size_t kLongest = 2000;
constexpr size_t kMostTerms = 16;

// Reads the text from left to right.
class Reader {
 public:
  explicit Reader(const std::string& text) : text_(text) {}

  bool AtEnd() {
    while (at_ < text_.size() && text_[at_] == ' ') {
      ++at_;
    }
    return at_ == text_.size();
  }

  absl::Status Fault(absl::string_view what) const {
    return RefuseFields(
        Reason::kInvalidArgument,
        {{"filter", absl::StrCat(what, ", at character ", at_ + 1)}});
  }

  // Letters, digits and some signs; empty when there is none.
  std::string Word() {
    AtEnd();
    const size_t begin = at_;
    while (at_ < text_.size() &&
           (absl::ascii_isalnum(static_cast<unsigned char>(text_[at_])) ||
            absl::string_view("_.:/+-").find(text_[at_]) !=
                absl::string_view::npos)) {
      ++at_;
    }
    return text_.substr(begin, at_ - begin);
  }

  bool Take(char sign) {
    if (AtEnd() || text_[at_] != sign) {
      return false;
    }
    ++at_;
    return true;
  }

  absl::StatusOr<std::string> Value() {
    std::string value;
    if (!Take('"')) {
      value = Word();
      return value.empty() ? absl::StatusOr<std::string>(Fault("needs a value"))
                           : value;
    }
    for (; at_ < text_.size() && text_[at_] != '"'; ++at_) {
      at_ += text_[at_] == '\\' ? 1 : 0;
      if (at_ < text_.size()) {
        value += text_[at_];
      }
    }
    if (at_ >= text_.size()) {
      return Fault("has a quote that does not end");
    }
    ++at_;
    return value;
  }

 private:
  const std::string& text_;
  size_t at_ = 0;
};

std::string StateNames() {
  std::vector<absl::string_view> names;
  for (int i = 1; i <= static_cast<int>(storage::DeviceState::kScrapped); ++i) {
    names.push_back(NameOf(static_cast<storage::DeviceState>(i)));
  }
  return absl::StrJoin(names, ", ");
}

std::optional<storage::DeviceState> StateNamed(const std::string& name) {
  for (int i = 1; i <= static_cast<int>(storage::DeviceState::kScrapped); ++i) {
    const auto state = static_cast<storage::DeviceState>(i);
    if (NameOf(state) == name) {
      return state;
    }
  }
  return std::nullopt;
}

absl::Status SetTerm(const Reader& reader, const std::string& field,
                     const std::string& value, storage::DeviceFilter& filter) {
  constexpr absl::string_view kLabels = "labels.";
  if (field == "state") {
    filter.state = StateNamed(value);
    return filter.state ? absl::OkStatus()
                        : reader.Fault(absl::StrCat(
                              "names the state ", value, ", and states are ",
                              StateNames(), " (capitals)"));
  }
  if (field == "owned") {
    filter.owned = value == "true";
    return value == "true" || value == "false"
               ? absl::OkStatus()
               : reader.Fault("says neither owned = true nor owned = false");
  }
  if (absl::StartsWith(field, kLabels) && field.size() > kLabels.size()) {
    filter.labels[field.substr(kLabels.size())] = value;
    return absl::OkStatus();
  }
  std::string* text = field == "product"        ? &filter.product_id
                      : field == "model"        ? &filter.model
                      : field == "organization" ? &filter.organization_id
                                                : nullptr;
  if (text == nullptr) {
    return reader.Fault(absl::StrCat(
        "names the field ", field,
        ", and fields are state, product, model, organization, owned and "
        "labels.NAME"));
  }
  *text = value;
  return value.empty() ? reader.Fault("needs a value") : absl::OkStatus();
}

}  // namespace

absl::StatusOr<storage::DeviceFilter> ParseDeviceFilter(
    const std::string& text) {
  storage::DeviceFilter filter;
  Reader reader(text);
  if (text.size() > kLongest) {
    return reader.Fault(absl::StrCat("is over ", kLongest, " octets"));
  }
  std::set<std::string> fields;
  while (!reader.AtEnd()) {
    if (!fields.empty() && reader.Word() != "AND") {
      return reader.Fault("has terms that are not joined by AND");
    }
    const std::string field = reader.Word();
    if (!reader.Take('=')) {
      return reader.Fault("has a term that is not FIELD = VALUE");
    }
    MASA_ASSIGN_OR_RETURN(const std::string value, reader.Value());
    if (!fields.insert(field).second || fields.size() > kMostTerms) {
      return reader.Fault("has a field twice, or too many");
    }
    MASA_RETURN_IF_ERROR(SetTerm(reader, field, value, filter));
  }
  return filter;
}

}  // namespace masa::ownership
