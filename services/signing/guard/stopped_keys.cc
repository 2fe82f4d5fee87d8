#include "services/signing/guard/stopped_keys.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "services/status/macros.h"
#include "services/status/reason.h"

namespace masa::signing {
namespace {

constexpr absl::Duration kReadEvery = absl::Seconds(1);

}  // namespace

absl::Status StoppedKeys::Check(const std::string& key, absl::Time now) {
  MASA_ASSIGN_OR_RETURN(const bool stopped, Lists(key, now));
  return stopped ? Refuse(Reason::kSignerUnavailable,
                          absl::StrCat("signing key ", key, " is stopped"))
                 : absl::OkStatus();
}

absl::StatusOr<bool> StoppedKeys::Lists(const std::string& name,
                                        absl::Time now) {
  std::set<std::string> added;
  absl::StatusOr<bool> has;
  {
    MutexLock lock(mutex_);
    added = ReadIfOld(now);
    has = names_.ok() ? absl::StatusOr<bool>(names_->contains(name))
                      : Refuse(Reason::kSignerUnavailable,
                               "the list of stopped keys cannot be read, so "
                               "none signs");
  }
  for (const std::string& one : added) {
    if (listed_ != nullptr) {
      listed_(one);
    }
  }
  return has;
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
