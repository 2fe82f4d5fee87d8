// TransferService over a socket: who may do what with a transfer, and what its
// messages may say.
#include <string>

#include "gtest/gtest.h"
#include "proto/masa/v1/transfer.grpc.pb.h"
#include "services/authority/test_api.h"
#include "services/rpc/channel.h"
#include "services/rpc/status_codec.h"

namespace masa::authority {
namespace {

using masa::v1::TransferService;

constexpr char kOwned[] = "OWNED-1";

class TransferApi : public Api {
 protected:
  template <typename Request, typename Response>
  grpc::Status Ask(const std::string& who,
                   grpc::Status (TransferService::Stub::*method)(
                       grpc::ClientContext*, const Request&, Response*),
                   const Request& request, Response* response) {
    grpc::ClientContext context;
    rpc::Carry({}, &context);
    const auto stub = TransferService::NewStub(ChannelOf(who));
    return (stub.get()->*method)(&context, request, response);
  }

  // The reason of a refusal, or OK.
  template <typename Request, typename Response>
  std::string Try(const std::string& who,
                  grpc::Status (TransferService::Stub::*method)(
                      grpc::ClientContext*, const Request&, Response*),
                  const Request& request, Response* response) {
    const absl::Status status =
        rpc::FromGrpc(Ask(who, method, request, response),
                      absl::UnavailableError("unreachable"));
    return status.ok() ? "OK" : std::string(InfoOf(ReasonOf(status)).name);
  }

  static masa::v1::OfferTransferRequest Offer() {
    masa::v1::OfferTransferRequest request;
    request.add_devices()->set_serial_number(kOwned);
    request.set_to_organization_id("org-other");
    return request;
  }

  masa::v1::Transfer Offered() {
    masa::v1::OfferTransferResponse response;
    EXPECT_EQ(
        Try("acme", &TransferService::Stub::OfferTransfer, Offer(), &response),
        "OK");
    EXPECT_EQ(response.outcomes_size(), 1);
    EXPECT_EQ(response.outcomes(0).reason(), "");
    return response.transfer();
  }

  std::string Accept(const std::string& who, const std::string& id,
                     const std::string& etag = "",
                     const std::string& request_id = "") {
    masa::v1::AcceptTransferRequest request;
    request.set_transfer_id(id);
    request.set_etag(etag);
    request.set_request_id(request_id);
    masa::v1::AcceptTransferResponse response;
    return Try(who, &TransferService::Stub::AcceptTransfer, request, &response);
  }
  std::string Reject(const std::string& who, const std::string& id) {
    masa::v1::RejectTransferRequest request;
    request.set_transfer_id(id);
    masa::v1::RejectTransferResponse response;
    return Try(who, &TransferService::Stub::RejectTransfer, request, &response);
  }
  std::string Cancel(const std::string& who, const std::string& id) {
    masa::v1::CancelTransferRequest request;
    request.set_transfer_id(id);
    masa::v1::CancelTransferResponse response;
    return Try(who, &TransferService::Stub::CancelTransfer, request, &response);
  }
  std::string Get(const std::string& who, const std::string& id,
                  masa::v1::Transfer* transfer = nullptr) {
    masa::v1::GetTransferRequest request;
    request.set_transfer_id(id);
    masa::v1::GetTransferResponse response;
    const std::string said =
        Try(who, &TransferService::Stub::GetTransfer, request, &response);
    if (transfer != nullptr) {
      *transfer = response.transfer();
    }
    return said;
  }
  std::string Owner() {
    return store_.Find({}, {{{"acme", kOwned, {}}, ""}})[0]
        ->device.organization_id;
  }
};

TEST_F(TransferApi, EachPartyDoesItsPartAndNobodyElseSeesIt) {
  const std::string id = Offered().transfer_id();
  for (const char* who : {"nobody", "foreign"}) {
    EXPECT_EQ(Get(who, id), "TRANSFER_UNKNOWN");
    EXPECT_EQ(Accept(who, id), "TRANSFER_UNKNOWN");
    EXPECT_EQ(Reject(who, id), "TRANSFER_UNKNOWN");
    EXPECT_EQ(Cancel(who, id), "TRANSFER_UNKNOWN");
  }
  EXPECT_EQ(Accept("acme", id), "PERMISSION_DENIED");
  EXPECT_EQ(Reject("acme", id), "PERMISSION_DENIED");
  EXPECT_EQ(Cancel("other", id), "PERMISSION_DENIED");
  EXPECT_EQ(Reject("other", id), "OK");
  EXPECT_EQ(Cancel("acme", Offered().transfer_id()), "OK");
  EXPECT_EQ(Accept("operator", Offered().transfer_id()), "OK");
  EXPECT_EQ(Owner(), "org-other");
}

TEST_F(TransferApi, WhatHasEndedStaysSo) {
  const std::string id = Offered().transfer_id();
  ASSERT_EQ(Accept("other", id), "OK");
  EXPECT_EQ(Accept("other", id), "TRANSFER_ENDED");
  EXPECT_EQ(Reject("other", id), "TRANSFER_ENDED");
  EXPECT_EQ(Cancel("acme", id), "TRANSFER_ENDED");
  masa::v1::Transfer transfer;
  ASSERT_EQ(Get("acme", id, &transfer), "OK");
  EXPECT_EQ(transfer.state(), masa::v1::TRANSFER_STATE_ACCEPTED);
  EXPECT_TRUE(transfer.has_end_time());
  ASSERT_EQ(transfer.devices_size(), 1);
  EXPECT_EQ(transfer.devices(0).hold(), masa::v1::TransferDevice::HOLD_MOVED);
}

TEST_F(TransferApi, AnEtagIsOfTheTransferAsItIs) {
  const masa::v1::Transfer offered = Offered();
  EXPECT_EQ(Accept("other", offered.transfer_id(), "7"), "ETAG_MISMATCH");
  EXPECT_EQ(Owner(), "org-acme");
  EXPECT_EQ(Accept("other", offered.transfer_id(), offered.etag()), "OK");
}

TEST_F(TransferApi, ARepeatChangesNothingAndAnotherCallIsRefused) {
  masa::v1::OfferTransferRequest offer = Offer();
  offer.set_request_id("5f0c0f2e-0000-4000-8000-000000000001");
  masa::v1::OfferTransferResponse first, again;
  ASSERT_EQ(Try("acme", &TransferService::Stub::OfferTransfer, offer, &first),
            "OK");
  ASSERT_EQ(Try("acme", &TransferService::Stub::OfferTransfer, offer, &again),
            "OK");
  EXPECT_EQ(first.SerializeAsString(), again.SerializeAsString());
  offer.set_keep_history(true);
  EXPECT_EQ(Try("acme", &TransferService::Stub::OfferTransfer, offer, &again),
            "REQUEST_ID_REUSED");
  const std::string id = first.transfer().transfer_id();
  EXPECT_EQ(Accept("other", id, "", "my-id"), "OK");
  EXPECT_EQ(Accept("other", id, "", "my-id"), "OK");
  EXPECT_EQ(Accept("other", id, first.transfer().etag(), "my-id"),
            "REQUEST_ID_REUSED");
}

TEST_F(TransferApi, EachDeviceHasItsOutcome) {
  masa::v1::OfferTransferRequest offer = Offer();
  offer.add_devices()->set_serial_number("none");
  offer.add_devices()->set_serial_number(issuance::kSerial);  // nobody's
  offer.add_devices()->set_serial_number(kOwned);
  masa::v1::OfferTransferResponse response;
  ASSERT_EQ(
      Try("acme", &TransferService::Stub::OfferTransfer, offer, &response),
      "OK");
  const char* reasons[] = {"", "DEVICE_UNKNOWN", "DEVICE_UNKNOWN",
                           "INVALID_ARGUMENT"};
  ASSERT_EQ(response.outcomes_size(), 4);
  for (int i = 0; i < 4; ++i) {
    EXPECT_EQ(response.outcomes(i).reason(), reasons[i]) << i;
  }
  EXPECT_EQ(response.outcomes(1).message(), response.outcomes(2).message());
  // With none left there is no transfer.
  ASSERT_EQ(
      Try("acme", &TransferService::Stub::OfferTransfer, offer, &response),
      "OK");
  EXPECT_EQ(response.outcomes(0).reason(), "DEVICE_IN_TRANSFER");
  EXPECT_FALSE(response.has_transfer());
}

TEST_F(TransferApi, CallsTakeAThousandDevicesAndNoMore) {
  masa::v1::OfferTransferRequest offer = Offer();
  masa::v1::ReleaseDevicesRequest release;
  masa::v1::ClaimDevicesRequest claim;
  for (int i = 0; i < 1001; ++i) {
    offer.add_devices()->set_serial_number(std::to_string(i));
    release.add_devices()->set_serial_number(std::to_string(i));
    claim.add_claims()->mutable_device()->set_serial_number(std::to_string(i));
    claim.mutable_claims(i)->set_sales_order("SO");
  }
  masa::v1::OfferTransferResponse offered;
  masa::v1::ReleaseDevicesResponse released;
  masa::v1::ClaimDevicesResponse claimed;
  EXPECT_EQ(Try("acme", &TransferService::Stub::OfferTransfer, offer, &offered),
            "TOO_MANY_ITEMS");
  EXPECT_EQ(
      Try("acme", &TransferService::Stub::ReleaseDevices, release, &released),
      "TOO_MANY_ITEMS");
  EXPECT_EQ(Try("acme", &TransferService::Stub::ClaimDevices, claim, &claimed),
            "TOO_MANY_ITEMS");
}

TEST_F(TransferApi, WhatIsOnlyCheckedIsNotDone) {
  masa::v1::OfferTransferRequest offer = Offer();
  offer.set_validate_only(true);
  masa::v1::OfferTransferResponse offered;
  EXPECT_EQ(Try("acme", &TransferService::Stub::OfferTransfer, offer, &offered),
            "OK");
  EXPECT_EQ(offered.outcomes(0).reason(), "");
  masa::v1::ReleaseDevicesRequest release;
  release.add_devices()->set_serial_number(kOwned);
  release.set_validate_only(true);
  masa::v1::ReleaseDevicesResponse released;
  EXPECT_EQ(
      Try("acme", &TransferService::Stub::ReleaseDevices, release, &released),
      "OK");
  EXPECT_EQ(Owner(), "org-acme");
  release.set_validate_only(false);
  EXPECT_EQ(
      Try("acme", &TransferService::Stub::ReleaseDevices, release, &released),
      "OK");
  EXPECT_EQ(released.outcomes(0).reason(), "");
  EXPECT_EQ(Owner(), "");
}

TEST_F(TransferApi, AListsTokenIsOfItsOrganisation) {
  for (int i = 0; i < 3; ++i) {
    ASSERT_EQ(Cancel("acme", Offered().transfer_id()), "OK");
  }
  masa::v1::ListTransfersRequest request;
  request.set_page_size(2);
  masa::v1::ListTransfersResponse page;
  ASSERT_EQ(Try("acme", &TransferService::Stub::ListTransfers, request, &page),
            "OK");
  EXPECT_EQ(page.transfers_size(), 2);
  request.set_page_token(page.next_page_token());
  masa::v1::ListTransfersResponse others;
  EXPECT_EQ(
      Try("other", &TransferService::Stub::ListTransfers, request, &others),
      "PAGE_TOKEN_INVALID");
  ASSERT_EQ(Try("acme", &TransferService::Stub::ListTransfers, request, &page),
            "OK");
  EXPECT_EQ(page.transfers_size(), 1);
  EXPECT_EQ(page.next_page_token(), "");
}

TEST_F(TransferApi, AHistoryIsForThoseWhoSeeTheDevice) {
  ASSERT_EQ(Accept("other", Offered().transfer_id()), "OK");
  masa::v1::GetOwnershipHistoryRequest request;
  request.mutable_device()->set_serial_number(kOwned);
  masa::v1::GetOwnershipHistoryResponse history;
  const auto ask = [&](const char* who) {
    return Try(who, &TransferService::Stub::GetOwnershipHistory, request,
               &history);
  };
  for (const char* who : {"acme", "nobody", "foreign"}) {
    EXPECT_EQ(ask(who), "DEVICE_UNKNOWN") << who;
  }
  ASSERT_EQ(ask("operator"), "OK");
  EXPECT_EQ(history.entries_size(), 2);
  ASSERT_EQ(ask("other"), "OK");
  ASSERT_EQ(history.entries_size(), 1) << "the giver keeps its past to itself";
  EXPECT_EQ(history.entries(0).number(), 1);
  EXPECT_EQ(history.organization_id(), "org-other");
}

TEST_F(TransferApi, AHistoryIsVerifiedAgainstTheCallersAnchor) {
  masa::v1::VerifyOwnershipHistoryRequest request;
  request.mutable_device()->set_serial_number(kOwned);
  request.set_anchor_der(voucher_root_.CertificateDer());
  masa::v1::VerifyOwnershipHistoryResponse response;
  ASSERT_EQ(Try("acme", &TransferService::Stub::VerifyOwnershipHistory, request,
                &response),
            "OK");
  // Nothing signs in this test.
  EXPECT_FALSE(response.holds());
  EXPECT_EQ(response.unsigned_entries(), 1);
  EXPECT_EQ(response.faults_size(), 0);
  EXPECT_EQ(Try("other", &TransferService::Stub::VerifyOwnershipHistory,
                request, &response),
            "DEVICE_UNKNOWN");
}

}  // namespace
}  // namespace masa::authority
