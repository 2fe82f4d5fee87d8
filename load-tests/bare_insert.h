// The least that committing vouchers costs the database: the service's own
// statement, in batches of its largest size, one after the other. For the
// figure stream_issue, and for hammer.
#ifndef LOAD_TESTS_BARE_INSERT_H_
#define LOAD_TESTS_BARE_INSERT_H_

#include <memory>
#include <string>

#include "proto/masa/v1/voucher.pb.h"
#include "storage/issuance_log.h"
#include "storage/postgres/connection_pool.h"

namespace masa {

// A voucher that was given out as the service stores it, for as much as its
// size depends on.
storage::IssuedVoucher RowOf(const masa::v1::IssueVoucherResponse& given);

class BareInsert {
 public:
  explicit BareInsert(const std::string& database_url);

  // Commits `count` vouchers like `sample`, each with its event, of devices
  // and ids of their own. Ends the program where one is not stored.
  void Run(const storage::IssuedVoucher& sample, int count);

 private:
  storage::ConnectionPool pool_;
  const std::unique_ptr<storage::IssuanceLog> log_;
};

}  // namespace masa

#endif  // LOAD_TESTS_BARE_INSERT_H_
