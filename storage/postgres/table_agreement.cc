#include "storage/postgres/table_agreement.h"

#include "absl/strings/str_cat.h"
#include "services/status/macros.h"
#include "services/status/reason.h"
#include "storage/postgres/run_transaction.h"

namespace masa::storage {
namespace {

constexpr Statement kCompare = {
    "compare_tables",
    "SELECT (SELECT count(*) FROM audit_events), "
    "(SELECT coalesce(sum(size), 0)::bigint FROM audit_heads), "
    "(SELECT coalesce(sum(octet_length(event_ids) / 18.0), 0)::bigint "
    "FROM audit_outbox), "
    "(SELECT count(*) FROM vouchers v WHERE NOT EXISTS ("
    "SELECT 1 FROM audit_events e WHERE e.bucket = v.bucket "
    "AND e.event_id = v.audit_event_id AND e.voucher_id = v.voucher_id)), "
    "(SELECT count(*) FROM audit_events e WHERE e.voucher_id IS NOT NULL "
    "AND NOT EXISTS (SELECT 1 FROM vouchers v WHERE v.bucket = e.bucket "
    "AND v.device_id = e.device_id AND v.request_digest = e.request_digest "
    "AND v.voucher_id = e.voucher_id))"};

struct Counts {
  int64_t events = 0;
  int64_t logged = 0;
  int64_t waiting = 0;
  int64_t vouchers_alone = 0;
  int64_t events_alone = 0;
};

absl::Status Broken(absl::string_view what) {
  return Refuse(Reason::kSignatureInvalid,
                absl::StrCat("the tables are not of one moment: ", what));
}

}  // namespace

absl::Status CheckTablesAgree(ConnectionPool& pool) {
  Counts counts;
  MASA_RETURN_IF_ERROR(
      RunTransaction(pool, {}, TransactionKind::kOneStatement,
                     [&counts](pqxx::transaction_base& transaction) {
                       const pqxx::row row = Execute(transaction, kCompare)[0];
                       counts = {row[0].as<int64_t>(), row[1].as<int64_t>(),
                                 row[2].as<int64_t>(), row[3].as<int64_t>(),
                                 row[4].as<int64_t>()};
                       return absl::OkStatus();
                     }));
  if (counts.events != counts.logged + counts.waiting) {
    return Broken(absl::StrCat(counts.events, " events are there, and ",
                               counts.logged, " are in the log and ",
                               counts.waiting, " wait for it"));
  }
  if (counts.vouchers_alone > 0) {
    return Broken(
        absl::StrCat(counts.vouchers_alone, " vouchers have no event"));
  }
  return counts.events_alone == 0
             ? absl::OkStatus()
             : Broken(absl::StrCat("the vouchers of ", counts.events_alone,
                                   " events are not there"));
}

}  // namespace masa::storage
