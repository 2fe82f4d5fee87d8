#include "load-tests/bare_insert.h"

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include "openssl/rand.h"
#include "storage/postgres/postgres_issuance_log.h"

namespace masa {
namespace {

constexpr int kRows = 256;

std::string Random(size_t count) {
  std::string octets(count, '\0');
  RAND_bytes(reinterpret_cast<uint8_t*>(octets.data()), octets.size());
  return octets;
}

// As the service makes it: what is hashed is as good as random, and ids begin
// with the time.
storage::IssuedVoucher Another(const storage::IssuedVoucher& sample) {
  storage::IssuedVoucher voucher = sample;
  voucher.device_id = Random(16);
  const std::string bucket = Random(2);
  voucher.bucket =
      static_cast<int16_t>(static_cast<uint8_t>(bucket[0]) |
                           (static_cast<uint8_t>(bucket[1]) % 4) << 8);
  voucher.request_digest = Random(32);
  for (std::string* id : {&voucher.voucher_id, &voucher.audit_event_id}) {
    id->replace(6, 10, Random(10));
  }
  return voucher;
}

}  // namespace

storage::IssuedVoucher RowOf(const masa::v1::IssueVoucherResponse& given) {
  storage::IssuedVoucher row;
  row.voucher_id =
      std::string("\x01\x99\xa0\xa0\x00\x00", 6) + std::string(10, '\0');
  row.audit_event_id = row.voucher_id;
  row.tenant_id = "acme";
  row.format = masa::v1::FORMAT_CMS_JSON;
  row.voucher = given.voucher();
  row.assertion = masa::v1::ASSERTION_LOGGED;
  row.nonce = "MDEyMzQ1Njc4OWFiY2RlZg==";
  row.created_on = absl::FromUnixSeconds(given.created_on().seconds());
  row.domain_id = std::string(20, 'd');
  row.pinned_spki_sha256 = std::string(32, 's');
  row.signing_key = given.signing_key();
  row.actor = "urn:masa:sandbox:operator";
  row.request_id = std::string(36, 'r');
  return row;
}

BareInsert::BareInsert(const std::string& database_url)
    : pool_({.url = database_url}),
      log_(storage::PostgresIssuanceLog::New(&pool_)) {}

void BareInsert::Run(const storage::IssuedVoucher& sample, int count) {
  for (int left = count; left > 0; left -= kRows) {
    std::vector<storage::IssuedVoucher> vouchers;
    for (int i = 0; i < std::min(left, kRows); ++i) {
      vouchers.push_back(Another(sample));
    }
    for (const auto& outcome : log_->Commit({}, vouchers)) {
      if (!outcome.ok()) {
        std::fprintf(stderr, "bare insert: %s\n",
                     outcome.status().ToString().c_str());
        std::exit(1);
      }
    }
  }
}

}  // namespace masa
