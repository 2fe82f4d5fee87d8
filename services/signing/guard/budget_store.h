// Where a signer process keeps how much of each key's daily budget it gave out.
#ifndef SERVICES_SIGNING_GUARD_BUDGET_STORE_H_
#define SERVICES_SIGNING_GUARD_BUDGET_STORE_H_

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/statusor.h"

namespace masa::signing {

// Signatures that were given out on one day.
struct SpentBudget {
  int64_t day = 0;  // since 1970-01-01, UTC
  uint64_t signatures = 0;
};

// Implementations are thread-safe for different keys.
class BudgetStore {
 public:
  virtual ~BudgetStore() = default;
  // Zeros for a key that never signed. kMisconfigured for what cannot be read.
  virtual absl::StatusOr<SpentBudget> Read(const std::string& key) = 0;
  // Durable when it returns OK. kSignerUnavailable when it is not.
  virtual absl::Status Write(const std::string& key,
                             const SpentBudget& spent) = 0;
};

// A file for each key in a folder of this process alone.
class BudgetFolder final : public BudgetStore {
 public:
  // kMisconfigured when the folder is not there, or another process has it.
  static absl::StatusOr<std::unique_ptr<BudgetFolder>> Open(
      const std::string& folder);
  ~BudgetFolder() override;

  absl::StatusOr<SpentBudget> Read(const std::string& key) override;
  absl::Status Write(const std::string& key, const SpentBudget& spent) override;

 private:
  BudgetFolder(std::string folder, int lock)
      : folder_(std::move(folder)), lock_(lock) {}
  std::string PathOf(const std::string& key) const;

  const std::string folder_;
  const int lock_;  // a file descriptor, locked as long as this lives
};

}  // namespace masa::signing

#endif  // SERVICES_SIGNING_GUARD_BUDGET_STORE_H_
