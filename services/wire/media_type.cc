#include "services/wire/media_type.h"

#include <algorithm>
#include <optional>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "services/status/reason.h"
#include "services/wire/drafts.h"

namespace masa::wire {
namespace {

struct FormatRow {
  masa::v1::Format format;
  absl::string_view media_type;
};

// The first name of a format is the one that answers carry.
const FormatRow* Rows(size_t* count) {
  static const Drafts& drafts = CurrentDrafts();
  static const FormatRow rows[] = {
      {masa::v1::FORMAT_CMS_JSON, drafts.cms_media_type},
      {masa::v1::FORMAT_JWS_JSON, drafts.jws_media_type},
      {masa::v1::FORMAT_COSE_CBOR, drafts.cose_media_type},
      {masa::v1::FORMAT_COSE_CBOR, drafts.old_cose_media_type},
  };
  *count = sizeof(rows) / sizeof(rows[0]);
  return rows;
}

struct Choice {
  masa::v1::Format format;
  int quality;  // thousandths
};

// Takes up to the next `separator` from `rest`, white space trimmed.
absl::string_view TakePart(absl::string_view* rest, char separator) {
  const size_t end = rest->find(separator);
  const absl::string_view part = rest->substr(0, end);
  rest->remove_prefix(end == absl::string_view::npos ? rest->size() : end + 1);
  return absl::StripAsciiWhitespace(part);
}

std::optional<masa::v1::Format> FormatNamed(absl::string_view media_type) {
  size_t count;
  const FormatRow* rows = Rows(&count);
  for (size_t i = 0; i < count; ++i) {
    if (absl::EqualsIgnoreCase(rows[i].media_type, media_type)) {
      return rows[i].format;
    }
  }
  return std::nullopt;
}

// RFC 9110 section 12.4.2, in thousandths; what does not parse counts as 1.
int Quality(absl::string_view value) {
  if (value.empty() || value[0] != '0') {
    return 1000;
  }
  int quality = 0;
  int unit = 100;
  for (size_t i = 2; i < value.size() && i < 5; ++i, unit /= 10) {
    if (!absl::ascii_isdigit(static_cast<unsigned char>(value[i]))) {
      return 1000;
    }
    quality += unit * (value[i] - '0');
  }
  return quality;
}

int QualityOf(absl::string_view parameters) {
  while (!parameters.empty()) {
    absl::string_view value = TakePart(&parameters, ';');
    const absl::string_view name = TakePart(&value, '=');
    if (absl::EqualsIgnoreCase(name, "q")) {
      return Quality(absl::StripAsciiWhitespace(value));
    }
  }
  return 1000;
}

// Whether an Accept header names the type, and does not refuse it.
bool Names(absl::string_view accept, absl::string_view media_type) {
  while (!accept.empty()) {
    absl::string_view parameters = TakePart(&accept, ',');
    if (absl::EqualsIgnoreCase(TakePart(&parameters, ';'), media_type) &&
        QualityOf(parameters) > 0) {
      return true;
    }
  }
  return false;
}

// A format that has two names is accepted by the better one.
void AddNamed(Choice choice, std::vector<Choice>* choices) {
  for (Choice& other : *choices) {
    if (other.format == choice.format) {
      other.quality = std::max(other.quality, choice.quality);
      return;
    }
  }
  choices->push_back(choice);
}

void Add(Choice choice, std::vector<Choice>* choices) {
  for (const Choice& other : *choices) {
    if (other.format == choice.format) {
      return;
    }
  }
  choices->push_back(choice);
}

}  // namespace

absl::string_view MediaTypeOf(masa::v1::Format format) {
  size_t count;
  const FormatRow* rows = Rows(&count);
  for (size_t i = 0; i < count; ++i) {
    if (rows[i].format == format) {
      return rows[i].media_type;
    }
  }
  return "";
}

absl::string_view AnswerMediaType(masa::v1::Format format,
                                  absl::string_view content_type,
                                  absl::string_view accept) {
  const absl::string_view name = MediaTypeOf(format);
  const absl::string_view old = CurrentDrafts().old_cose_media_type;
  if (format != masa::v1::FORMAT_COSE_CBOR) {
    return name;
  }
  const bool accepts_old = Names(accept, old);
  if (accepts_old != Names(accept, name)) {
    return accepts_old ? old : name;
  }
  return absl::EqualsIgnoreCase(TakePart(&content_type, ';'), old) ? old : name;
}

absl::Status UnknownContentType() {
  const Drafts& drafts = CurrentDrafts();
  return Refuse(Reason::kMediaTypeUnknown,
                absl::StrCat("the content type is not known; it is ",
                             drafts.cms_media_type, ", ", drafts.jws_media_type,
                             " or ", drafts.cose_media_type));
}

absl::StatusOr<masa::v1::Format> FormatOfContentType(
    absl::string_view content_type) {
  const auto format = FormatNamed(TakePart(&content_type, ';'));
  if (!format) {
    return UnknownContentType();
  }
  return *format;
}

bool IsFossilMediaType(absl::string_view content_type) {
  const absl::string_view type = TakePart(&content_type, ';');
  if (absl::EqualsIgnoreCase(type, "application/voucher+cms") ||
      absl::EqualsIgnoreCase(type, "application/voucherrequest+cms")) {
    return true;
  }
  absl::string_view value = content_type;
  return absl::EqualsIgnoreCase(type, "application/pkcs7-mime") &&
         absl::EqualsIgnoreCase(TakePart(&value, '='), "smime-type") &&
         absl::StartsWithIgnoreCase(absl::StripAsciiWhitespace(value),
                                    "voucher");
}

absl::StatusOr<std::vector<masa::v1::Format>> FormatsOfAccept(
    absl::string_view accept, masa::v1::Format request_format, bool forgive) {
  if (absl::StripAsciiWhitespace(accept).empty()) {
    return std::vector<masa::v1::Format>{request_format};
  }
  std::vector<Choice> choices;
  std::vector<Choice> wildcards;
  while (!accept.empty()) {
    absl::string_view parameters = TakePart(&accept, ',');
    const bool fossil = forgive && IsFossilMediaType(parameters);
    const absl::string_view range = TakePart(&parameters, ';');
    const int quality = QualityOf(parameters);
    if (const auto format = FormatNamed(range)) {
      AddNamed({*format, quality}, &choices);
    } else if (fossil) {
      AddNamed({masa::v1::FORMAT_CMS_JSON, quality}, &choices);
    } else if (range == "*/*" ||
               absl::EqualsIgnoreCase(range, "application/*")) {
      Add({request_format, quality}, &wildcards);
    }
  }
  // A type that is named is judged by its own quality, not by a wildcard's.
  for (const Choice& wildcard : wildcards) {
    Add(wildcard, &choices);
  }
  if (choices.empty()) {
    return Refuse(Reason::kMediaTypeUnknown, "no accepted type is known");
  }
  std::stable_sort(
      choices.begin(), choices.end(),
      [](const Choice& a, const Choice& b) { return a.quality > b.quality; });
  std::vector<masa::v1::Format> formats;
  for (const Choice& choice : choices) {
    if (choice.quality > 0) {
      formats.push_back(choice.format);
    }
  }
  return formats;
}

bool IsOfType(absl::string_view value, absl::string_view type) {
  return absl::EqualsIgnoreCase(
      absl::StripAsciiWhitespace(value.substr(0, value.find(';'))), type);
}

}  // namespace masa::wire
