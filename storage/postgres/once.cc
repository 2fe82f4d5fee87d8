#include "storage/postgres/once.h"

#include "storage/postgres/array_parameter.h"
#include "storage/postgres/run_transaction.h"

namespace masa::storage {
namespace {

constexpr Statement kRemember = {
    "remember_request",
    "INSERT INTO request_results (tenant_id, actor, request_id, digest, "
    "result, at) VALUES ($1, $2, $3, $4::bytea, $5, $6::timestamptz) "
    "ON CONFLICT (tenant_id, actor, request_id) DO NOTHING"};

}  // namespace

bool Remember(pqxx::transaction_base& transaction,
              const std::optional<OnceKey>& key, const OnceResult& result,
              absl::Time at) {
  return !key ||
         Execute(
             transaction, kRemember, key->tenant_id, key->actor,
             key->request_id, BytesParameter(result.digest), result.result,
             absl::FormatTime("%Y-%m-%dT%H:%M:%E6SZ", at, absl::UTCTimeZone()))
                 .affected_rows() == 1;
}

}  // namespace masa::storage
