#include "storage/postgres/array_parameter.h"

#include <pqxx/pqxx>

#include "gtest/gtest.h"
#include "storage/contract/shared_server.h"
#include "storage/postgres/connection_pool.h"
#include "storage/postgres/run_transaction.h"

namespace masa::storage {
namespace {

// What the server reads `array` as, its own text of each element.
std::string ReadBack(const ArrayParameter& array, const std::string& type) {
  ConnectionPool pool({.url = SharedServer().Url(PostgresServer::kService)});
  std::string text;
  const absl::Status status = RunTransaction(
      pool, {}, TransactionKind::kOneStatement,
      [&](pqxx::transaction_base& transaction) {
        transaction.exec("SET TimeZone = 'UTC'");
        text = transaction
                   .exec_params1("SELECT $1::" + type + "[]::text",
                                 array.Finish())[0]
                   .as<std::string>();
        return absl::OkStatus();
      });
  EXPECT_TRUE(status.ok()) << status;
  return text;
}

TEST(ArrayParameter, IsEmptyWithoutElements) {
  EXPECT_EQ(ReadBack(BooleanArray(), "boolean"), "{}");
  EXPECT_EQ(ReadBack(BytesArray(), "bytea"), "{}");
  EXPECT_EQ(ReadBack(BigintArray(), "bigint"), "{}");
  EXPECT_EQ(ReadBack(SmallintArray(), "smallint"), "{}");
  EXPECT_EQ(ReadBack(IntegerArray(), "integer"), "{}");
  EXPECT_EQ(ReadBack(TextArray(), "text"), "{}");
  EXPECT_EQ(ReadBack(TimeArray(), "timestamptz"), "{}");
}

TEST(ArrayParameter, CarriesNumbersOfEachWidth) {
  SmallintArray small;
  IntegerArray medium;
  BigintArray big;
  BooleanArray flags;
  for (const bool positive : {true, false}) {
    small.Add(positive ? 1023 : -32768);
    medium.Add(positive ? 2147483647 : -2147483647 - 1);
    big.Add(positive ? int64_t{1} << 40 : -1);
    flags.Add(positive);
  }
  EXPECT_EQ(ReadBack(small, "smallint"), "{1023,-32768}");
  EXPECT_EQ(ReadBack(medium, "integer"), "{2147483647,-2147483648}");
  EXPECT_EQ(ReadBack(big, "bigint"), "{1099511627776,-1}");
  EXPECT_EQ(ReadBack(flags, "boolean"), "{t,f}");
}

TEST(ArrayParameter, CarriesOctetsAndNothing) {
  BytesArray bytes;
  bytes.Add(std::string("\0\xff", 2));
  bytes.Add(std::string());
  bytes.Add(std::optional<std::string>());
  bytes.Add(std::optional<std::string>("x"));
  EXPECT_EQ(ReadBack(bytes, "bytea"), R"({"\\x00ff","\\x",NULL,"\\x78"})");
}

TEST(ArrayParameter, CarriesTextThatMeansSomethingInAnArraysText) {
  TextArray text;
  for (const std::string element :
       {"a", "", "NULL", "\"", "\\", "{,}", " \n"}) {
    text.Add(element);
  }
  text.Add(std::optional<std::string>());
  EXPECT_EQ(ReadBack(text, "text"),
            "{a,\"\",\"NULL\",\"\\\"\",\"\\\\\",\"{,}\",\" \n\",NULL}");
}

TEST(ArrayParameter, CarriesTimesToTheMicrosecond) {
  TimeArray times;
  times.Add(absl::FromUnixMicros(1700000000000001));
  times.Add(absl::UnixEpoch());  // before PostgreSQL's own
  times.Add(std::optional<absl::Time>());
  times.Add(std::optional<absl::Time>(absl::FromUnixSeconds(253402300799)));
  EXPECT_EQ(ReadBack(times, "timestamptz"),
            R"({"2023-11-14 22:13:20.000001+00","1970-01-01 00:00:00+00",NULL,)"
            R"("9999-12-31 23:59:59+00"})");
}

// The type is said twice; the server refuses what differs.
TEST(ArrayParameter, IsOfTheTypeThatTheStatementSays) {
  ConnectionPool pool({.url = SharedServer().Url(PostgresServer::kService)});
  IntegerArray numbers;
  numbers.Add(1);
  EXPECT_FALSE(RunTransaction(pool, {}, TransactionKind::kOneStatement,
                              [&](pqxx::transaction_base& transaction) {
                                transaction.exec_params("SELECT $1::bigint[]",
                                                        numbers.Finish());
                                return absl::OkStatus();
                              })
                   .ok());
}

}  // namespace
}  // namespace masa::storage
