#include "load-tests/bare_query.h"

#include <postgresql/libpq-fe.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <thread>

#include "storage/postgres/postgres_standing_store.h"

namespace masa {
namespace {

void Require(bool held, const char* what) {
  if (!held) {
    std::fprintf(stderr, "bare query: %s\n", what);
    std::exit(1);
  }
}

PGconn* Connect(const std::string& url) {
  PGconn* connection = PQconnectdb(url.c_str());
  Require(PQstatus(connection) == CONNECTION_OK, PQerrorMessage(connection));
  PGresult* prepared = PQprepare(connection, storage::kReadStandings.name,
                                 storage::kReadStandings.sql, 0, nullptr);
  Require(PQresultStatus(prepared) == PGRES_COMMAND_OK,
          PQerrorMessage(connection));
  PQclear(prepared);
  return connection;
}

void Ask(PGconn* connection, const std::vector<std::string>& octets,
         int devices) {
  std::vector<const char*> values;
  std::vector<int> lengths, formats(octets.size(), 1);
  for (const std::string& one : octets) {
    values.push_back(one.data());
    lengths.push_back(static_cast<int>(one.size()));
  }
  PGresult* rows = PQexecPrepared(
      connection, storage::kReadStandings.name, static_cast<int>(octets.size()),
      values.data(), lengths.data(), formats.data(), 0);
  Require(PQresultStatus(rows) == PGRES_TUPLES_OK, PQerrorMessage(connection));
  Require(PQntuples(rows) >= devices, "devices are missing");
  PQclear(rows);
}

}  // namespace

BareQuery::BareQuery(
    const std::string& database_url, const std::string& tenant_id,
    const std::vector<masa::v1::ResolveOwnershipsRequest>& calls)
    : database_url_(database_url) {
  for (const auto& call : calls) {
    std::vector<storage::StandingQuestion> questions;
    for (const auto& request : call.requests()) {
      questions.push_back({{tenant_id, request.device().serial_number(), {}},
                           request.registrar().spki_sha256()});
    }
    Parameters& parameters = calls_.emplace_back();
    parameters.devices = call.requests_size();
    for (const auto& array : storage::StandingParameters(questions)) {
      parameters.octets.emplace_back(array.get(), array.size());
    }
  }
}

double BareQuery::Run(size_t connections,
                      std::chrono::duration<double> time) const {
  using Clock = std::chrono::steady_clock;
  std::vector<PGconn*> open;
  for (size_t i = 0; i < connections; ++i) {
    open.push_back(Connect(database_url_));
    for (size_t call = 0; call < 8; ++call) {  // plans, and caches
      Ask(open[i], calls_[call].octets, calls_[call].devices);
    }
  }
  std::atomic<int> statements = 0;
  const auto begin = Clock::now();
  const auto end = begin + std::chrono::duration_cast<Clock::duration>(time);
  std::vector<std::thread> threads;
  for (size_t i = 0; i < connections; ++i) {
    threads.emplace_back([&, i] {
      for (size_t next = i * 31; Clock::now() < end; ++next, ++statements) {
        const Parameters& call = calls_[next % calls_.size()];
        Ask(open[i], call.octets, call.devices);
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  const std::chrono::duration<double> took = Clock::now() - begin;
  for (PGconn* connection : open) {
    PQfinish(connection);
  }
  return statements / took.count();
}

}  // namespace masa
