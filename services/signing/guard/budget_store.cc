#include "services/signing/guard/budget_store.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "services/status/reason.h"

namespace masa::signing {
namespace {

constexpr size_t kLongestFile = 64;

absl::Status Wrong(const std::string& path, absl::string_view what) {
  return Refuse(Reason::kMisconfigured,
                absl::StrCat("signing budget ", path, ": ", what));
}

absl::Status NotKept(const std::string& path) {
  return Refuse(Reason::kSignerUnavailable,
                absl::StrCat("the signing budget cannot be kept in ", path,
                             ": ", std::strerror(errno)));
}

// Closes what it holds.
class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() {
    if (number_ >= 0) {
      close(number_);
    }
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int number() const { return number_; }

 private:
  const int number_;
};

bool WriteAll(int file, const std::string& text) {
  return write(file, text.data(), text.size()) ==
             static_cast<ssize_t>(text.size()) &&
         fsync(file) == 0;
}

}  // namespace

absl::StatusOr<std::unique_ptr<BudgetFolder>> BudgetFolder::Open(
    const std::string& folder) {
  const std::string path = folder + "/lock";
  const int lock = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (lock < 0) {
    return Wrong(path, std::strerror(errno));
  }
  if (flock(lock, LOCK_EX | LOCK_NB) != 0) {
    close(lock);
    return Wrong(path, "another signer has this folder; each needs its own");
  }
  return std::unique_ptr<BudgetFolder>(new BudgetFolder(folder, lock));
}

BudgetFolder::~BudgetFolder() { close(lock_); }

std::string BudgetFolder::PathOf(const std::string& key) const {
  return absl::StrCat(folder_, "/", absl::WebSafeBase64Escape(key), ".budget");
}

absl::StatusOr<SpentBudget> BudgetFolder::Read(const std::string& key) {
  const std::string path = PathOf(key);
  const Descriptor file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.number() < 0) {
    return errno == ENOENT
               ? absl::StatusOr<SpentBudget>(SpentBudget{})
               : absl::StatusOr<SpentBudget>(Wrong(path, std::strerror(errno)));
  }
  char octets[kLongestFile];
  const ssize_t length = read(file.number(), octets, sizeof(octets));
  const std::vector<std::string> words = absl::StrSplit(
      absl::StripSuffix(
          absl::string_view(octets,
                            length < 0 ? 0 : static_cast<size_t>(length)),
          "\n"),
      ' ');
  SpentBudget spent;
  if (words.size() != 2 || !absl::SimpleAtoi(words[0], &spent.day) ||
      !absl::SimpleAtoi(words[1], &spent.signatures)) {
    return Wrong(path, "it is not a day and a number");
  }
  return spent;
}

// The old file or the new one is there, never half of one.
absl::Status BudgetFolder::Write(const std::string& key,
                                 const SpentBudget& spent) {
  const std::string path = PathOf(key);
  const std::string fresh = path + ".new";
  {
    const Descriptor file(
        open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
    if (file.number() < 0 ||
        !WriteAll(file.number(),
                  absl::StrCat(spent.day, " ", spent.signatures, "\n"))) {
      return NotKept(path);
    }
  }
  const Descriptor folder(
      open(folder_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (rename(fresh.c_str(), path.c_str()) != 0 || folder.number() < 0 ||
      fsync(folder.number()) != 0) {
    return NotKept(path);
  }
  return absl::OkStatus();
}

}  // namespace masa::signing
