#include "storage/log_event.h"

#include <map>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "openssl/rand.h"
#include "openssl/sha.h"

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

// RFC 8785 section 3.2.2.2: nothing is escaped that need not be.
void AppendText(absl::string_view text, std::string& json) {
  constexpr absl::string_view kShort = "\b\t\n\f\r\"\\";
  constexpr absl::string_view kLetters = "btnfr\"\\";
  json.push_back('"');
  for (const char c : text) {
    const size_t at = kShort.find(c);
    if (at != absl::string_view::npos) {
      json.push_back('\\');
      json.push_back(kLetters[at]);
    } else if (static_cast<uint8_t>(c) < 0x20) {
      absl::StrAppendFormat(&json, "\\u%04x", c);
    } else {
      json.push_back(c);
    }
  }
  json.push_back('"');
}

// Members in the order in which they are added.
class JsonObject {
 public:
  void AddNumber(absl::string_view name, int value) {
    Name(name);
    absl::StrAppend(&json_, value);
  }
  void AddText(absl::string_view name, absl::string_view text) {
    Name(name);
    AppendText(text, json_);
  }
  void AddOctets(absl::string_view name, absl::string_view octets) {
    if (!octets.empty()) {
      AddText(name, absl::BytesToHexString(octets));
    }
  }
  std::string Finish() { return json_ + "}"; }

 private:
  void Name(absl::string_view name) {
    absl::StrAppend(&json_, json_.empty() ? "{\"" : ",\"", name, "\":");
  }

  std::string json_;
};

}  // namespace

std::string NewSalt() {
  std::string salt(kSaltOctets, '\0');
  RAND_bytes(reinterpret_cast<uint8_t*>(salt.data()), salt.size());
  return salt;
}

std::string HashOfWho(const Who& who) {
  if (who.salt.empty()) {
    return "";
  }
  std::string length;
  for (int shift = 24; shift >= 0; shift -= 8) {
    length.push_back(static_cast<char>(who.actor.size() >> shift));
  }
  return Sha256()
      .Add(who.salt)
      .Add(length)
      .Add(who.actor)
      .Add(who.request_id)
      .Finish();
}

std::string CanonicalEvent(const LogEvent& event) {
  JsonObject json;
  if (event.assertion != 0) {
    json.AddNumber("assertion", event.assertion);
  }
  json.AddText("at", absl::FormatTime("%Y-%m-%dT%H:%M:%E6SZ", event.at,
                                      absl::UTCTimeZone()));
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

std::string CommitmentOf(const LogEvent& event) {
  return Sha256().Add(event.salt).Add(CanonicalEvent(event)).Finish();
}

LogEvent LogEventOf(const IssuedVoucher& voucher) {
  LogEvent event;
  event.bucket = voucher.bucket;
  event.event_id = voucher.audit_event_id;
  event.tenant_id = voucher.tenant_id;
  event.device_id = voucher.device_id;
  event.kind = kVoucherIssued;
  event.at = absl::FromUnixMicros(absl::ToUnixMicros(voucher.created_on));
  event.voucher_id = voucher.voucher_id;
  event.voucher_sha256 = Sha256().Add(voucher.voucher).Finish();
  event.domain_id = voucher.domain_id;
  event.pinned_spki_sha256 = voucher.pinned_spki_sha256;
  event.issuer_spki_sha256 = voucher.issuer_spki_sha256;
  event.request_digest = voucher.request_digest;
  event.nonce = voucher.nonce;
  event.assertion = voucher.assertion;
  event.salt = NewSalt();
  event.who = {voucher.actor, voucher.request_id, NewSalt()};
  event.who_hash = HashOfWho(event.who);
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
  std::map<std::string, OutboxRow> rows;
  for (const LogEvent& event : events) {
    OutboxRow& row = rows[event.tenant_id];
    if (row.entries.empty()) {
      row.bucket = event.bucket;
      row.outbox_id = event.event_id;
      row.tenant_id = event.tenant_id;
    }
    row.entries.push_back({event.bucket, event.event_id, CommitmentOf(event)});
  }
  std::vector<OutboxRow> list;
  for (auto& [tenant_id, row] : rows) {
    list.push_back(std::move(row));
  }
  return list;
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
