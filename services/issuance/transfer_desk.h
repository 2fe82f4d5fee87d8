// What owners, and the manufacturer's operators in their place, can do about
// who owns a device and in which group it is, as use cases: the faces only
// translate. Thread-safe; blocks. Every error carries a reason; everything
// written is an audit event.
#ifndef SERVICES_ISSUANCE_TRANSFER_DESK_H_
#define SERVICES_ISSUANCE_TRANSFER_DESK_H_

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/issuance/group_desk.h"
#include "services/ownership/transfer_states.h"
#include "services/ownership/verify_history.h"
#include "storage/history_store.h"
#include "storage/transfer_store.h"

namespace masa::issuance {

struct OfferOrder {
  std::string from_organization_id;  // the caller's own when empty
  std::string to_organization_id;
  std::vector<storage::DeviceKey> devices;  // 1 to 1000
  std::optional<absl::Time> expires_at;     // 30 days from now when absent
  bool keep_history = true;
};

struct ClaimOrder {
  std::string organization_id;              // the caller's own when empty
  std::vector<storage::DeviceKey> devices;  // 1 to 1000
  std::vector<std::string> sales_orders;    // of device i, as it was sold
};

// What came of a call about several devices.
struct TransferOutcome {
  // As it stands; without id when no device could be offered, or nothing was
  // to be written.
  std::optional<storage::Transfer> transfer;
  std::vector<absl::Status> outcomes;  // one for each device
};

// A page of a device's history, and where the next one begins.
struct HistoryPage {
  storage::Device device;
  std::vector<storage::HistoryRecord> records;
  std::optional<int32_t> next_number;
};

class TransferDesk {
 public:
  virtual ~TransferDesk() = default;

  // For administrators of the giver's root group. kOrganizationUnknown for an
  // organisation that is not there, and for a giver that is not the caller's;
  // each device has its own outcome (ownership/transfer_plans.h). The devices
  // get no vouchers until the transfer ends.
  virtual absl::StatusOr<TransferOutcome> Offer(const GroupCall& call,
                                                const OfferOrder& order) = 0;

  // Accepts, rejects or cancels (ownership/transfer_states.h).
  // kTransferUnknown for unknown and foreign alike, kEtagMismatch.
  virtual absl::StatusOr<TransferOutcome> End(
      const GroupCall& call, const std::string& transfer_id,
      ownership::TransferAct act, const std::optional<int64_t>& expected) = 0;

  // kTransferUnknown.
  virtual absl::StatusOr<storage::Transfer> GetTransfer(
      const GroupCall& call, const std::string& transfer_id) = 0;
  // Those that the organisation gives or receives, after `after`, at most
  // `limit`. kOrganizationUnknown.
  virtual absl::StatusOr<std::vector<storage::Transfer>> ListTransfers(
      const GroupCall& call, const std::string& organization_id,
      const std::string& after, int limit) = 0;

  // Back to the manufacturer. Each device has its own outcome.
  virtual absl::StatusOr<TransferOutcome> Release(
      const GroupCall& call, const std::string& from_organization_id,
      const std::vector<storage::DeviceKey>& devices) = 0;

  // For administrators of the claimer's root group: makes it the owner of what
  // it proves to have bought. Each device has its own outcome
  // (ownership/claim_plans.h); kRateLimited once too many were wrong.
  virtual absl::StatusOr<TransferOutcome> Claim(const GroupCall& call,
                                                const ClaimOrder& order) = 0;

  // Operators: the organisation owns the devices from now on, or nobody when it
  // is empty; the devices get no vouchers, or get them again. Each device has
  // its own outcome (ownership/assignment_plans.h).
  virtual absl::StatusOr<TransferOutcome> Assign(
      const GroupCall& call, const std::vector<storage::DeviceKey>& devices,
      const std::string& organization_id) = 0;
  virtual absl::StatusOr<TransferOutcome> Block(
      const GroupCall& call, const std::vector<storage::DeviceKey>& devices,
      bool lift) = 0;

  // For those who may place devices in the groups that they leave and go to:
  // each is in the group, or in the root alone, from now on. kGroupNotFound for
  // unknown and foreign alike, kPermissionDenied; then each device has its own
  // outcome (ownership/placement_plans.h), kStoreUnavailable among them.
  virtual absl::StatusOr<TransferOutcome> Place(
      const GroupCall& call, const std::vector<storage::DeviceKey>& devices,
      const std::string& group_id) = 0;

  // For whoever may see the device; without what a past owner kept to itself,
  // but for operators. kDeviceUnknown for unknown and foreign alike.
  virtual absl::StatusOr<HistoryPage> GetHistory(const GroupCall& call,
                                                 const storage::DeviceKey& key,
                                                 int32_t first_number,
                                                 int limit) = 0;

  // What GetHistory shows, held against the anchor (ownership/verify_history.h)
  // and the owner on record. kCertMalformed for an anchor that is none,
  // kTooManyItems for more than 10000 entries.
  virtual absl::StatusOr<ownership::HistoryFinding> VerifyHistory(
      const GroupCall& call, const storage::DeviceKey& key,
      const std::string& anchor_der) = 0;
};

}  // namespace masa::issuance

#endif  // SERVICES_ISSUANCE_TRANSFER_DESK_H_
