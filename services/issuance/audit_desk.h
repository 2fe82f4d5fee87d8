// Who reads the audit log, as use cases: the face only translates. An operator
// sees the events of its tenant; a customer those of the devices that it may
// see, as far as they say nothing of others' ownership. Thread-safe; blocks.
// Every error carries a reason.
#ifndef SERVICES_ISSUANCE_AUDIT_DESK_H_
#define SERVICES_ISSUANCE_AUDIT_DESK_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "services/identity/principal.h"
#include "services/observe/request_context.h"
#include "storage/audit_log.h"
#include "storage/device_store.h"

namespace masa::issuance {

// What is set must hold of an event.
struct EventFilter {
  std::string event_id;  // 16 octets
  std::optional<storage::DeviceKey> device;
  std::string organization_id;  // owns the device now
  absl::Time from = absl::InfinitePast();
  absl::Time until = absl::InfiniteFuture();  // not including it
  std::string kind;
  std::string actor;
};

struct ListedEvent {
  storage::LogEntry entry;
  std::optional<uint64_t> index;  // none: not in the log yet
  std::optional<storage::LogEvent> event;
};

struct EventPage {
  std::vector<ListedEvent> events;
  std::string next;  // goes on; empty: there are no more
};

struct EventRun {
  std::vector<ListedEvent> events;
  uint64_t next = 0;    // the first place behind them
  bool is_end = false;  // of what the log holds now
};

struct InclusionReceipt {
  std::string receipt;  // see transparency::Receipt
  uint64_t index = 0;
  uint64_t size = 0;  // of the checkpoint's log
};

struct ConsistencyProof {
  std::vector<std::string> hashes;
  uint64_t from = 0;
  uint64_t to = 0;
};

class AuditDesk {
 public:
  virtual ~AuditDesk() = default;

  // The newest first, at most `limit`, from where the page before ended; fewer
  // when a share of the log was looked through. kPageTokenInvalid.
  virtual absl::StatusOr<EventPage> List(const RequestContext& context,
                                         const identity::Principal& caller,
                                         const EventFilter& filter,
                                         const std::string& after,
                                         int limit) = 0;

  // Somebody begins to read the log from some place on: before the first Read,
  // and once for all that follow.
  virtual absl::Status Begin(const RequestContext& context,
                             const identity::Principal& caller) = 0;

  // What comes from `from` on, at most a bundle.
  virtual absl::StatusOr<EventRun> Read(const RequestContext& context,
                                        const identity::Principal& caller,
                                        uint64_t from) = 0;

  // The oldest of at least `size` events; of zero the newest.
  // kAuditLogUnknown when there is none.
  virtual absl::StatusOr<storage::LogCheckpoint> GetCheckpoint(
      const RequestContext& context, const identity::Principal& caller,
      uint64_t size) = 0;

  // Of less than `before` events, the newest first, at most `limit`.
  virtual absl::StatusOr<std::vector<storage::LogCheckpoint>> ListCheckpoints(
      const RequestContext& context, const identity::Principal& caller,
      uint64_t before, int limit) = 0;

  // Of the event with this id, or of the issuance of the voucher with it;
  // 16 octets. kAuditLogUnknown when it is not in the log, not under a
  // checkpoint yet, or not to be seen by the caller.
  virtual absl::StatusOr<InclusionReceipt> ProveEvent(
      const RequestContext& context, const identity::Principal& caller,
      const std::string& event_id) = 0;
  virtual absl::StatusOr<InclusionReceipt> ProveVoucher(
      const RequestContext& context, const identity::Principal& caller,
      const std::string& voucher_id) = 0;

  // `to` of zero is the newest checkpoint's size. kInvalidArgument when `from`
  // is zero or over it, or `to` over the log's size.
  virtual absl::StatusOr<ConsistencyProof> ProveConsistency(
      const RequestContext& context, const identity::Principal& caller,
      uint64_t from, uint64_t to) = 0;
};

}  // namespace masa::issuance

#endif  // SERVICES_ISSUANCE_AUDIT_DESK_H_
