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
  std::set<std::string> added;
  absl::Status status;
  {
    MutexLock lock(mutex_);
    added = ReadIfOld(now);
    if (!names_.ok()) {
      status = Refuse(Reason::kSignerUnavailable,
                      "the list of stopped keys cannot be read, so none signs");
    } else if (names_->contains(key)) {
      status = Refuse(Reason::kSignerUnavailable,
                      absl::StrCat("signing key ", key, " is stopped"));
    }
  }
  for (const std::string& name : added) {
    if (listed_ != nullptr) {
      listed_(name);
    }
  }
  return status;
}

std::set<std::string> StoppedKeys::ReadIfOld(absl::Time now) {
  // A clock that goes back is no reason to believe an old list.
  if (now - read_at_ < kReadEvery && now >= read_at_) {
    return {};
  }
  read_at_ = now;
  return ReadAgain();
}

std::set<std::string> StoppedKeys::ReadAgain() {
  const absl::StatusOr<std::string> text = read_();
  if (!text.ok()) {
    names_ = text.status();
    return {};
  }
  std::set<std::string> names;
  for (const absl::string_view line : absl::StrSplit(*text, '\n')) {
    const std::vector<absl::string_view> parts = absl::StrSplit(line, '#');
    const absl::string_view name = absl::StripAsciiWhitespace(parts.front());
    if (!name.empty()) {
      names.emplace(name);
    }
  }
  std::set<std::string> added = names;
  if (names_.ok()) {
    for (const std::string& known : *names_) {
      added.erase(known);
    }
  }
  names_ = std::move(names);
  return added;
}

}  // namespace masa::signing
