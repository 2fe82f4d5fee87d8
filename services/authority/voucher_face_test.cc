// VoucherService over a real socket, calls of many vouchers and what was
// issued.
#include "services/authority/voucher_face.h"

#include <set>
#include <string>

#include "services/authority/convert.h"
#include "services/authority/ownership_fixture.h"
#include "services/authority/test_api.h"

namespace masa::authority {
namespace {

using masa::v1::VoucherService;

class VoucherCalls : public Api {
 protected:
  VoucherCalls() { Import("OWNED-2", "owned"); }

  std::unique_ptr<VoucherService::Stub> By(const std::string& who) {
    return VoucherService::NewStub(ChannelOf(who));
  }

  masa::v1::IssueVoucherRequest Order(const std::string& serial,
                                      const std::string& id = "") {
    masa::v1::IssueVoucherRequest request;
    request.mutable_device()->set_serial_number(serial);
    request.set_pinned_cert_der(domain_ca_.CertificateDer());
    *request.mutable_expires_on() =
        TimestampOf(issuance::Noon() + absl::Hours(1));
    request.set_request_id(id);
    return request;
  }

  masa::v1::IssueVouchersResponse Issue(
      const std::vector<masa::v1::IssueVoucherRequest>& orders) {
    masa::v1::IssueVouchersRequest request;
    for (const auto& order : orders) {
      *request.add_requests() = order;
    }
    masa::v1::IssueVouchersResponse response;
    grpc::ClientContext call;
    const auto status = By("acme")->IssueVouchers(&call, request, &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    EXPECT_EQ(response.results_size(), request.requests_size());
    return response;
  }

  masa::v1::ListVouchersResponse List(
      const masa::v1::ListVouchersRequest& request) {
    masa::v1::ListVouchersResponse response;
    grpc::ClientContext call;
    const auto status = By("acme")->ListVouchers(&call, request, &response);
    EXPECT_TRUE(status.ok()) << status.error_message();
    return response;
  }
};

TEST_F(VoucherCalls, ResultsStandInTheOrderOfTheRequests) {
  masa::v1::IssueVoucherRequest no_pin = Order("OWNED-1");
  no_pin.clear_pinned_cert_der();
  masa::v1::IssueVoucherRequest late = Order("OWNED-1");
  late.mutable_expires_on()->set_nanos(-1);
  const struct {
    masa::v1::IssueVoucherRequest order;
    const char* reason;  // empty: issued
    const char* field;   // named in the first detail that names one
  } cases[] = {
      {no_pin, "INVALID_ARGUMENT", "requests[0].pinned_cert_der"},
      {Order("OWNED-1"), "", ""},
      {Order(""), "INVALID_ARGUMENT", "requests[2].device.serial_number"},
      {Order("NONE"), "DEVICE_UNKNOWN", ""},
      {late, "INVALID_ARGUMENT", "requests[4].expires_on"},
      {Order("OWNED-1"), "INVALID_ARGUMENT", "requests[5].device"},
      {Order("OWNED-2"), "", ""},
  };
  std::vector<masa::v1::IssueVoucherRequest> orders;
  for (const auto& c : cases) {
    orders.push_back(c.order);
  }
  const auto response = Issue(orders);
  for (int i = 0; i < response.results_size(); ++i) {
    const auto& result = response.results(i);
    SCOPED_TRACE(i);
    EXPECT_EQ(ReasonIn(result.status()), cases[i].reason);
    EXPECT_EQ(result.has_value(), result.status().code() == 0);
    EXPECT_EQ(result.value().voucher().empty(), *cases[i].reason != '\0');
    std::string field;
    for (const auto& detail : result.status().details()) {
      google::rpc::BadRequest bad;
      if (detail.UnpackTo(&bad)) {
        field = bad.field_violations(0).field();
      }
    }
    EXPECT_EQ(field, cases[i].field);
  }
}

TEST_F(VoucherCalls, ACallOfNothingButFaultsIsAnswered) {
  const auto response = Issue({Order(""), Order("")});
  EXPECT_EQ(ReasonIn(response.results(1).status()), "INVALID_ARGUMENT");
}

TEST_F(VoucherCalls, ARepeatedCallGetsTheSameVouchers) {
  const std::vector<masa::v1::IssueVoucherRequest> orders = {
      Order("OWNED-1", "a"), Order("OWNED-2", "a")};
  const auto first = Issue(orders);
  const auto again = Issue(orders);
  for (int i = 0; i < 2; ++i) {
    EXPECT_FALSE(first.results(i).value().replayed());
    EXPECT_TRUE(again.results(i).value().replayed());
    EXPECT_EQ(again.results(i).value().voucher(),
              first.results(i).value().voucher());
  }
}

TEST_F(VoucherCalls, AVoucherIsFoundAgainWithItsOctetsWhereTheyAreWanted) {
  const auto issued = Issue({Order("OWNED-1")}).results(0).value();
  masa::v1::GetVoucherRequest request;
  request.mutable_device()->set_serial_number("OWNED-1");
  request.set_voucher_id(issued.voucher_id());
  for (const auto view :
       {masa::v1::VOUCHER_VIEW_UNSPECIFIED, masa::v1::VOUCHER_VIEW_BASIC,
        masa::v1::VOUCHER_VIEW_FULL}) {
    request.set_view(view);
    masa::v1::GetVoucherResponse response;
    grpc::ClientContext call;
    ASSERT_TRUE(By("acme")->GetVoucher(&call, request, &response).ok());
    const masa::v1::Voucher& voucher = response.voucher();
    EXPECT_EQ(voucher.voucher_id(), issued.voucher_id());
    EXPECT_EQ(voucher.audit_event_id(), issued.audit_event_id());
    EXPECT_EQ(voucher.media_type(), issued.media_type());
    EXPECT_EQ(voucher.signing_key(), "key");
    EXPECT_EQ(voucher.actor(), "urn:acme");
    EXPECT_FALSE(voucher.has_nonce());
    EXPECT_EQ(voucher.voucher(),
              view == masa::v1::VOUCHER_VIEW_BASIC ? "" : issued.voucher());
  }
}

TEST_F(VoucherCalls, PagesOfAListAreOfThatListOnly) {
  std::set<std::string> issued, listed;
  for (int i = 0; i < 5; ++i) {
    issued.insert(Issue({Order("OWNED-1")}).results(0).value().voucher_id());
  }
  masa::v1::ListVouchersRequest request;
  request.mutable_device()->set_serial_number("OWNED-1");
  request.set_page_size(2);
  do {
    const auto page = List(request);
    for (const auto& voucher : page.vouchers()) {
      listed.insert(voucher.voucher_id());
      EXPECT_TRUE(voucher.voucher().empty());
    }
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  EXPECT_EQ(listed, issued);
  request.set_page_token(List(request).next_page_token());
  request.mutable_from()->set_seconds(1);
  masa::v1::ListVouchersResponse response;
  grpc::ClientContext call;
  EXPECT_EQ(ReasonIn(By("acme")->ListVouchers(&call, request, &response)),
            "PAGE_TOKEN_INVALID");
  request.clear_page_token();
  request.set_view(masa::v1::VOUCHER_VIEW_FULL);
  EXPECT_FALSE(List(request).vouchers(0).voucher().empty());
  *request.mutable_from() =
      TimestampOf(issuance::Noon() + absl::Microseconds(1));
  EXPECT_TRUE(List(request).vouchers().empty());
}

TEST_F(VoucherCalls, TrustAnchorsAreForEveryCallerOfTheTenant) {
  for (const char* who : {"operator", "other", "nobody"}) {
    masa::v1::GetTrustAnchorsResponse response;
    grpc::ClientContext call;
    const auto status = By(who)->GetTrustAnchors(&call, {}, &response);
    ASSERT_TRUE(status.ok()) << status.error_message();
    ASSERT_EQ(response.trust_anchors_size(), 1) << who;
    const masa::v1::TrustAnchor& anchor = response.trust_anchors(0);
    EXPECT_EQ(anchor.signing_key(), "key");
    EXPECT_EQ(anchor.algorithm(), masa::v1::TrustAnchor::ALGORITHM_ECDSA_P256);
    EXPECT_EQ(anchor.chain_der(1), voucher_root_.CertificateDer());
    EXPECT_EQ(anchor.product_ids_size(), 2);
    EXPECT_LT(anchor.not_before().seconds(), anchor.not_after().seconds());
  }
  masa::v1::GetTrustAnchorsResponse response;
  grpc::ClientContext call;
  ASSERT_TRUE(By("foreign")->GetTrustAnchors(&call, {}, &response).ok());
  EXPECT_EQ(response.trust_anchors_size(), 0);
}

}  // namespace
}  // namespace masa::authority
