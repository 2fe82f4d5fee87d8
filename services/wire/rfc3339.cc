#include "services/wire/rfc3339.h"

#include "absl/time/civil_time.h"

namespace masa::wire {
namespace {

// Takes `count` decimal digits from the front of `text`; -1 if there are not
// as many.
int TakeDigits(absl::string_view* text, size_t count) {
  if (text->size() < count) {
    return -1;
  }
  int value = 0;
  for (size_t i = 0; i < count; ++i) {
    const char digit = (*text)[i];
    if (digit < '0' || digit > '9') {
      return -1;
    }
    value = value * 10 + (digit - '0');
  }
  text->remove_prefix(count);
  return value;
}

// Takes one character out of `either`.
bool TakeOneOf(absl::string_view* text, absl::string_view either) {
  if (text->empty() || either.find(text->front()) == absl::string_view::npos) {
    return false;
  }
  text->remove_prefix(1);
  return true;
}

// The time of these fields in UTC, if there is such a time. A leap second is
// the first second after it.
std::optional<absl::Time> FromFields(int year, int month, int day, int hour,
                                     int minute, int second) {
  if (year < 0 || hour < 0 || hour > 23 || minute < 0 || minute > 59 ||
      second < 0 || second > 60) {
    return std::nullopt;
  }
  const absl::CivilDay date(year, month, day);
  if (month < 1 || day < 1 || date.month() != month || date.day() != day) {
    return std::nullopt;
  }
  const int64_t days = date - absl::CivilDay(1970, 1, 1);
  return absl::FromUnixSeconds(days * 86400 + hour * 3600 + minute * 60 +
                               second);
}

// Takes a fraction of a second, which may be missing.
std::optional<absl::Duration> TakeFraction(absl::string_view* text) {
  absl::Duration fraction = absl::ZeroDuration();
  if (!TakeOneOf(text, ".")) {
    return fraction;
  }
  absl::Duration unit = absl::Seconds(1);
  int digit = TakeDigits(text, 1);
  if (digit < 0) {
    return std::nullopt;
  }
  for (; digit >= 0; digit = TakeDigits(text, 1)) {
    unit /= 10;
    fraction += unit * digit;
  }
  return fraction;
}

// Takes Z or a numeric offset.
std::optional<absl::Duration> TakeOffset(absl::string_view* text) {
  if (TakeOneOf(text, "Zz")) {
    return absl::ZeroDuration();
  }
  const bool west = !text->empty() && text->front() == '-';
  if (!TakeOneOf(text, "+-")) {
    return std::nullopt;
  }
  const int hours = TakeDigits(text, 2);
  const bool colon = TakeOneOf(text, ":");
  const int minutes = TakeDigits(text, 2);
  if (!colon || hours < 0 || hours > 23 || minutes < 0 || minutes > 59) {
    return std::nullopt;
  }
  const absl::Duration offset = absl::Minutes(hours * 60 + minutes);
  return west ? -offset : offset;
}

void AppendDigits(int value, int count, std::string* out) {
  const size_t start = out->size();
  out->resize(start + count);
  for (int i = count - 1; i >= 0; --i, value /= 10) {
    (*out)[start + i] = static_cast<char>('0' + value % 10);
  }
}

}  // namespace

std::optional<absl::Time> ParseRfc3339(absl::string_view text) {
  const int year = TakeDigits(&text, 4);
  bool well_formed = TakeOneOf(&text, "-");
  const int month = TakeDigits(&text, 2);
  well_formed &= TakeOneOf(&text, "-");
  const int day = TakeDigits(&text, 2);
  well_formed &= TakeOneOf(&text, "Tt");
  const int hour = TakeDigits(&text, 2);
  well_formed &= TakeOneOf(&text, ":");
  const int minute = TakeDigits(&text, 2);
  well_formed &= TakeOneOf(&text, ":");
  const int second = TakeDigits(&text, 2);
  if (!well_formed) {
    return std::nullopt;
  }
  const auto local = FromFields(year, month, day, hour, minute, second);
  const auto fraction = TakeFraction(&text);
  const auto offset = TakeOffset(&text);
  if (!local || !fraction || !offset || !text.empty()) {
    return std::nullopt;
  }
  const absl::Time time = *local + *fraction - *offset;
  if (*offset == absl::ZeroDuration() && second < 60) {
    return time;
  }
  // An offset may lead out of the years that can be written.
  const auto utc_year = absl::ToCivilYear(time, absl::UTCTimeZone()).year();
  if (utc_year < 0 || utc_year > 9999) {
    return std::nullopt;
  }
  return time;
}

void AppendRfc3339(absl::Time time, std::string* out) {
  const auto civil = absl::ToCivilSecond(time, absl::UTCTimeZone());
  AppendDigits(static_cast<int>(civil.year()), 4, out);
  out->push_back('-');
  AppendDigits(civil.month(), 2, out);
  out->push_back('-');
  AppendDigits(civil.day(), 2, out);
  out->push_back('T');
  AppendDigits(civil.hour(), 2, out);
  out->push_back(':');
  AppendDigits(civil.minute(), 2, out);
  out->push_back(':');
  AppendDigits(civil.second(), 2, out);
  out->push_back('Z');
}

std::optional<absl::Time> ParseAsn1Time(absl::string_view text,
                                        bool generalized) {
  if (generalized && text == "99991231235959Z") {
    // No well-defined end (RFC 5280 section 4.1.2.5).
    return absl::InfiniteFuture();
  }
  int year = TakeDigits(&text, generalized ? 4 : 2);
  if (!generalized && year >= 0) {
    year += year < 50 ? 2000 : 1900;
  }
  const int month = TakeDigits(&text, 2);
  const int day = TakeDigits(&text, 2);
  const int hour = TakeDigits(&text, 2);
  const int minute = TakeDigits(&text, 2);
  const int second = TakeDigits(&text, 2);
  if (text != "Z") {
    return std::nullopt;
  }
  return FromFields(year, month, day, hour, minute, second);
}

void AppendAsn1Time(absl::Time time, std::string* out) {
  const auto civil = absl::ToCivilSecond(time, absl::UTCTimeZone());
  const bool utc = civil.year() >= 1950 && civil.year() < 2050;
  out->append(utc ? "\x17\x0d" : "\x18\x0f");
  if (utc) {
    AppendDigits(static_cast<int>(civil.year() % 100), 2, out);
  } else {
    AppendDigits(static_cast<int>(civil.year()), 4, out);
  }
  AppendDigits(civil.month(), 2, out);
  AppendDigits(civil.day(), 2, out);
  AppendDigits(civil.hour(), 2, out);
  AppendDigits(civil.minute(), 2, out);
  AppendDigits(civil.second(), 2, out);
  out->push_back('Z');
}

}  // namespace masa::wire
