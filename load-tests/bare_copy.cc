#include "load-tests/bare_copy.h"

#include <postgresql/libpq-fe.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <memory>

namespace masa {
namespace {

constexpr size_t kOctets = 65'536;  // of one message to the server

using Connection = std::unique_ptr<PGconn, decltype(&PQfinish)>;
using Rows = std::unique_ptr<PGresult, decltype(&PQclear)>;

void Require(bool held, PGconn* connection) {
  if (!held) {
    std::fprintf(stderr, "bare copy: %s\n", PQerrorMessage(connection));
    std::exit(1);
  }
}

Connection Connect(const std::string& url) {
  Connection connection(PQconnectdb(url.c_str()), &PQfinish);
  Require(PQstatus(connection.get()) == CONNECTION_OK, connection.get());
  return connection;
}

// How many rows a COPY was about.
int End(PGconn* connection) {
  const Rows end(PQgetResult(connection), &PQclear);
  Require(PQresultStatus(end.get()) == PGRES_COMMAND_OK, connection);
  const int rows = std::atoi(PQcmdTuples(end.get()));
  const Rows none(PQgetResult(connection), &PQclear);
  return rows;
}

std::string Read(PGconn* connection, const std::string& query, int* rows) {
  const Rows begun(
      PQexec(connection,
             ("COPY (" + query + ") TO STDOUT (FORMAT binary)").c_str()),
      &PQclear);
  Require(PQresultStatus(begun.get()) == PGRES_COPY_OUT, connection);
  std::string octets;
  char* part = nullptr;
  for (int size = PQgetCopyData(connection, &part, 0); size > 0;
       size = PQgetCopyData(connection, &part, 0)) {
    octets.append(part, static_cast<size_t>(size));
    PQfreemem(part);
  }
  *rows = End(connection);
  return octets;
}

void Write(PGconn* connection, const char* table, const std::string& octets) {
  const std::string statement =
      std::string("COPY ") + table + " FROM STDIN (FORMAT binary)";
  const Rows begun(PQexec(connection, statement.c_str()), &PQclear);
  Require(PQresultStatus(begun.get()) == PGRES_COPY_IN, connection);
  for (size_t at = 0; at < octets.size(); at += kOctets) {
    const int size = static_cast<int>(std::min(kOctets, octets.size() - at));
    Require(PQputCopyData(connection, octets.data() + at, size) == 1,
            connection);
  }
  Require(PQputCopyEnd(connection, nullptr) == 1, connection);
  End(connection);
}

}  // namespace

BareCopy::BareCopy(const std::string& database_url, const std::string& prefix,
                   int most) {
  const Connection connection = Connect(database_url);
  // About as they came: an import writes chunk by chunk, each of which falls
  // everywhere in the primary key.
  const auto query = [&](const char* table) {
    return std::string("SELECT * FROM ") + table +
           " WHERE serial_number LIKE '" + prefix +
           "%' ORDER BY serial_number LIMIT " + std::to_string(most);
  };
  rows_ = Read(connection.get(), query("devices"), &devices_);
  int serials = 0;
  serials_ = Read(connection.get(), query("device_serials"), &serials);
  if (devices_ == 0 || serials != devices_) {
    std::fprintf(stderr, "bare copy: %d devices and %d serial numbers are %s\n",
                 devices_, serials, prefix.c_str());
    std::exit(1);
  }
}

void BareCopy::Run(const std::string& database_url) const {
  const Connection connection = Connect(database_url);
  Write(connection.get(), "devices", rows_);
  Write(connection.get(), "device_serials", serials_);
}

}  // namespace masa
