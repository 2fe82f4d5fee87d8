// Messages of masa.v1.VoucherService and the values of its use cases: what
// unary calls and streams share. Pure.
#ifndef SERVICES_AUTHORITY_VOUCHER_CALLS_H_
#define SERVICES_AUTHORITY_VOUCHER_CALLS_H_

#include <string>

#include "absl/status/statusor.h"
#include "proto/masa/v1/voucher.pb.h"
#include "services/issuance/voucher_desk.h"

namespace masa::authority {

// kInvalidArgument with each fault. What the store could not compare is refused
// here, alone, so that it spoils nothing that it shares with others.
absl::StatusOr<issuance::IssueOrder> OrderOf(
    const masa::v1::IssueVoucherRequest& request);

void Fill(storage::Committed committed,
          masa::v1::IssueVoucherResponse* response);

// Without the octets unless they are wanted.
masa::v1::Voucher MessageOf(const storage::IssuedVoucher& voucher,
                            bool with_octets);

masa::v1::TrustAnchor MessageOf(const issuance::TrustAnchor& anchor);

// 16 octets. kInvalidArgument for what is no UUID, at the field voucher_id.
absl::StatusOr<std::string> VoucherIdOf(const std::string& uuid);

// What a list is of, and how its tokens say that they are this list's.
struct VoucherQuery {
  issuance::VoucherListing listing;
  int page_size = 0;
  bool is_full = false;
  std::string list;
};

// kInvalidArgument, kPageTokenInvalid.
absl::StatusOr<VoucherQuery> QueryOf(
    const masa::v1::ListVouchersRequest& request);

// Where the page behind this voucher begins.
std::string TokenBehind(const VoucherQuery& query,
                        const storage::IssuedVoucher& last);

}  // namespace masa::authority

#endif  // SERVICES_AUTHORITY_VOUCHER_CALLS_H_
