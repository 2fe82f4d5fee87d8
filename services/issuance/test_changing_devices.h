// Device stores in memory that are otherwise in one thing: so in one something
// happens between a list of devices and the question for them. For tests.
#ifndef SERVICES_ISSUANCE_TEST_CHANGING_DEVICES_H_
#define SERVICES_ISSUANCE_TEST_CHANGING_DEVICES_H_

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "storage/memory/memory_store.h"

namespace masa::issuance {

// Passes all on; tests say what is otherwise. `store` outlives it.
class PassingDevices : public storage::DeviceStore {
 public:
  explicit PassingDevices(storage::MemoryStore& store) : store_(store) {}

  std::vector<absl::StatusOr<storage::DeviceAnswer>> Find(
      const RequestContext& context,
      absl::Span<const storage::DeviceQuestion> questions) override {
    return store_.Find(context, questions);
  }
  absl::StatusOr<std::vector<std::string>> ProductsOf(
      const RequestContext& context, const std::string& tenant_id,
      const std::string& serial_number) override {
    return store_.ProductsOf(context, tenant_id, serial_number);
  }
  std::vector<absl::StatusOr<storage::ImportOutcome>> Import(
      const RequestContext& context, const std::string& actor, absl::Time at,
      absl::Span<const storage::Device> devices,
      storage::OnConflict on_conflict) override {
    return store_.Import(context, actor, at, devices, on_conflict);
  }
  std::vector<absl::StatusOr<storage::Device>> Assign(
      const RequestContext& context, const std::string& actor, absl::Time at,
      absl::Span<const storage::DeviceKey> keys,
      const std::string& organization_id) override {
    return store_.Assign(context, actor, at, keys, organization_id);
  }
  std::vector<absl::StatusOr<storage::Device>> SetBlocked(
      const RequestContext& context, const std::string& actor, absl::Time at,
      absl::Span<const storage::DeviceKey> keys, bool blocked) override {
    return store_.SetBlocked(context, actor, at, keys, blocked);
  }

 private:
  storage::MemoryStore& store_;
};

// Calls `change` before the first question is answered.
class ChangingDevices final : public PassingDevices {
 public:
  ChangingDevices(storage::MemoryStore& store, std::function<void()> change)
      : PassingDevices(store), change_(std::move(change)) {}

  std::vector<absl::StatusOr<storage::DeviceAnswer>> Find(
      const RequestContext& context,
      absl::Span<const storage::DeviceQuestion> questions) override {
    if (change_ != nullptr) {
      std::exchange(change_, nullptr)();
    }
    return PassingDevices::Find(context, questions);
  }

 private:
  std::function<void()> change_;
};

}  // namespace masa::issuance

#endif  // SERVICES_ISSUANCE_TEST_CHANGING_DEVICES_H_
