#include "services/edge/answer.h"

#include <algorithm>
#include <cstdint>
#include <limits>

#include "absl/strings/str_cat.h"
#include "services/status/reason.h"

namespace masa::edge {
namespace {

struct Phrase {
  int status;
  absl::string_view text;
};

constexpr Phrase kPhrases[] = {
    {200, "OK"},
    {202, "Accepted"},
    {307, "Temporary Redirect"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {406, "Not Acceptable"},
    {409, "Conflict"},
    {413, "Content Too Large"},
    {415, "Unsupported Media Type"},
    {421, "Misdirected Request"},
    {429, "Too Many Requests"},
    {431, "Request Header Fields Too Large"},
    {500, "Internal Server Error"},
    {501, "Not Implemented"},
    {503, "Service Unavailable"},
};

absl::string_view PhraseOf(int status) {
  for (const Phrase& phrase : kPhrases) {
    if (phrase.status == status) {
      return phrase.text;
    }
  }
  return "";
}

bool IsFieldValue(absl::string_view value) {
  return std::none_of(value.begin(), value.end(),
                      [](unsigned char c) { return c < 0x20 || c == 0x7f; });
}

void AppendField(absl::string_view name, absl::string_view value,
                 std::string& out) {
  if (!value.empty() && IsFieldValue(value)) {
    absl::StrAppend(&out, name, ": ", value, "\r\n");
  }
}

// Each thread remembers its last second: the calendar is dear.
const std::string& DateOf(absl::Time time) {
  thread_local int64_t last = std::numeric_limits<int64_t>::min();
  thread_local std::string text;
  const int64_t second = absl::ToUnixSeconds(time);
  if (second != last) {
    last = second;
    text = absl::FormatTime("%a, %d %b %Y %H:%M:%S GMT", time,
                            absl::UTCTimeZone());
  }
  return text;
}

}  // namespace

Answer PlainAnswer(int status, const std::string& sentence) {
  return {.status = status,
          .content_type = "text/plain; charset=utf-8",
          .body = sentence + "\n",
          .headers = {}};
}

Answer ErrorAnswer(const absl::Status& status, absl::Duration retry_after) {
  Answer answer =
      PlainAnswer(InfoOf(ReasonOf(status)).http_status, PublicMessage(status));
  if (answer.status == 503 || answer.status == 429 || answer.status == 202) {
    const int64_t seconds = absl::ToInt64Seconds(
        absl::Ceil(WaitOf(status).value_or(retry_after), absl::Seconds(1)));
    answer.headers.emplace_back("Retry-After",
                                absl::StrCat(std::max<int64_t>(1, seconds)));
  }
  if (answer.status == 401) {
    answer.headers.emplace_back("WWW-Authenticate",
                                "Basic realm=\"masa\", charset=\"UTF-8\"");
  }
  return answer;
}

std::string EncodeAnswer(const Answer& answer, const Framing& framing) {
  constexpr size_t kMostHead = 512;  // but for headers that errors add
  std::string out;
  out.reserve(kMostHead + answer.body.size());
  absl::StrAppend(&out, "HTTP/1.1 ", answer.status, " ",
                  PhraseOf(answer.status), "\r\n");
  AppendField("Date", DateOf(framing.date), out);
  AppendField("Content-Type", answer.content_type, out);
  AppendField("Content-Length", absl::StrCat(answer.body.size()), out);
  AppendField("X-Request-Id", framing.request_id, out);
  for (const auto& [name, value] : answer.headers) {
    AppendField(name, value, out);
  }
  AppendField("Cache-Control", "no-store", out);
  AppendField("Connection", framing.keep_alive ? "keep-alive" : "close", out);
  out += "\r\n";
  if (!framing.omit_body) {
    out += answer.body;
  }
  return out;
}

}  // namespace masa::edge
