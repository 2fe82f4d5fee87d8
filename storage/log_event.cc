#include "storage/log_event.h"

#include <map>
#include <utility>

#include "absl/strings/string_view.h"
#include "openssl/rand.h"
#include "openssl/sha.h"
#include "storage/event_json.h"

namespace masa::storage {
namespace {

constexpr size_t kSaltOctets = 16;
constexpr size_t kIdOctets = 16;
constexpr size_t kBucketOctets = 2;
constexpr size_t kHashOctets = SHA256_DIGEST_LENGTH;

class Sha256 {
 public:
  Sha256() { SHA256_Init(&context_); }
  Sha256& Add(absl::string_view octets) {
    SHA256_Update(&context_, octets.data(), octets.size());
    return *this;
  }
  std::string Finish() {
    std::string digest(kHashOctets, '\0');
    SHA256_Final(reinterpret_cast<uint8_t*>(digest.data()), &context_);
    return digest;
  }

 private:
  SHA256_CTX context_;
};

// What the canonical form says, wherever it is kept.
struct Said {
  int16_t bucket;
  absl::string_view event_id, tenant_id, device_id, kind;
  absl::Time at;
  absl::string_view payload, voucher_id, voucher_sha256, domain_id,
      pinned_spki_sha256, issuer_spki_sha256, request_digest;
  const std::optional<std::string>& nonce;
  int assertion;
  absl::string_view who_hash;
};

Said SaidOf(const LogEvent& event) {
  return {event.bucket,
          event.event_id,
          event.tenant_id,
          event.device_id,
          event.kind,
          event.at,
          event.payload,
          event.voucher_id,
          event.voucher_sha256,
          event.domain_id,
          event.pinned_spki_sha256,
          event.issuer_spki_sha256,
          event.request_digest,
          event.nonce,
          event.assertion,
          event.who_hash};
}

absl::Time TimeOf(const IssuedVoucher& voucher) {
  return absl::FromUnixMicros(absl::ToUnixMicros(voucher.created_on));
}

Said SaidOf(const IssuedVoucher& voucher, const IssuanceSeal& seal) {
  return {voucher.bucket,
          voucher.audit_event_id,
          voucher.tenant_id,
          voucher.device_id,
          kVoucherIssued,
          TimeOf(voucher),
          "",
          voucher.voucher_id,
          seal.voucher_sha256,
          voucher.domain_id,
          voucher.pinned_spki_sha256,
          voucher.issuer_spki_sha256,
          voucher.request_digest,
          voucher.nonce,
          voucher.assertion,
          seal.who_hash};
}

std::string Canonical(const Said& event) {
  EventJson json;
  if (event.assertion != 0) {
    json.AddNumber("assertion", event.assertion);
  }
  json.AddMoment("at", event.at);
  json.AddNumber("bucket", event.bucket);
  json.AddOctets("device_id", event.device_id);
  json.AddOctets("domain_id", event.domain_id);
  json.AddOctets("event_id", event.event_id);
  json.AddOctets("issuer_spki_sha256", event.issuer_spki_sha256);
  json.AddText("kind", event.kind);
  if (event.nonce) {
    json.AddText("nonce", *event.nonce);
  }
  if (!event.payload.empty()) {
    json.AddText("payload", event.payload);
  }
  json.AddOctets("pinned_spki_sha256", event.pinned_spki_sha256);
  json.AddOctets("request_digest", event.request_digest);
  json.AddText("tenant_id", event.tenant_id);
  json.AddOctets("voucher_id", event.voucher_id);
  json.AddOctets("voucher_sha256", event.voucher_sha256);
  json.AddOctets("who_hash", event.who_hash);
  return json.Finish();
}

std::string HashOfWho(absl::string_view salt, absl::string_view actor,
                      absl::string_view request_id) {
  std::string length;
  for (int shift = 24; shift >= 0; shift -= 8) {
    length.push_back(static_cast<char>(actor.size() >> shift));
  }
  return Sha256().Add(salt).Add(length).Add(actor).Add(request_id).Finish();
}

std::string RandomOctets(size_t count) {
  std::string octets(count, '\0');
  RAND_bytes(reinterpret_cast<uint8_t*>(octets.data()), octets.size());
  return octets;
}

// Adds the entry to the row of its tenant.
void AddTo(std::map<absl::string_view, OutboxRow>& rows,
           const std::string& tenant_id, LogEntry entry) {
  OutboxRow& row = rows[tenant_id];
  if (row.entries.empty()) {
    row.bucket = entry.bucket;
    row.outbox_id = entry.event_id;
    row.tenant_id = tenant_id;
  }
  row.entries.push_back(std::move(entry));
}

std::vector<OutboxRow> ListOf(std::map<absl::string_view, OutboxRow> rows) {
  std::vector<OutboxRow> list;
  for (auto& [tenant_id, row] : rows) {
    list.push_back(std::move(row));
  }
  return list;
}

}  // namespace

std::string NewSalt() { return RandomOctets(kSaltOctets); }

std::string HashOfWho(const Who& who) {
  return who.salt.empty() ? "" : HashOfWho(who.salt, who.actor, who.request_id);
}

std::string CanonicalEvent(const LogEvent& event) {
  return Canonical(SaidOf(event));
}

std::string CommitmentOf(const LogEvent& event) {
  return Sha256().Add(event.salt).Add(CanonicalEvent(event)).Finish();
}

std::vector<IssuanceSeal> SealAll(
    absl::Span<const IssuedVoucher* const> vouchers) {
  std::string random = RandomOctets(2 * kSaltOctets * vouchers.size());
  std::vector<IssuanceSeal> seals(vouchers.size());
  for (size_t i = 0; i < vouchers.size(); ++i) {
    const IssuedVoucher& voucher = *vouchers[i];
    IssuanceSeal& seal = seals[i];
    seal.salt = random.substr(2 * i * kSaltOctets, kSaltOctets);
    seal.who_salt = random.substr((2 * i + 1) * kSaltOctets, kSaltOctets);
    seal.who_hash = HashOfWho(seal.who_salt, voucher.actor, voucher.request_id);
    seal.voucher_sha256 = Sha256().Add(voucher.voucher).Finish();
    seal.commitment =
        Sha256().Add(seal.salt).Add(Canonical(SaidOf(voucher, seal))).Finish();
  }
  return seals;
}

LogEvent LogEventOf(const IssuedVoucher& voucher) {
  IssuanceSeal seal = std::move(SealAll({&voucher}).front());
  LogEvent event;
  event.bucket = voucher.bucket;
  event.event_id = voucher.audit_event_id;
  event.tenant_id = voucher.tenant_id;
  event.device_id = voucher.device_id;
  event.kind = kVoucherIssued;
  event.at = TimeOf(voucher);
  event.voucher_id = voucher.voucher_id;
  event.voucher_sha256 = std::move(seal.voucher_sha256);
  event.domain_id = voucher.domain_id;
  event.pinned_spki_sha256 = voucher.pinned_spki_sha256;
  event.issuer_spki_sha256 = voucher.issuer_spki_sha256;
  event.request_digest = voucher.request_digest;
  event.nonce = voucher.nonce;
  event.assertion = voucher.assertion;
  event.salt = std::move(seal.salt);
  event.who = {voucher.actor, voucher.request_id, std::move(seal.who_salt)};
  event.who_hash = std::move(seal.who_hash);
  return event;
}

LogEvent LogEventOf(const AuditEvent& event, const Who& who) {
  LogEvent made;
  made.bucket = event.bucket;
  made.event_id = event.event_id;
  made.tenant_id = event.tenant_id;
  made.device_id = event.device_id;
  made.kind = event.kind;
  made.at = absl::FromUnixMicros(absl::ToUnixMicros(event.at));
  made.payload = event.payload;
  made.salt = NewSalt();
  made.who = who;
  made.who_hash = HashOfWho(who);
  return made;
}

std::vector<OutboxRow> OutboxOf(absl::Span<const LogEvent> events) {
  std::map<absl::string_view, OutboxRow> rows;
  for (const LogEvent& event : events) {
    AddTo(rows, event.tenant_id,
          {event.bucket, event.event_id, CommitmentOf(event)});
  }
  return ListOf(std::move(rows));
}

std::vector<OutboxRow> OutboxOf(absl::Span<const IssuedVoucher* const> vouchers,
                                absl::Span<const IssuanceSeal> seals) {
  std::map<absl::string_view, OutboxRow> rows;
  for (size_t i = 0; i < vouchers.size(); ++i) {
    AddTo(rows, vouchers[i]->tenant_id,
          {vouchers[i]->bucket, vouchers[i]->audit_event_id,
           seals[i].commitment});
  }
  return ListOf(std::move(rows));
}

std::string EncodeIds(absl::Span<const LogEntry> entries) {
  std::string ids;
  ids.reserve(entries.size() * (kBucketOctets + kIdOctets));
  for (const LogEntry& entry : entries) {
    ids.push_back(static_cast<char>(entry.bucket >> 8));
    ids.push_back(static_cast<char>(entry.bucket & 0xff));
    ids += entry.event_id;
  }
  return ids;
}

std::string EncodeCommitments(absl::Span<const LogEntry> entries) {
  std::string commitments;
  commitments.reserve(entries.size() * kHashOctets);
  for (const LogEntry& entry : entries) {
    commitments += entry.commitment;
  }
  return commitments;
}

std::vector<LogEntry> DecodeEntries(const std::string& ids,
                                    const std::string& commitments) {
  constexpr size_t kOctets = kBucketOctets + kIdOctets;
  std::vector<LogEntry> entries;
  for (size_t at = 0; at + kOctets <= ids.size(); at += kOctets) {
    LogEntry& entry = entries.emplace_back();
    entry.bucket = static_cast<int16_t>(static_cast<uint8_t>(ids[at]) << 8 |
                                        static_cast<uint8_t>(ids[at + 1]));
    entry.event_id = ids.substr(at + kBucketOctets, kIdOctets);
    const size_t hash = at / kOctets * kHashOctets;
    if (hash + kHashOctets <= commitments.size()) {
      entry.commitment = commitments.substr(hash, kHashOctets);
    }
  }
  return entries;
}

}  // namespace masa::storage
