// An audit event as the log of events commits to it: in one form of text,
// behind a salt, so that the log shows nothing of it, and so that who did it
// can be forgotten later without a trace in what the log says. Pure but for
// NewSalt.
#ifndef STORAGE_LOG_EVENT_H_
#define STORAGE_LOG_EVENT_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "absl/types/span.h"
#include "storage/audit_event.h"
#include "storage/issuance_log.h"

namespace masa::storage {

// What happens to the log itself, as the column `kind` says it.
inline constexpr char kAuditLossAccepted[] = "audit-loss-accepted";

// Who did it, until that is forgotten. The salt is forgotten with the names:
// then nobody can find them out by trying.
struct Who {
  std::string actor;
  std::string request_id;
  std::string salt;  // 16 octets; empty: nobody, or forgotten

  bool operator==(const Who&) const = default;
};

struct LogEvent {
  int16_t bucket = 0;
  std::string event_id;   // 16 octets
  std::string tenant_id;  // empty: of the catalog itself
  std::string device_id;  // 16 octets, or empty
  std::string kind;
  absl::Time at;        // to the microsecond
  std::string payload;  // JSON, or empty
  // Of an issuance alone.
  std::string voucher_id;      // 16 octets
  std::string voucher_sha256;  // of the artifact's octets
  std::string domain_id;
  std::string pinned_spki_sha256;
  std::string issuer_spki_sha256;
  std::string request_digest;
  std::optional<std::string> nonce;
  int assertion = 0;
  // What the log commits to of `who`; empty: nobody did it.
  std::string who_hash;
  std::string salt;  // 16 octets
  Who who;

  bool operator==(const LogEvent&) const = default;
};

// 16 random octets.
std::string NewSalt();

// SHA-256 over the salt, the actor's length in four octets, the most
// significant first, actor and request id; empty when there is no salt.
std::string HashOfWho(const Who& who);

// The event as JSON in the form of RFC 8785: names in order, no spaces, what is
// empty left out. Octets are in hexadecimal, the time as RFC 3339 with
// microseconds. Neither salts nor names are in it.
std::string CanonicalEvent(const LogEvent& event);

// SHA-256 over the salt and the canonical event: the log's entry, 32 octets.
std::string CommitmentOf(const LogEvent& event);

// What the log knows of an issuance beside the voucher's record.
struct IssuanceSeal {
  std::string voucher_sha256;  // of the artifact's octets
  std::string salt;            // 16 octets
  std::string who_salt;        // 16 octets
  std::string who_hash;
  std::string commitment;  // 32 octets
};

// Of each, with fresh salts: what CommitmentOf its event is, without making
// that.
std::vector<IssuanceSeal> SealAll(
    absl::Span<const IssuedVoucher* const> vouchers);

// The event of an issuance, with fresh salts.
LogEvent LogEventOf(const IssuedVoucher& voucher);
// The event with a fresh salt, of what `who` did.
LogEvent LogEventOf(const AuditEvent& event, const Who& who);

// What the log needs to know of an event.
struct LogEntry {
  int16_t bucket = 0;
  std::string event_id;    // 16 octets
  std::string commitment;  // 32 octets

  bool operator==(const LogEntry&) const = default;
};

// What one transaction adds to one tenant's log: a row beside its events, until
// they are in the log.
struct OutboxRow {
  int16_t bucket = 0;     // that of the first event
  std::string outbox_id;  // the first event's id
  std::string tenant_id;
  std::vector<LogEntry> entries;  // at least one

  bool operator==(const OutboxRow&) const = default;
};

// The rows of one transaction, one for each tenant, in the order of tenants.
std::vector<OutboxRow> OutboxOf(absl::Span<const LogEvent> events);
// The same of vouchers, with the seal of each.
std::vector<OutboxRow> OutboxOf(absl::Span<const IssuedVoucher* const> vouchers,
                                absl::Span<const IssuanceSeal> seals);

// Entries as columns hold them: of each its bucket (2 octets) and event id, and
// of each its commitment.
std::string EncodeIds(absl::Span<const LogEntry> entries);
std::string EncodeCommitments(absl::Span<const LogEntry> entries);
// The entries again; without commitments where `commitments` has too few.
std::vector<LogEntry> DecodeEntries(const std::string& ids,
                                    const std::string& commitments);

}  // namespace masa::storage

#endif  // STORAGE_LOG_EVENT_H_
