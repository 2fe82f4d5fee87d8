#include "services/signing/guard/stopped_keys.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "services/status/reason.h"

namespace masa::signing {
namespace {

constexpr absl::Duration kReadEvery = absl::Seconds(1);

}  // namespace

absl::Status StoppedKeys::Check(const std::string& key, absl::Time now) {
  MutexLock lock(mutex_);
  // A clock that goes back is no reason to believe an old list.
  if (now - read_at_ >= kReadEvery || now < read_at_) {
    ReadAgain();
    read_at_ = now;
  }
  if (!names_.ok()) {
    return Refuse(Reason::kSignerUnavailable,
                  "the list of stopped keys cannot be read, so none signs");
  }
  return names_->count(key) == 0
             ? absl::OkStatus()
             : Refuse(Reason::kSignerUnavailable,
                      absl::StrCat("signing key ", key, " is stopped"));
}

void StoppedKeys::ReadAgain() {
  const absl::StatusOr<std::string> text = read_();
  if (!text.ok()) {
    names_ = text.status();
    return;
  }
  std::set<std::string> names;
  for (const absl::string_view line : absl::StrSplit(*text, '\n')) {
    const std::vector<absl::string_view> parts = absl::StrSplit(line, '#');
    const absl::string_view name = absl::StripAsciiWhitespace(parts.front());
    if (!name.empty()) {
      names.emplace(name);
    }
  }
  names_ = std::move(names);
}

}  // namespace masa::signing
