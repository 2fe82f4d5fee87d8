#include "storage/postgres/postgres_issuance_log.h"

#include <algorithm>
#include <map>
#include <set>
#include <tuple>
#include <utility>

#include "services/status/macros.h"
#include "services/status/reason.h"
#include "storage/audit_event.h"
#include "storage/postgres/array_text.h"
#include "storage/postgres/rows.h"
#include "storage/postgres/run_transaction.h"
#include "storage/record_checks.h"

namespace masa::storage {
namespace {

constexpr size_t kMostRows = 256;

// Both inserts in one statement: one round trip, and one commit by itself.
// Of a key that exists already nothing is written and nothing returned.
constexpr Statement kInsert = {
    "insert_vouchers",
    "WITH input AS (SELECT * FROM unnest($1::smallint[], $2::bytea[], "
    "$3::bytea[], $4::integer[], $5::bytea[], $6::bytea[], $7::text[], "
    "$8::smallint[], $9::bytea[], $10::smallint[], $11::text[], "
    "$12::timestamptz[], $13::timestamptz[], $14::bytea[], $15::bytea[], "
    "$16::bytea[], $17::text[], $18::text[], $19::text[], $20::bytea[], "
    "$22::bytea[], $23::timestamptz[]) "
    "AS t(bucket, "
    "device_id, request_digest, generation, voucher_id, audit_event_id, "
    "tenant_id, format, voucher, assertion, nonce, created_on, expires_on, "
    "domain_id, pinned_spki_sha256, issuer_spki_sha256, signing_key, actor, "
    "request_id, prior_digest, registrar, claim_window)), "
    "written AS (INSERT INTO vouchers (bucket, device_id, request_digest, "
    "generation, voucher_id, audit_event_id, tenant_id, format, voucher, "
    "assertion, nonce, created_on, expires_on, domain_id, "
    "pinned_spki_sha256, issuer_spki_sha256, signing_key, actor, request_id, "
    "prior_digest) "
    "SELECT bucket, device_id, request_digest, "
    "generation, voucher_id, audit_event_id, tenant_id, format, voucher, "
    "assertion, nonce, created_on, expires_on, domain_id, "
    "pinned_spki_sha256, issuer_spki_sha256, signing_key, actor, request_id, "
    "prior_digest FROM input "
    "ON CONFLICT (bucket, device_id, request_digest, generation) DO NOTHING "
    "RETURNING bucket, audit_event_id, device_id, tenant_id, created_on, "
    "voucher_id, domain_id, pinned_spki_sha256, "
    "issuer_spki_sha256, nonce, assertion, request_digest), "
    "counted AS (INSERT INTO registrar_claims AS old (tenant_id, "
    "registrar_spki_sha256, slot, window_start, claims) "
    "SELECT i.tenant_id, i.registrar, pg_backend_pid() % 16, "
    "max(i.claim_window), count(*) FROM input i JOIN written USING "
    "(voucher_id) WHERE i.claim_window IS NOT NULL GROUP BY 1, 2 ORDER BY 1, 2 "
    "ON CONFLICT (tenant_id, registrar_spki_sha256, slot) DO UPDATE SET "
    "window_start = greatest(old.window_start, excluded.window_start), "
    "claims = CASE WHEN excluded.window_start > old.window_start "
    "THEN excluded.claims WHEN excluded.window_start = old.window_start "
    "THEN old.claims + excluded.claims ELSE old.claims END) "
    "INSERT INTO audit_events (bucket, event_id, device_id, tenant_id, kind, "
    "at, voucher_id, domain_id, pinned_spki_sha256, "
    "issuer_spki_sha256, nonce, assertion, request_digest) "
    "SELECT bucket, audit_event_id, device_id, tenant_id, $21::text, "
    "created_on, voucher_id, domain_id, "
    "pinned_spki_sha256, issuer_spki_sha256, nonce, assertion, "
    "request_digest FROM written RETURNING voucher_id"};

constexpr Statement kReadByKey = {
    "vouchers_by_key",
    "SELECT " MASA_VOUCHER_COLUMNS("v") " FROM unnest($1::smallint[], "
    "$2::bytea[], $3::bytea[], $4::integer[]) AS q(bucket, device_id, "
    "request_digest, generation) JOIN vouchers v USING (bucket, device_id, "
    "request_digest, generation)"};

constexpr Statement kReadByDevice = {
    "vouchers_by_device",
    "SELECT " MASA_VOUCHER_COLUMNS("v") " FROM vouchers v "
    "WHERE v.bucket = $1 AND v.device_id = $2::bytea "
    "ORDER BY v.created_on DESC, v.voucher_id DESC LIMIT $3"};

using Key = std::tuple<int16_t, std::string, std::string, int32_t>;

Key KeyOf(const IssuedVoucher& voucher) {
  return {voucher.bucket, voucher.device_id, voucher.request_digest,
          voucher.generation};
}

// The four arrays of the primary key.
struct KeyArrays {
  ArrayText buckets, devices, digests, generations;

  void Add(const IssuedVoucher& voucher) {
    buckets.AddInteger(voucher.bucket);
    devices.AddBytes(voucher.device_id);
    digests.AddBytes(voucher.request_digest);
    generations.AddInteger(voucher.generation);
  }
};

// The arrays of the other columns, in the order of the table.
struct ValueArrays {
  ArrayText ids, events, tenants, formats, vouchers, assertions, nonces,
      created, expires, domains, pinned, issuers, keys, actors, requests,
      priors, registrars, windows;

  void Add(const IssuedVoucher& voucher) {
    ids.AddBytes(voucher.voucher_id);
    events.AddBytes(voucher.audit_event_id);
    tenants.AddText(voucher.tenant_id);
    formats.AddInteger(voucher.format);
    vouchers.AddBytes(voucher.voucher);
    assertions.AddInteger(voucher.assertion);
    nonces.AddOptionalText(voucher.nonce);
    created.AddTime(voucher.created_on);
    expires.AddOptionalTime(voucher.expires_on);
    domains.AddBytes(voucher.domain_id);
    pinned.AddBytes(voucher.pinned_spki_sha256);
    issuers.AddBytes(voucher.issuer_spki_sha256);
    keys.AddText(voucher.signing_key);
    actors.AddText(voucher.actor);
    requests.AddText(voucher.request_id);
    priors.AddBytes(voucher.prior_digest);
    registrars.AddBytes(voucher.registrar_spki_sha256);
    windows.AddOptionalTime(voucher.claim_window);
  }
};

pqxx::result Insert(pqxx::transaction_base& transaction, const KeyArrays& k,
                    const ValueArrays& v) {
  return Execute(transaction, kInsert, k.buckets.Finish(), k.devices.Finish(),
                 k.digests.Finish(), k.generations.Finish(), v.ids.Finish(),
                 v.events.Finish(), v.tenants.Finish(), v.formats.Finish(),
                 v.vouchers.Finish(), v.assertions.Finish(), v.nonces.Finish(),
                 v.created.Finish(), v.expires.Finish(), v.domains.Finish(),
                 v.pinned.Finish(), v.issuers.Finish(), v.keys.Finish(),
                 v.actors.Finish(), v.requests.Finish(), v.priors.Finish(),
                 std::string(kVoucherIssued), v.registrars.Finish(),
                 v.windows.Finish());
}

}  // namespace

struct PostgresIssuanceLog::Row {
  const IssuedVoucher* voucher = nullptr;
  absl::StatusOr<Committed>* outcome = nullptr;
  bool inserted = false;
};

std::unique_ptr<PostgresIssuanceLog> PostgresIssuanceLog::New(
    ConnectionPool* pool) {
  return std::unique_ptr<PostgresIssuanceLog>(new PostgresIssuanceLog(pool));
}

PostgresIssuanceLog::PostgresIssuanceLog(ConnectionPool* pool) : pool_(pool) {}

std::vector<absl::StatusOr<Committed>> PostgresIssuanceLog::Commit(
    const RequestContext& context, absl::Span<const IssuedVoucher> vouchers) {
  std::vector<absl::StatusOr<Committed>> outcomes(vouchers.size());
  std::vector<Row> rows;
  for (size_t i = 0; i < vouchers.size(); ++i) {
    const absl::Status checked = CheckVoucher(vouchers[i]);
    if (checked.ok()) {
      rows.push_back({&vouchers[i], &outcomes[i]});
    } else {
      outcomes[i] = checked;
    }
  }
  // Two batches that share keys lock them in the same order. Stable: the
  // first of two equal items is the one that is stored.
  std::stable_sort(rows.begin(), rows.end(), [](const Row& a, const Row& b) {
    return KeyOf(*a.voucher) < KeyOf(*b.voucher);
  });
  absl::Span<Row> rest = absl::MakeSpan(rows);
  while (!rest.empty()) {
    CommitRows(context, rest.subspan(0, kMostRows));
    rest.remove_prefix(std::min(rest.size(), kMostRows));
  }
  return outcomes;
}

void PostgresIssuanceLog::CommitRows(const RequestContext& context,
                                     absl::Span<Row> rows) {
  KeyArrays keys;
  ValueArrays values;
  for (const Row& row : rows) {
    keys.Add(*row.voucher);
    values.Add(*row.voucher);
  }
  std::set<std::string> inserted;
  absl::Status status = RunTransaction(
      *pool_, context, TransactionKind::kOneStatement,
      [&](pqxx::transaction_base& transaction) {
        inserted.clear();
        for (const pqxx::row& row : Insert(transaction, keys, values)) {
          inserted.insert(ReadBytes(row[0]));
        }
        return absl::OkStatus();
      });
  if (RefusesARow(status) && rows.size() > 1) {
    const size_t half = rows.size() / 2;
    CommitRows(context, rows.subspan(0, half));
    CommitRows(context, rows.subspan(half));
    return;
  }
  for (Row& row : rows) {
    row.inserted = inserted.erase(row.voucher->voucher_id) > 0;
    if (row.inserted) {
      *row.outcome = Committed{*row.voucher, false};
    }
  }
  if (status.ok()) {
    status = AnswerRepeats(context, rows);
  }
  for (Row& row : rows) {
    if (!status.ok() && !row.inserted) {
      *row.outcome = status;
    }
  }
}

absl::Status PostgresIssuanceLog::AnswerRepeats(const RequestContext& context,
                                                absl::Span<Row> rows) {
  KeyArrays keys;
  bool any = false;
  for (const Row& row : rows) {
    if (!row.inserted) {
      keys.Add(*row.voucher);
      any = true;
    }
  }
  if (!any) {
    return absl::OkStatus();
  }
  std::map<Key, IssuedVoucher> stored;
  MASA_RETURN_IF_ERROR(RunTransaction(
      *pool_, context, TransactionKind::kOneStatement,
      [&](pqxx::transaction_base& transaction) {
        const pqxx::result found =
            Execute(transaction, kReadByKey, keys.buckets.Finish(),
                    keys.devices.Finish(), keys.digests.Finish(),
                    keys.generations.Finish());
        for (const pqxx::row& row : found) {
          IssuedVoucher voucher = ReadVoucher(row, 0);
          stored[KeyOf(voucher)] = std::move(voucher);
        }
        return absl::OkStatus();
      }));
  for (Row& row : rows) {
    const auto found = stored.find(KeyOf(*row.voucher));
    if (!row.inserted && found != stored.end()) {
      *row.outcome = Committed{found->second, true};
    } else if (!row.inserted) {
      *row.outcome =
          Refuse(Reason::kStoreConflict, "the stored voucher is gone");
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<IssuedVoucher>> PostgresIssuanceLog::ListForDevice(
    const RequestContext& context, int16_t bucket, const std::string& device_id,
    int limit) {
  std::vector<IssuedVoucher> vouchers;
  MASA_RETURN_IF_ERROR(
      RunTransaction(*pool_, context, TransactionKind::kOneStatement,
                     [&](pqxx::transaction_base& transaction) {
                       vouchers.clear();
                       const pqxx::result found =
                           Execute(transaction, kReadByDevice, bucket,
                                   BytesText(device_id), std::max(limit, 0));
                       for (const pqxx::row& row : found) {
                         vouchers.push_back(ReadVoucher(row, 0));
                       }
                       return absl::OkStatus();
                     }));
  return vouchers;
}

}  // namespace masa::storage
