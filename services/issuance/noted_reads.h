// An operator's read of who did what is an event of the audit log itself: names
// stand beside the log (ADR 0009), and whoever reads them leaves a trace before
// the answer goes out. Decorators of the desks that show names. Customers read
// what concerns their own devices, and leave none.
#ifndef SERVICES_ISSUANCE_NOTED_READS_H_
#define SERVICES_ISSUANCE_NOTED_READS_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "services/issuance/audit_desk.h"
#include "services/issuance/operator_desk.h"
#include "services/issuance/voucher_desk.h"
#include "services/observe/clock.h"
#include "storage/audit_sequence.h"

namespace masa::issuance {

inline constexpr char kNamesOfAccounts[] = "names of accounts";

// Thread-safe; blocks.
class ReadNotes {
 public:
  // Both outlive this.
  ReadNotes(storage::AuditSequence& events, const Clock& clock)
      : events_(events), clock_(clock) {}

  // Durable on return: `caller` has read the names in `count` of `what`, of the
  // device where there is one. Nothing is written for others than operators,
  // and for no names. kStoreUnavailable; then nothing may be shown.
  absl::Status Write(const RequestContext& context,
                     const identity::Principal& caller, const char* what,
                     int64_t count, const storage::DeviceKey* device);

 private:
  storage::AuditSequence& events_;
  const Clock& clock_;
};

class NotedAuditDesk final : public AuditDesk {
 public:
  // Both outlive this.
  NotedAuditDesk(AuditDesk& desk, ReadNotes& notes)
      : desk_(desk), notes_(notes) {}

  absl::Status Begin(const RequestContext& context,
                     const identity::Principal& caller) override;
  absl::StatusOr<EventPage> List(const RequestContext& context,
                                 const identity::Principal& caller,
                                 const EventFilter& filter,
                                 const std::string& after, int limit) override;
  // Noted where the reader began.
  absl::StatusOr<EventRun> Read(const RequestContext& context,
                                const identity::Principal& caller,
                                uint64_t from) override {
    return desk_.Read(context, caller, from);
  }
  // These show no names.
  absl::StatusOr<storage::LogCheckpoint> GetCheckpoint(
      const RequestContext& context, const identity::Principal& caller,
      uint64_t size) override {
    return desk_.GetCheckpoint(context, caller, size);
  }
  absl::StatusOr<std::vector<storage::LogCheckpoint>> ListCheckpoints(
      const RequestContext& context, const identity::Principal& caller,
      uint64_t before, int limit) override {
    return desk_.ListCheckpoints(context, caller, before, limit);
  }
  absl::StatusOr<InclusionReceipt> ProveEvent(
      const RequestContext& context, const identity::Principal& caller,
      const std::string& event_id) override {
    return desk_.ProveEvent(context, caller, event_id);
  }
  absl::StatusOr<InclusionReceipt> ProveVoucher(
      const RequestContext& context, const identity::Principal& caller,
      const std::string& voucher_id) override {
    return desk_.ProveVoucher(context, caller, voucher_id);
  }
  absl::StatusOr<ConsistencyProof> ProveConsistency(
      const RequestContext& context, const identity::Principal& caller,
      uint64_t from, uint64_t to) override {
    return desk_.ProveConsistency(context, caller, from, to);
  }

 private:
  AuditDesk& desk_;
  ReadNotes& notes_;
};

class NotedOperatorDesk final : public OperatorDesk {
 public:
  // Both outlive this.
  NotedOperatorDesk(OperatorDesk& desk, ReadNotes& notes)
      : desk_(desk), notes_(notes) {}

  absl::StatusOr<storage::Committed> IssueVoucher(
      const RequestContext& context, const identity::Principal& caller,
      const IssueOrder& order) override {
    return desk_.IssueVoucher(context, caller, order);
  }
  absl::StatusOr<storage::Device> GetDevice(
      const RequestContext& context, const identity::Principal& caller,
      const storage::DeviceKey& device) override {
    return desk_.GetDevice(context, caller, device);
  }
  absl::StatusOr<std::vector<storage::IssuedVoucher>> ListVouchers(
      const RequestContext& context, const identity::Principal& caller,
      const storage::DeviceKey& device) override;

 private:
  OperatorDesk& desk_;
  ReadNotes& notes_;
};

class NotedVoucherDesk final : public VoucherDesk {
 public:
  // Both outlive this.
  NotedVoucherDesk(VoucherDesk& desk, ReadNotes& notes)
      : desk_(desk), notes_(notes) {}

  void Issue(std::vector<PendingOrder> calls) override {
    desk_.Issue(std::move(calls));
  }
  absl::StatusOr<std::vector<absl::StatusOr<storage::Committed>>> IssueAll(
      const RequestContext& context, const identity::Principal& caller,
      absl::Span<const IssueOrder> orders) override {
    return desk_.IssueAll(context, caller, orders);
  }
  absl::StatusOr<storage::IssuedVoucher> GetVoucher(
      const RequestContext& context, const identity::Principal& caller,
      const storage::DeviceKey& device, const std::string& voucher_id) override;
  absl::StatusOr<std::vector<storage::IssuedVoucher>> ListVouchers(
      const RequestContext& context, const identity::Principal& caller,
      const VoucherListing& listing, int limit) override;
  absl::StatusOr<std::vector<TrustAnchor>> TrustAnchors(
      const RequestContext& context,
      const identity::Principal& caller) override {
    return desk_.TrustAnchors(context, caller);
  }

 private:
  VoucherDesk& desk_;
  ReadNotes& notes_;
};

}  // namespace masa::issuance

#endif  // SERVICES_ISSUANCE_NOTED_READS_H_
