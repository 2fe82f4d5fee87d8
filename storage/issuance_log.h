// The promise that matters most: a voucher and its audit event are stored
// together or not at all (VI-17). Implementations are thread-safe and block.
#ifndef STORAGE_ISSUANCE_LOG_H_
#define STORAGE_ISSUANCE_LOG_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "proto/masa/v1/policy.pb.h"
#include "services/observe/request_context.h"

namespace masa::storage {

// A voucher with everything its audit event says. Ids are UUIDv7 octets made
// by the application.
struct IssuedVoucher {
  std::string voucher_id;      // 16 octets
  std::string audit_event_id;  // 16 octets
  std::string tenant_id;
  std::string device_id;  // 16 octets
  int16_t bucket = 0;
  // SHA-256 of the request artifact; of request_id or of the fresh voucher_id
  // when no artifact came. Unique per device and generation.
  std::string request_digest;
  int32_t generation = 0;
  masa::v1::Format format = masa::v1::FORMAT_UNSPECIFIED;
  std::string voucher;  // the artifact's octets; see IsKept
  masa::v1::Assertion assertion = masa::v1::ASSERTION_UNSPECIFIED;
  std::optional<std::string> nonce;  // as the request wrote it
  absl::Time created_on;
  std::optional<absl::Time> expires_on;
  std::string domain_id;           // octets, RFC 8995 section 5.8.2
  std::string pinned_spki_sha256;  // 32 octets: the owner's key (PN-14)
  // SHA-256 of the SPKI of the pinned certificate's issuer as verified in the
  // request's chain, when an end entity was pinned (AMB-13). Else empty.
  std::string issuer_spki_sha256;
  std::string signing_key;
  std::string actor;  // who asked: registrar SPKI hash or operator
  std::string request_id;
  std::string prior_digest;  // of the pledge's request; empty: none
  // Counted with the voucher, not read back: whose claim it is, and in which
  // window, where a limit asks for it (SE-01).
  std::string registrar_spki_sha256;  // 32 octets
  std::optional<absl::Time> claim_window;
  // Of the device for which it was decided (Device::version); zero: whichever
  // it is. Not read back, as the next.
  int64_t device_version = 0;
  // Rules looked at the device's other vouchers, so that of two that were
  // decided at once one is stored.
  bool is_alone = false;

  // False when retention has cleared the octets and who asked (SE-08).
  bool IsKept() const { return !voucher.empty(); }
};

struct Committed {
  IssuedVoucher voucher;  // what is stored, which is what may be released
  bool replayed = false;  // another replica had stored this generation first
};

// Of which device, and for which domain, rules look at vouchers.
struct RulesQuestion {
  int16_t bucket = 0;
  std::string device_id;                       // 16 octets
  std::vector<std::string> chain_spki_sha256;  // the registrar's key first
  std::string prior_digest = {};  // of the pledge's request; empty: not asked
};

// What stands for all vouchers of a device (RFC 8995 section 5.8.1).
struct IssuanceSummary {
  struct Entry {
    IssuedVoucher newest;  // of its domain_id, with nonce or without
    uint64_t older = 0;    // those like it
  };
  std::vector<Entry> entries;  // newest first
  // Of all entries, also those that are not listed.
  uint64_t older_nonced = 0;
  uint64_t older_nonceless = 0;
  uint64_t unlisted = 0;  // entries
};

class IssuanceLog {
 public:
  virtual ~IssuanceLog() = default;

  // Durable on return. Item i of the answer belongs to voucher i; a bad row
  // fails alone. When (device, request_digest, generation) exists already,
  // nothing is written and the stored voucher is returned with `replayed`; else
  // the voucher that was given comes back in its outcome. kStoreUnavailable
  // when it is not known to be stored: then the bytes must not be released.
  // kStoreConflict when the device is not the one any more for which it was
  // decided, or another voucher of it came first that counts: nothing is
  // written, and who decides again on what is there now may have one.
  virtual std::vector<absl::StatusOr<Committed>> Commit(
      const RequestContext& context, std::vector<IssuedVoucher> vouchers) = 0;

  // Events of issuance for one device, newest first, at most `limit`.
  virtual absl::StatusOr<std::vector<IssuedVoucher>> ListForDevice(
      const RequestContext& context, int16_t bucket,
      const std::string& device_id, int limit) = 0;

  // Of a device's vouchers those that rules look at, newest first and each
  // once: the domain's newest, its newest without nonce, the others' newest,
  // of theirs the newest with `prior_digest`, and the first of all. However
  // many vouchers others got, none of these goes missing. The domain's are
  // those that pin a key of its chain, or a key whose issuer is the
  // registrar's (AMB-13). Of each: ids, times, whose it is, nonce, assertion
  // and prior_digest. kStoreUnavailable.
  virtual absl::StatusOr<std::vector<IssuedVoucher>> ReadForRules(
      const RequestContext& context, const RulesQuestion& question) = 0;

  // The newest voucher of each domain_id with nonce and without, newest first,
  // at most `limit`, which is positive, with how many are left out; of each
  // what ReadForRules tells. kStoreUnavailable.
  virtual absl::StatusOr<IssuanceSummary> Summarize(
      const RequestContext& context, int16_t bucket,
      const std::string& device_id, int limit) = 0;
};

}  // namespace masa::storage

#endif  // STORAGE_ISSUANCE_LOG_H_
