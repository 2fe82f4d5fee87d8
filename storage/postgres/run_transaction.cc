#include "storage/postgres/run_transaction.h"

#include <algorithm>
#include <memory>
#include <pqxx/except>
#include <pqxx/nontransaction>
#include <pqxx/transaction>
#include <string>
#include <utility>

#include "absl/random/random.h"
#include "absl/strings/cord.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "services/status/macros.h"
#include "services/status/reason.h"
#include "storage/postgres/connection_faults.h"

namespace masa::storage {
namespace {

constexpr char kDetailUrl[] = "masa.v1/detail";
constexpr char kRefusedRowUrl[] = "masa.v1/refused-row";
constexpr char kHeldLockUrl[] = "masa.v1/held-lock";
constexpr int kMostAttempts = 12;
constexpr absl::Duration kFirstPause = absl::Milliseconds(2);
constexpr absl::Duration kLongestPause = absl::Milliseconds(200);

// What to do after one attempt.
enum class Next { kReturn, kAgain, kReconnect };

struct Attempt {
  absl::Status status;
  Next next = Next::kReturn;
  std::string sqlstate = {};  // of what is tried again
};

// The public sentence, with what the database said for the log only.
absl::Status WithDetail(absl::Status status, const char* detail) {
  status.SetPayload(kDetailUrl, absl::Cord(detail));
  return status;
}

Attempt Broken(const char* detail, const std::string& sqlstate = "08000") {
  return {WithDetail(Refuse(Reason::kStoreUnavailable, SentenceOfFault(detail)),
                     detail),
          Next::kReconnect, sqlstate};
}

Attempt InDoubt(ConnectionPool& pool, const char* detail) {
  pool.events().InDoubt();
  return {WithDetail(Refuse(Reason::kStoreUnavailable,
                            "it is not known whether the database stored it"),
                     detail),
          Next::kReturn};
}

Attempt Conflict(const char* detail, const std::string& sqlstate) {
  return {WithDetail(Refuse(Reason::kStoreConflict,
                            "the database is busy with the same records"),
                     detail),
          Next::kAgain, sqlstate};
}

std::string FirstLine(absl::string_view text) {
  return std::string(text.substr(0, text.find('\n')));
}

// By SQLSTATE, PostgreSQL appendix A.
Attempt FromSqlState(const std::string& state, const char* detail) {
  // XX000 is how two concurrent GRANTs meet, 42710 and 42P07 two concurrent
  // CREATE IF NOT EXISTS.
  if (state == "40001" || state == "40P01" || state == "42710" ||
      state == "42P07" ||
      (state == "XX000" && absl::StrContains(detail, "concurrently"))) {
    return Conflict(detail, state);
  }
  // 57P01..57P03: the server stops or starts; 08: connection; 53: resources.
  if (absl::StartsWith(state, "57P") || absl::StartsWith(state, "08") ||
      absl::StartsWith(state, "53")) {
    return Broken(detail, state);
  }
  if (state == "57014") {
    return {WithDetail(
        Refuse(Reason::kStoreUnavailable, "the database took too long"),
        detail)};
  }
  if (state == "55P03") {
    absl::Status held = Refuse(Reason::kStoreConflict,
                               "another session of the database keeps a lock");
    held.SetPayload(kHeldLockUrl, absl::Cord(state));
    return {WithDetail(std::move(held), detail)};
  }
  if (absl::StartsWith(state, "22") || absl::StartsWith(state, "23")) {
    absl::Status refused =
        Refuse(Reason::kStoreConflict, "the database refuses the record");
    refused.SetPayload(kRefusedRowUrl, absl::Cord(state));
    return {WithDetail(std::move(refused), detail)};
  }
  // The lines after the first repeat the statement.
  return {absl::InternalError(absl::StrCat("database: ", FirstLine(detail)))};
}

Attempt NotAllowed(const char* detail) {
  return {WithDetail(Refuse(Reason::kMisconfigured,
                            absl::StrCat("the database role lacks a right: ",
                                         FirstLine(detail))),
                     detail)};
}

absl::Status Open(ConnectionPool& pool,
                  std::unique_ptr<pqxx::connection>& held) {
  if (held != nullptr && held->is_open()) {
    return absl::OkStatus();
  }
  MASA_ASSIGN_OR_RETURN(const std::string address, pool.Address());
  held = std::make_unique<pqxx::connection>(address);
  // A silent reconnection in the middle would hide that a statement is lost.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
  held->inhibit_reactivation(true);
#pragma GCC diagnostic pop
  return absl::OkStatus();
}

// A plan was made for tables of the size they had then. To forget it now and
// then costs nothing, against planning each time.
void ForgetOldPlans(ConnectionPool::Lease& lease) {
  constexpr absl::Duration kKept = absl::Seconds(10);
  const absl::Time now = absl::Now();
  if (now - lease.planned() > kKept) {
    pqxx::nontransaction(*lease.connection()).exec("DISCARD PLANS");
    lease.planned() = now;
  }
}

// What RunTransaction adds to its transactions: who hears of their statements.
class Heard {
 public:
  explicit Heard(StoreEvents& events) : events_(events) {}
  virtual ~Heard() = default;

  StoreEvents& events() const { return events_; }

 private:
  StoreEvents& events_;
};

// libpqxx has a virtual base for the name in its messages, which the last
// class has to make.
template <typename Transaction>
class HeardTransaction final : public Transaction, public Heard {
 public:
  HeardTransaction(pqxx::connection& connection, StoreEvents& events)
      : pqxx::internal::namedclass("transaction"),
        Transaction(connection),
        Heard(events) {}
};

using ReadsOfOneMoment =
    pqxx::transaction<pqxx::repeatable_read, pqxx::readwrite_policy::read_only>;

absl::Status RunBody(pqxx::connection& connection, StoreEvents& events,
                     TransactionKind kind, const TransactionBody& body) {
  if (kind == TransactionKind::kOneStatement) {
    HeardTransaction<pqxx::nontransaction> transaction(connection, events);
    return body(transaction);
  }
  if (kind == TransactionKind::kReadsOfOneMoment) {
    HeardTransaction<ReadsOfOneMoment> transaction(connection, events);
    MASA_RETURN_IF_ERROR(body(transaction));
    transaction.commit();
    return absl::OkStatus();
  }
  HeardTransaction<pqxx::work> transaction(connection, events);
  MASA_RETURN_IF_ERROR(body(transaction));
  transaction.commit();
  return absl::OkStatus();
}

Attempt TryOnce(ConnectionPool& pool, ConnectionPool::Lease& lease,
                TransactionKind kind, const TransactionBody& body) {
  try {
    absl::Status opened = Open(pool, lease.connection());
    if (!opened.ok()) {
      return {std::move(opened)};
    }
    ForgetOldPlans(lease);
    return {RunBody(*lease.connection(), pool.events(), kind, body)};
  } catch (const pqxx::serialization_failure& e) {
    return Conflict(e.what(), "40001");
  } catch (const pqxx::deadlock_detected& e) {
    return Conflict(e.what(), "40P01");
  } catch (const pqxx::in_doubt_error& e) {
    lease.connection().reset();
    return InDoubt(pool, e.what());
  } catch (const pqxx::statement_completion_unknown& e) {
    lease.connection().reset();
    return InDoubt(pool, e.what());
  } catch (const pqxx::broken_connection& e) {
    lease.connection().reset();
    return Broken(e.what());
  } catch (const pqxx::insufficient_privilege& e) {
    return NotAllowed(e.what());
  } catch (const pqxx::sql_error& e) {
    Attempt attempt = FromSqlState(e.sqlstate(), e.what());
    if (attempt.next == Next::kReconnect) {
      lease.connection().reset();
    }
    return attempt;
  } catch (const std::exception& e) {
    lease.connection().reset();
    return {absl::InternalError(absl::StrCat("database client: ", e.what()))};
  }
}

// Full jitter: two callers that met once shall not meet again.
absl::Duration PauseAfter(int attempt) {
  const absl::Duration longest =
      std::min(kLongestPause, kFirstPause * (1 << std::min(attempt, 10)));
  absl::InsecureBitGen random;
  return longest * absl::Uniform(random, 0.0, 1.0);
}

StoreEvents* EventsOf(const pqxx::transaction_base& transaction) {
  const auto* heard = dynamic_cast<const Heard*>(&transaction);
  return heard == nullptr ? nullptr : &heard->events();
}

}  // namespace

StatementTime::StatementTime(const pqxx::transaction_base& transaction,
                             const Statement& statement)
    : events_(EventsOf(transaction)),
      statement_(statement),
      begun_(absl::Now()) {}

StatementTime::~StatementTime() {
  if (events_ != nullptr) {
    events_->Executed(statement_.name, absl::Now() - begun_);
  }
}

absl::Status RunTransaction(ConnectionPool& pool, const RequestContext& context,
                            TransactionKind kind, const TransactionBody& body) {
  bool reconnected = false;
  for (int attempt = 0;; ++attempt) {
    Attempt result;
    {
      MASA_ASSIGN_OR_RETURN(ConnectionPool::Lease lease,
                            pool.Acquire(context.deadline));
      const absl::Time begun = absl::Now();
      result = TryOnce(pool, lease, kind, body);
      pool.events().Attempted(absl::Now() - begun);
    }
    if (result.next == Next::kReturn || attempt + 1 == kMostAttempts) {
      return result.status;
    }
    if (result.next == Next::kReconnect) {
      if (reconnected) {
        return result.status;
      }
      // After a restart all pooled connections are dead alike.
      pool.CloseIdle();
      pool.events().Retried(result.sqlstate);
      reconnected = true;
      continue;
    }
    const absl::Duration pause = PauseAfter(attempt);
    if (absl::Now() + pause >= context.deadline) {
      return result.status;
    }
    pool.events().Retried(result.sqlstate);
    absl::SleepFor(pause);
  }
}

bool RefusesARow(const absl::Status& status) {
  return status.GetPayload(kRefusedRowUrl).has_value();
}

bool FoundALockHeld(const absl::Status& status) {
  return status.GetPayload(kHeldLockUrl).has_value();
}

}  // namespace masa::storage
