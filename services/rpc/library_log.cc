#include "services/rpc/library_log.h"

#include <atomic>
#include <cstdlib>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "google/protobuf/stubs/logging.h"
#include "grpc/support/log.h"

namespace masa::rpc {
namespace {

// The library's own list of kinds of addresses; some stand in quotes.
bool HasAddress(absl::string_view word) {
  return absl::StrContains(word, "ipv4:") || absl::StrContains(word, "ipv6:") ||
         absl::StrContains(word, "unix:");
}

std::atomic<void (*)(const std::string&, int64_t)> sayer = nullptr;

void Say(const char* file, int line, absl::string_view message) {
  static auto& limit = *new OncePerSecond();
  const auto say = sayer.load();
  if (say == nullptr) {
    return;
  }
  if (const auto left_out = limit.Take(absl::Now())) {
    say(LibraryText(file, line, message), *left_out);
  }
}

void Hear(gpr_log_func_args* said) {
  if (said->severity == GPR_LOG_SEVERITY_ERROR) {
    Say(said->file, said->line, said->message);
  }
}

// Protobuf's, of messages that do not parse.
void HearProtobuf(google::protobuf::LogLevel level, const char* file, int line,
                  const std::string& message) {
  if (level >= google::protobuf::LOGLEVEL_ERROR) {
    Say(file, line, message);
  }
}

}  // namespace

std::optional<int64_t> OncePerSecond::Take(absl::Time now) {
  const absl::MutexLock lock(&mutex_);
  // A clock that goes back keeps nothing quiet.
  if (now >= last_ && now - last_ < absl::Seconds(1)) {
    ++left_out_;
    return std::nullopt;
  }
  last_ = now;
  return std::exchange(left_out_, 0);
}

std::string LibraryText(absl::string_view file, int line,
                        absl::string_view message) {
  std::vector<absl::string_view> words = absl::StrSplit(message, ' ');
  for (absl::string_view& word : words) {
    word = HasAddress(word) ? absl::string_view("(address)") : word;
  }
  return absl::StrCat(absl::StrJoin(words, " "), " (",
                      file.substr(file.rfind('/') + 1), ":", line, ")");
}

void SilenceLibraryLog() {
  if (std::getenv("GRPC_VERBOSITY") == nullptr) {
    gpr_set_log_function(Hear);
  }
  google::protobuf::SetLogHandler(nullptr);
}

void SendLibraryLogTo(void (*say)(const std::string& text, int64_t left_out)) {
  sayer = say;
  gpr_set_log_function(Hear);
  google::protobuf::SetLogHandler(HearProtobuf);
}

}  // namespace masa::rpc
