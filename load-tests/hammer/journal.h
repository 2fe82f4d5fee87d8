// What clients hold in their hands, written down for the checker: a line for
// each voucher, its device's serial number and SHA-256 in hexadecimal, and the
// same for each certificate, with that word behind. Thread-safe.
#ifndef LOAD_TESTS_HAMMER_JOURNAL_H_
#define LOAD_TESTS_HAMMER_JOURNAL_H_

#include <fstream>
#include <string>

#include "absl/strings/escaping.h"
#include "absl/synchronization/mutex.h"
#include "services/issuance/ids.h"

namespace masa::hammer {

class Journal {
 public:
  // Appends to the file. An empty name: nothing is written.
  explicit Journal(const std::string& path) {
    if (!path.empty()) {
      file_.open(path, std::ios::app);
    }
  }

  void Given(const std::string& serial, const std::string& voucher) {
    Write(serial, voucher, "");
  }

  void Enrolled(const std::string& serial, const std::string& certificate_der) {
    Write(serial, certificate_der, " certificate");
  }

 private:
  void Write(const std::string& serial, const std::string& octets,
             const char* kind) {
    const std::string digest = absl::BytesToHexString(issuance::Sha256(octets));
    absl::MutexLock lock(&mutex_);
    if (file_.is_open()) {
      file_ << serial << ' ' << digest << kind << '\n' << std::flush;
    }
  }

  absl::Mutex mutex_;
  std::ofstream file_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace masa::hammer

#endif  // LOAD_TESTS_HAMMER_JOURNAL_H_
