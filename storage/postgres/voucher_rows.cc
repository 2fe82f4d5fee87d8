#include "storage/postgres/voucher_rows.h"

#include <algorithm>
#include <utility>

#include "absl/time/time.h"
#include "storage/audit_event.h"
#include "storage/log_event.h"
#include "storage/postgres/array_parameter.h"
#include "storage/postgres/log_rows.h"
#include "storage/postgres/rows.h"
#include "storage/postgres/run_transaction.h"

namespace masa::storage {
namespace {

// Vouchers, their events and the claims in one statement: one round trip, and
// one commit by itself. All or nothing: to look for each key first, as an
// insert that skips what exists does, costs more than the rare repeat. Nothing
// is written, too, where a device is not what it was when its voucher was
// decided. Functions that give rows stand in the select list because each that
// stands after FROM keeps a copy of its rows.
#define MASA_INSERT_VOUCHERS(judged, changed)                                 \
  "WITH judged AS (SELECT unnest($1::smallint[]) AS bucket, "                 \
  "unnest($2::bytea[]) AS device_id, unnest($35::bigint[]) AS version" judged \
  "), changed AS (SELECT 1 FROM judged q JOIN devices d "                     \
  "ON d.bucket = q.bucket AND d.device_id = q.device_id "                     \
  "WHERE q.version > 0 AND d.version <> q.version" changed                    \
  "), written AS (INSERT INTO vouchers (bucket, device_id, request_digest, "  \
  "generation, voucher_id, audit_event_id, tenant_id, format, voucher, "      \
  "assertion, nonce, created_on, expires_on, domain_id, "                     \
  "pinned_spki_sha256, issuer_spki_sha256, signing_key, actor, request_id, "  \
  "prior_digest, who_salt) SELECT unnest($1::smallint[]), "                   \
  "unnest($2::bytea[]), "                                                     \
  "unnest($3::bytea[]), unnest($4::integer[]), unnest($5::bytea[]), "         \
  "unnest($6::bytea[]), unnest($7::text[]), unnest($8::smallint[]), "         \
  "unnest($9::bytea[]), unnest($10::smallint[]), unnest($11::text[]), "       \
  "unnest($12::timestamptz[]), unnest($13::timestamptz[]), "                  \
  "unnest($14::bytea[]), unnest($15::bytea[]), unnest($16::bytea[]), "        \
  "unnest($17::text[]), unnest($18::text[]), unnest($19::text[]), "           \
  "unnest($20::bytea[]), unnest($26::bytea[]) "                               \
  "WHERE NOT EXISTS (SELECT 1 FROM changed)), "                               \
  "told AS (INSERT INTO audit_outbox (bucket, outbox_id, tenant_id, "         \
  "event_ids, commitments) SELECT unnest($30::smallint[]), "                  \
  "unnest($31::bytea[]), unnest($32::text[]), unnest($33::bytea[]), "         \
  "unnest($34::bytea[]) WHERE NOT EXISTS (SELECT 1 FROM changed)), "          \
  "counted AS (INSERT INTO registrar_claims AS old (tenant_id, "              \
  "registrar_spki_sha256, slot, window_start, claims) "                       \
  "SELECT unnest($22::text[]), unnest($23::bytea[]), "                        \
  "pg_backend_pid() % 16, unnest($24::timestamptz[]), unnest($25::bigint[]) " \
  "WHERE NOT EXISTS (SELECT 1 FROM changed) "                                 \
  "ON CONFLICT (tenant_id, registrar_spki_sha256, slot) DO UPDATE SET "       \
  "window_start = greatest(old.window_start, excluded.window_start), "        \
  "claims = CASE WHEN excluded.window_start > old.window_start "              \
  "THEN excluded.claims WHEN excluded.window_start = old.window_start "       \
  "THEN old.claims + excluded.claims ELSE old.claims END) "                   \
  "INSERT INTO audit_events (bucket, event_id, device_id, tenant_id, kind, "  \
  "at, voucher_id, domain_id, pinned_spki_sha256, "                           \
  "issuer_spki_sha256, nonce, assertion, request_digest, salt, who_hash, "    \
  "voucher_sha256) "                                                          \
  "SELECT unnest($1::smallint[]), unnest($6::bytea[]), unnest($2::bytea[]), " \
  "unnest($7::text[]), $21::text, unnest($12::timestamptz[]), "               \
  "unnest($5::bytea[]), unnest($14::bytea[]), unnest($15::bytea[]), "         \
  "unnest($16::bytea[]), unnest($11::text[]), unnest($10::smallint[]), "      \
  "unnest($3::bytea[]), unnest($27::bytea[]), unnest($28::bytea[]), "         \
  "unnest($29::bytea[]) WHERE NOT EXISTS (SELECT 1 FROM changed)"

constexpr Statement kInsert = {"insert_vouchers", MASA_INSERT_VOUCHERS("", "")};

// Where some are to be alone: who comes second waits for the first's commit
// here, and finds another version. For a transaction, which takes back what it
// did to some where it could not to all.
constexpr Statement kInsertAlone = {
    "insert_vouchers_alone",
    MASA_INSERT_VOUCHERS(
        ", unnest($36::boolean[]) AS alone), taken AS (UPDATE devices d "
        "SET version = d.version + 1 FROM judged q WHERE q.alone "
        "AND d.bucket = q.bucket AND d.device_id = q.device_id "
        "AND d.version = q.version RETURNING 1",
        " UNION ALL SELECT 1 WHERE (SELECT count(*) FROM taken) < "
        "(SELECT count(*) FROM judged q WHERE q.alone)")};

constexpr Statement kReadByKey = {
    "vouchers_by_key",
    "SELECT " MASA_VOUCHER_COLUMNS("v") " FROM unnest($1::smallint[], "
    "$2::bytea[], $3::bytea[], $4::integer[]) AS q(bucket, device_id, "
    "request_digest, generation) JOIN vouchers v USING (bucket, device_id, "
    "request_digest, generation)"};

// The four arrays of the primary key.
struct KeyArrays {
  SmallintArray buckets;
  BytesArray devices, digests;
  IntegerArray generations;

  // Of values or of references, as KeyOf gives.
  template <typename Key>
  void Add(const Key& key) {
    buckets.Add(std::get<0>(key));
    devices.Add(std::get<1>(key));
    digests.Add(std::get<2>(key));
    generations.Add(std::get<3>(key));
  }
};

// The arrays of the other columns, in the order of the table.
struct ValueArrays {
  SmallintArray formats, assertions;
  BytesArray ids, events, vouchers, domains, pinned, issuers, priors;
  TextArray tenants, nonces, keys, actors, requests;
  TimeArray created, expires;

  void Add(const IssuedVoucher& voucher) {
    ids.Add(voucher.voucher_id);
    events.Add(voucher.audit_event_id);
    tenants.Add(voucher.tenant_id);
    formats.Add(voucher.format);
    vouchers.Add(voucher.voucher);
    assertions.Add(voucher.assertion);
    nonces.Add(voucher.nonce);
    created.Add(voucher.created_on);
    expires.Add(voucher.expires_on);
    domains.Add(voucher.domain_id);
    pinned.Add(voucher.pinned_spki_sha256);
    issuers.Add(voucher.issuer_spki_sha256);
    keys.Add(voucher.signing_key);
    actors.Add(voucher.actor);
    requests.Add(voucher.request_id);
    priors.Add(voucher.prior_digest);
  }
};

// What the devices were.
struct JudgedArrays {
  BigintArray versions;
  BooleanArray alone;

  void Add(const IssuedVoucher& voucher) {
    versions.Add(voucher.device_version);
    alone.Add(voucher.is_alone);
  }
};

// What the log of events commits to of each.
struct LogArrays {
  BytesArray who_salts, salts, who_hashes, digests;

  void Add(const IssuanceSeal& seal) {
    who_salts.Add(seal.who_salt);
    salts.Add(seal.salt);
    who_hashes.Add(seal.who_hash);
    digests.Add(seal.voucher_sha256);
  }
};

// The claims of each tenant's registrars in the newest of their windows, in the
// order in which every batch locks their rows.
class Claims {
 public:
  void Add(const IssuedVoucher& voucher) {
    if (!voucher.claim_window) {
      return;
    }
    auto& [window, count] =
        counts_[{voucher.tenant_id, voucher.registrar_spki_sha256}];
    if (count == 0 || *voucher.claim_window > window) {
      window = *voucher.claim_window;
      count = 0;
    }
    count += *voucher.claim_window == window ? 1 : 0;
  }

  struct Arrays {
    TextArray tenants;
    BytesArray registrars;
    TimeArray windows;
    BigintArray counts;
  };
  Arrays Finish() const {
    Arrays arrays;
    for (const auto& [registrar, claims] : counts_) {
      arrays.tenants.Add(registrar.first);
      arrays.registrars.Add(registrar.second);
      arrays.windows.Add(claims.first);
      arrays.counts.Add(claims.second);
    }
    return arrays;
  }

 private:
  std::map<std::pair<std::string, std::string>, std::pair<absl::Time, int64_t>>
      counts_;
};

// All that one statement writes.
struct RowArrays {
  explicit RowArrays(absl::Span<const IssuedVoucher* const> vouchers)
      : RowArrays(vouchers, SealAll(vouchers)) {}
  RowArrays(absl::Span<const IssuedVoucher* const> vouchers,
            const std::vector<IssuanceSeal>& seals)
      : outbox(OutboxOf(vouchers, seals)) {
    Claims counted;
    for (size_t i = 0; i < vouchers.size(); ++i) {
      keys.Add(KeyOf(*vouchers[i]));
      values.Add(*vouchers[i]);
      judged.Add(*vouchers[i]);
      log.Add(seals[i]);
      counted.Add(*vouchers[i]);
    }
    claims = counted.Finish();
  }

  KeyArrays keys;
  ValueArrays values;
  JudgedArrays judged;
  LogArrays log;
  Claims::Arrays claims;
  OutboxArrays outbox;
};

template <typename... More>
pqxx::result Insert(pqxx::transaction_base& transaction,
                    const Statement& statement, const RowArrays& rows,
                    const More&... more) {
  const auto& [k, v, j, l, c, o] = rows;
  return Execute(transaction, statement, k.buckets.Finish(), k.devices.Finish(),
                 k.digests.Finish(), k.generations.Finish(), v.ids.Finish(),
                 v.events.Finish(), v.tenants.Finish(), v.formats.Finish(),
                 v.vouchers.Finish(), v.assertions.Finish(), v.nonces.Finish(),
                 v.created.Finish(), v.expires.Finish(), v.domains.Finish(),
                 v.pinned.Finish(), v.issuers.Finish(), v.keys.Finish(),
                 v.actors.Finish(), v.requests.Finish(), v.priors.Finish(),
                 std::string(kVoucherIssued), c.tenants.Finish(),
                 c.registrars.Finish(), c.windows.Finish(), c.counts.Finish(),
                 l.who_salts.Finish(), l.salts.Finish(), l.who_hashes.Finish(),
                 l.digests.Finish(), o.buckets.Finish(), o.ids.Finish(),
                 o.tenants.Finish(), o.event_ids.Finish(),
                 o.commitments.Finish(), j.versions.Finish(), more...);
}

}  // namespace

bool AreAlone(absl::Span<const IssuedVoucher* const> vouchers) {
  return std::any_of(vouchers.begin(), vouchers.end(),
                     [](const IssuedVoucher* one) { return one->is_alone; });
}

bool InsertVouchers(pqxx::transaction_base& transaction,
                    absl::Span<const IssuedVoucher* const> vouchers) {
  const RowArrays rows(vouchers);
  const pqxx::result inserted =
      AreAlone(vouchers)
          ? Insert(transaction, kInsertAlone, rows, rows.judged.alone.Finish())
          : Insert(transaction, kInsert, rows);
  return inserted.affected_rows() > 0;
}

std::map<VoucherKey, IssuedVoucher> ReadVouchers(
    pqxx::transaction_base& transaction, absl::Span<const VoucherKey> keys) {
  KeyArrays k;
  for (const VoucherKey& key : keys) {
    k.Add(key);
  }
  std::map<VoucherKey, IssuedVoucher> vouchers;
  for (const pqxx::row& row :
       Execute(transaction, kReadByKey, k.buckets.Finish(), k.devices.Finish(),
               k.digests.Finish(), k.generations.Finish())) {
    IssuedVoucher voucher = ReadVoucher(row, 0);
    vouchers[KeyOf(voucher)] = std::move(voucher);
  }
  return vouchers;
}

}  // namespace masa::storage
