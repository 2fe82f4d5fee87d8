// The audit desk over the log in the store. Thread-safe; blocks.
#ifndef SERVICES_ISSUANCE_SERVE_AUDIT_H_
#define SERVICES_ISSUANCE_SERVE_AUDIT_H_

#include <string>
#include <vector>

#include "services/issuance/audit_desk.h"
#include "services/issuance/event_sight.h"
#include "services/issuance/operator_desk.h"
#include "storage/group_store.h"
#include "storage/owned_devices.h"

namespace masa::issuance {

class ServeAudit final : public AuditDesk {
 public:
  // All outlive this. `devices` says who may see a device.
  ServeAudit(storage::AuditLog& log, storage::GroupStore& groups,
             storage::OwnedDevices& owned, OperatorDesk& devices)
      : log_(log), groups_(groups), owned_(owned), devices_(devices) {}

  absl::StatusOr<EventPage> List(const RequestContext& context,
                                 const identity::Principal& caller,
                                 const EventFilter& filter,
                                 const std::string& after, int limit) override;
  absl::Status Begin(const RequestContext& context,
                     const identity::Principal& caller) override {
    return absl::OkStatus();
  }
  absl::StatusOr<EventRun> Read(const RequestContext& context,
                                const identity::Principal& caller,
                                uint64_t from) override;
  absl::StatusOr<storage::LogCheckpoint> GetCheckpoint(
      const RequestContext& context, const identity::Principal& caller,
      uint64_t size) override;
  absl::StatusOr<std::vector<storage::LogCheckpoint>> ListCheckpoints(
      const RequestContext& context, const identity::Principal& caller,
      uint64_t before, int limit) override;
  absl::StatusOr<InclusionReceipt> ProveEvent(
      const RequestContext& context, const identity::Principal& caller,
      const std::string& event_id) override;
  absl::StatusOr<InclusionReceipt> ProveVoucher(
      const RequestContext& context, const identity::Principal& caller,
      const std::string& voucher_id) override;
  absl::StatusOr<ConsistencyProof> ProveConsistency(
      const RequestContext& context, const identity::Principal& caller,
      uint64_t from, uint64_t to) override;

 private:
  absl::StatusOr<EventSight> SightOf(const RequestContext& context,
                                     const identity::Principal& caller);
  // At most one.
  absl::StatusOr<EventPage> ListById(const RequestContext& context,
                                     const identity::Principal& caller,
                                     const EventFilter& filter);
  absl::StatusOr<EventPage> ListOfDevice(const RequestContext& context,
                                         const identity::Principal& caller,
                                         const EventFilter& filter,
                                         const std::string& after, int limit);
  absl::StatusOr<EventPage> ListOfLog(const RequestContext& context,
                                      const identity::Principal& caller,
                                      const EventFilter& filter,
                                      const std::string& after, int limit);
  // The place of the page's end, from the newest event on when there is none.
  absl::StatusOr<uint64_t> EndOf(const RequestContext& context,
                                 const identity::Principal& caller,
                                 const EventFilter& filter,
                                 const std::string& after);
  absl::StatusOr<InclusionReceipt> Prove(const RequestContext& context,
                                         const identity::Principal& caller,
                                         std::optional<uint64_t> index);

  storage::AuditLog& log_;
  storage::GroupStore& groups_;
  storage::OwnedDevices& owned_;
  OperatorDesk& devices_;
};

}  // namespace masa::issuance

#endif  // SERVICES_ISSUANCE_SERVE_AUDIT_H_
