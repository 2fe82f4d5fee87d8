// The fence around libpqxx: the only place where its exceptions are caught.
// Everything else in this room is written as if statements could not fail,
// and runs inside a body that is handed in here. Thread-safe; blocks.
#ifndef STORAGE_POSTGRES_RUN_TRANSACTION_H_
#define STORAGE_POSTGRES_RUN_TRANSACTION_H_

#include <functional>
#include <pqxx/result>
#include <pqxx/transaction_base>
#include <utility>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "services/observe/request_context.h"
#include "storage/postgres/connection_pool.h"
#include "storage/postgres/store_events.h"

namespace masa::storage {

enum class TransactionKind {
  // One statement that commits by itself, and may safely be sent again when
  // its outcome is not known: a read, or an insert that writes no key twice.
  kOneStatement = 1,
  // BEGIN, the body, COMMIT; rolled back when the body returns an error.
  kManyStatements = 2,
  // The same of statements that read alone, and all see what was committed when
  // the first of them began.
  kReadsOfOneMoment = 3,
};

// Must give the same result when run again: it is, after a conflict.
using TransactionBody = std::function<absl::Status(pqxx::transaction_base&)>;

// Runs `body` in a transaction and commits. Serialisation failures and
// deadlocks (40001, 40P01) are tried again with jitter until the deadline, a
// connection found broken once on a fresh one. Fails with the body's error;
// kStoreUnavailable when the outcome is not known or there is no connection;
// kStoreConflict when the database refuses a row (RefusesARow) or conflicts do
// not end; kOverloaded, kDeadlineExceeded from the pool.
absl::Status RunTransaction(ConnectionPool& pool, const RequestContext& context,
                            TransactionKind kind, const TransactionBody& body);

// True when `status` says that a row of the statement breaks a constraint or
// has a value out of its type: then parts of the batch may still be stored.
bool RefusesARow(const absl::Status& status);

// True when `status` says that another session kept a lock for longer than the
// transaction's lock_timeout: nothing is stored.
bool FoundALockHeld(const absl::Status& status);

// A statement prepared once per connection, when first used. Its name is a
// constant of the program, since it is a label of a metric as well.
struct Statement {
  const char* name;
  const char* sql;
};

// Measures one statement from here to the end of the block, however that is
// left, and tells the events of the pool whose transaction it is. Of another
// transaction than RunTransaction's it tells nobody. For one thread.
class StatementTime {
 public:
  // Both outlive this.
  StatementTime(const pqxx::transaction_base& transaction,
                const Statement& statement);
  StatementTime(const StatementTime&) = delete;
  StatementTime& operator=(const StatementTime&) = delete;
  ~StatementTime();

 private:
  StoreEvents* const events_;  // null: nobody
  const Statement& statement_;
  const absl::Time begun_;
};

// Runs `statement`; throws as libpqxx does, so only within a body. The pool's
// events hear how long it took, with the way there and back, well or not.
template <typename... Arguments>
pqxx::result Execute(pqxx::transaction_base& transaction,
                     const Statement& statement, Arguments&&... arguments) {
  const StatementTime time(transaction, statement);
  transaction.conn().prepare(statement.name, statement.sql);
  return transaction.exec_prepared(statement.name,
                                   std::forward<Arguments>(arguments)...);
}

}  // namespace masa::storage

#endif  // STORAGE_POSTGRES_RUN_TRANSACTION_H_
