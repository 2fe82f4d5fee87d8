// What a pool told, in order.
#ifndef SERVICES_SIGNING_PKCS11_TEST_EVENTS_H_
#define SERVICES_SIGNING_PKCS11_TEST_EVENTS_H_

#include <condition_variable>
#include <mutex>
#include <string>
#include <vector>

#include "services/signing/pkcs11/session_pool.h"

namespace masa::signing {

class Heard final : public TokenEvents {
 public:
  void TokenCame(const std::string& label) override { Add("came " + label); }
  void TokenWent(const std::string& label, const std::string& why,
                 bool forever) override {
    Add("went " + label + ": " + why + (forever ? ", for ever" : ""));
  }
  void Waited(absl::Duration waited) override {
    const std::lock_guard<std::mutex> lock(mutex_);
    waits_.push_back(waited);
  }
  // One for each signature.
  std::vector<absl::Duration> waits() {
    const std::lock_guard<std::mutex> lock(mutex_);
    return waits_;
  }
  std::vector<std::string> lines() {
    const std::lock_guard<std::mutex> lock(mutex_);
    return lines_;
  }
  void WaitFor(const std::string& line) {
    std::unique_lock<std::mutex> lock(mutex_);
    changed_.wait(lock,
                  [&] { return !lines_.empty() && lines_.back() == line; });
  }
  void WaitForLines(size_t count) {
    std::unique_lock<std::mutex> lock(mutex_);
    changed_.wait(lock, [&] { return lines_.size() >= count; });
  }

 private:
  void Add(const std::string& line) {
    const std::lock_guard<std::mutex> lock(mutex_);
    lines_.push_back(line);
    changed_.notify_all();
  }
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> lines_;
  std::vector<absl::Duration> waits_;
};

}  // namespace masa::signing

#endif  // SERVICES_SIGNING_PKCS11_TEST_EVENTS_H_
