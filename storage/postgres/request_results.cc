#include "storage/postgres/request_results.h"

#include <pqxx/result>

#include "storage/postgres/array_parameter.h"
#include "storage/postgres/rows.h"
#include "storage/postgres/run_transaction.h"
#include "storage/record_checks.h"

namespace masa::storage {
namespace {

constexpr Statement kRemember = {
    "remember_request",
    "INSERT INTO request_results (tenant_id, actor, request_id, digest, "
    "result, at) VALUES ($1, $2, $3, $4::bytea, $5, $6::timestamptz) "
    "ON CONFLICT (tenant_id, actor, request_id) DO NOTHING"};

constexpr Statement kRecall = {
    "recall_request",
    "SELECT digest, result FROM request_results WHERE tenant_id = $1 "
    "AND actor = $2 AND request_id = $3"};

}  // namespace

bool RememberResult(pqxx::transaction_base& transaction,
                    const std::optional<OnceKey>& key, const OnceResult& result,
                    absl::Time at) {
  return !key ||
         Execute(
             transaction, kRemember, key->tenant_id, key->actor,
             key->request_id, BytesParameter(result.digest), result.result,
             absl::FormatTime("%Y-%m-%dT%H:%M:%E6SZ", at, absl::UTCTimeZone()))
                 .affected_rows() == 1;
}

bool RememberOrder(pqxx::transaction_base& transaction,
                   const std::optional<OnceOrder>& once, absl::Time at) {
  return !once ||
         RememberResult(transaction, once->key, {once->digest, ""}, at);
}

std::optional<OnceResult> RecallResult(pqxx::transaction_base& transaction,
                                       const OnceKey& key) {
  if (!IsStorableText(key.actor) || !IsStorableText(key.request_id)) {
    return std::nullopt;
  }
  const pqxx::result rows =
      Execute(transaction, kRecall, key.tenant_id, key.actor, key.request_id);
  if (rows.empty()) {
    return std::nullopt;
  }
  return OnceResult{ReadBytes(rows[0][0]), rows[0][1].as<std::string>()};
}

}  // namespace masa::storage
