// What an edit makes of the registry, and which devices a filter lets through:
// shared by all implementations, so that they decide alike. Pure.
#ifndef STORAGE_REGISTRY_RULES_H_
#define STORAGE_REGISTRY_RULES_H_

#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "storage/device_changes.h"
#include "storage/device_registry.h"

namespace masa::storage {

// Except `also_deleted`, for which a device must stand anyway.
bool Passes(const DeviceFilter& filter, const Device& device);

struct EditPlan {
  Device device;                    // as it shall stand
  std::optional<AuditEvent> event;  // none when nothing changes
};

struct BatchPlan {
  std::vector<Device> devices;  // as they shall stand, in the order asked
  std::vector<AuditEvent> events;
};

// The devices of an earlier call with the same id, as they are now.
// kRequestIdReused.
absl::StatusOr<std::vector<Device>> ReplayAll(const OnceResult& known,
                                              const BatchCreation& creation,
                                              absl::Span<const Device> devices);

// DeviceRegistry::CreateAll, Create and Edit, from what is stored.
absl::StatusOr<BatchPlan> PlanCreations(const BatchCreation& creation,
                                        const StoredFacts& facts,
                                        const Change& change);
absl::StatusOr<EditPlan> PlanCreation(const DeviceCreation& creation,
                                      const StoredFacts& facts,
                                      const Change& change);
absl::StatusOr<EditPlan> PlanEdit(const DeviceEdit& edit,
                                  const StoredFacts& facts,
                                  const Change& change);

// The device that a repeat is answered with, of those with the serial number.
// kRequestIdReused when the id stands for something else.
absl::StatusOr<Device> Replay(const OnceResult& known, const OnceOrder& once,
                              absl::Span<const Device> devices);

// What the request id is remembered with: whose device it was.
std::string ReplayMark(const Device& device);

}  // namespace masa::storage

#endif  // STORAGE_REGISTRY_RULES_H_
