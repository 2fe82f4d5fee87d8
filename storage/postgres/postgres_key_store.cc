#include "storage/postgres/postgres_key_store.h"

#include <optional>

#include "services/status/macros.h"
#include "storage/key_rules.h"
#include "storage/postgres/array_parameter.h"
#include "storage/postgres/history_rows.h"
#include "storage/postgres/request_results.h"
#include "storage/postgres/rows.h"
#include "storage/postgres/run_transaction.h"
#include "storage/record_checks.h"

namespace masa::storage {
namespace {

constexpr Statement kRead = {
    "read_key_versions",
    "SELECT key, version, tenant_id, spki, chain, "
    "(extract(epoch FROM created_at) * 1000000)::bigint, "
    "(extract(epoch FROM not_before) * 1000000)::bigint, "
    "(extract(epoch FROM retired_at) * 1000000)::bigint, revision, "
    "(extract(epoch FROM destroy_asked_at) * 1000000)::bigint, "
    "destroy_asked_by, "
    "(extract(epoch FROM destroyed_at) * 1000000)::bigint "
    "FROM key_versions ORDER BY key, version"};

constexpr Statement kInsert = {
    "insert_key_version",
    "INSERT INTO key_versions (key, version, tenant_id, spki, chain, "
    "created_at, not_before, retired_at, destroy_asked_at, destroy_asked_by, "
    "destroyed_at, revision) "
    "VALUES ($1, $2, $3, $4::bytea, $5::bytea, $6::timestamptz, "
    "$7::timestamptz, $8::timestamptz, $9::timestamptz, $10, "
    "$11::timestamptz, 1) "
    "ON CONFLICT (key, version) DO NOTHING"};

constexpr Statement kReplace = {
    "replace_key_version",
    "UPDATE key_versions SET spki = $4::bytea, chain = $5::bytea, "
    "created_at = $6::timestamptz, not_before = $7::timestamptz, "
    "retired_at = $8::timestamptz, destroy_asked_at = $9::timestamptz, "
    "destroy_asked_by = $10, destroyed_at = $11::timestamptz, "
    "revision = revision + 1 "
    "WHERE key = $1 AND version = $2 AND tenant_id = $3 AND revision = $12"};

std::string Text(absl::Time time) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%E6SZ", time, absl::UTCTimeZone());
}

std::optional<std::string> Text(const std::optional<absl::Time>& time) {
  return time ? std::optional(Text(*time)) : std::nullopt;
}

std::optional<absl::Time> TimeIn(const pqxx::field& micros) {
  return micros.is_null()
             ? std::nullopt
             : std::optional(absl::FromUnixMicros(micros.as<int64_t>()));
}

KeyVersion ReadVersion(const pqxx::row& row) {
  KeyVersion version;
  version.key = row[0].as<std::string>();
  version.version = row[1].as<int32_t>();
  version.tenant_id = row[2].as<std::string>();
  version.spki_der = ReadBytes(row[3]);
  version.chain_der = SplitChain(ReadBytes(row[4]));
  version.created_at = absl::FromUnixMicros(row[5].as<int64_t>());
  version.not_before = TimeIn(row[6]);
  version.retired_at = TimeIn(row[7]);
  version.revision = row[8].as<int64_t>();
  version.destroy_asked_at = TimeIn(row[9]);
  version.destroy_asked_by = row[10].as<std::string>();
  version.destroyed_at = TimeIn(row[11]);
  return version;
}

std::vector<KeyVersion> ReadAll(pqxx::transaction_base& transaction) {
  std::vector<KeyVersion> versions;
  for (const pqxx::row& row : Execute(transaction, kRead)) {
    versions.push_back(ReadVersion(row));
  }
  return versions;
}

// Keys are few. What is read here is what is replaced: a change in between
// counts the revision up, and then nothing is replaced.
std::optional<KeyVersion> ReadOne(pqxx::transaction_base& transaction,
                                  const KeyVersion& named) {
  for (KeyVersion& version : ReadAll(transaction)) {
    if (version.key == named.key && version.version == named.version) {
      return std::move(version);
    }
  }
  return std::nullopt;
}

// False when the stored record is not the one that is to be replaced.
bool Write(pqxx::transaction_base& transaction, const KeyVersion& v) {
  const std::optional<std::string> times[] = {
      Text(v.not_before), Text(v.retired_at), Text(v.destroy_asked_at),
      Text(v.destroyed_at)};
  const auto at = [&times](size_t i) -> const char* {
    return times[i] ? times[i]->c_str() : nullptr;
  };
  const auto execute = [&](const Statement& statement, auto... revision) {
    return Execute(transaction, statement, v.key, v.version, v.tenant_id,
                   BytesParameter(v.spki_der),
                   BytesParameter(JoinChain(v.chain_der)), Text(v.created_at),
                   at(0), at(1), at(2), v.destroy_asked_by, at(3), revision...);
  };
  const pqxx::result done =
      v.revision == 0 ? execute(kInsert) : execute(kReplace, v.revision);
  return done.affected_rows() == 1;
}

}  // namespace

std::unique_ptr<PostgresKeyStore> PostgresKeyStore::New(ConnectionPool* pool) {
  return std::unique_ptr<PostgresKeyStore>(new PostgresKeyStore(pool));
}

absl::StatusOr<std::vector<KeyVersion>> PostgresKeyStore::ReadKeys(
    const RequestContext& context) {
  std::vector<KeyVersion> versions;
  MASA_RETURN_IF_ERROR(
      RunTransaction(*pool_, context, TransactionKind::kOneStatement,
                     [&versions](pqxx::transaction_base& transaction) {
                       versions.clear();
                       versions = ReadAll(transaction);
                       return absl::OkStatus();
                     }));
  return versions;
}

absl::Status PostgresKeyStore::WriteKey(const RequestContext& context,
                                        const std::string& actor, absl::Time at,
                                        const KeyChange& change) {
  MASA_RETURN_IF_ERROR(CheckKeyVersion(change.after));
  return RunTransaction(
      *pool_, context, TransactionKind::kManyStatements,
      [&](pqxx::transaction_base& transaction) -> absl::Status {
        if (!RememberOrder(transaction, change.once, at)) {
          return RequestIsKnown();
        }
        const auto before = ReadOne(transaction, change.after);
        if (!Write(transaction, change.after)) {
          return KeyHasChanged();
        }
        InsertEvents(transaction,
                     {KeyEvent(change, before, actor, at, context.request_id)});
        return absl::OkStatus();
      });
}

}  // namespace masa::storage
