// Over a socket: what of devices, of their vouchers and of their owners is told
// to whom, and what only the manufacturer's operators have to say.
#include <google/protobuf/text_format.h>
#include <grpcpp/generic/generic_stub.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "gtest/gtest.h"
#include "proto/masa/v1/audit.pb.h"
#include "proto/masa/v1/device.pb.h"
#include "proto/masa/v1/transfer.pb.h"
#include "proto/masa/v1/voucher.pb.h"
#include "services/authority/test_api.h"
#include "services/authority/test_call.h"
#include "services/rpc/channel.h"

namespace masa::authority {
namespace {

constexpr char kOrder[] = "SO-77";
constexpr char kOwned[] = "device { serial_number: 'OWNED-1' }";

// What a call was answered.
struct Said {
  std::string reason;  // OK, or why not
  std::string fields;  // that it names
  std::string message;
  std::string answer;  // octets of the message
};

class DeviceSight : public Api {
 protected:
  // One message there and one back, whatever the method: on the wire a stream
  // of one message is a unary call. The request is in text format.
  Said Ask(const std::string& who, const std::string& method,
           const std::string& text) {
    const auto* descriptor =
        google::protobuf::DescriptorPool::generated_pool()->FindMethodByName(
            absl::StrCat("masa.v1.",
                         absl::StrReplaceAll(method, {{"/", "."}})));
    std::unique_ptr<google::protobuf::Message> request(
        google::protobuf::MessageFactory::generated_factory()
            ->GetPrototype(descriptor->input_type())
            ->New());
    EXPECT_TRUE(
        google::protobuf::TextFormat::ParseFromString(text, request.get()))
        << text;
    grpc::ClientContext context;
    rpc::Carry({}, &context);
    grpc::ByteBuffer answer;
    const grpc::Status status =
        CallByName(ChannelOf(who), method, *request, &context, &answer);
    return status.ok() ? Said{"OK", "", "", OctetsOf(answer)} : SaidIn(status);
  }

  template <typename Response>
  Response Answer(const std::string& who, const std::string& method,
                  const std::string& text) {
    const Said said = Ask(who, method, text);
    EXPECT_EQ(said.reason, "OK") << method << " by " << who << " of " << text;
    Response response;
    EXPECT_TRUE(response.ParseFromString(said.answer));
    return response;
  }

  void Record(const std::string& serial, const std::string& issuer,
              const std::string& order) {
    storage::Device device;
    device.tenant_id = "acme";
    device.serial_number = serial;
    device.product_id = "owned";
    device.organization_id = "org-acme";
    device.details.sales_order = order;
    if (!issuer.empty()) {
      device.idevid_issuer = issuer;
    }
    EXPECT_TRUE(store_
                    .Import({}, "test", issuance::Noon(), {device},
                            storage::OnConflict::kFail)[0]
                    .ok());
  }

  // The id of a voucher for OWNED-1.
  std::string Issue(const char* who, const issuance::Identity& ca) {
    return Answer<masa::v1::IssueVoucherResponse>(
               who, "VoucherService/IssueVoucher",
               absl::StrCat(kOwned, " request_id: 'by-", who,
                            "' pinned_cert_der: \"",
                            absl::CHexEscape(ca.CertificateDer()),
                            "\" expires_on { seconds: ",
                            absl::ToUnixSeconds(clock_.Now()) + 60, " }"))
        .voucher_id();
  }

  storage::Device Stored(const std::string& serial) {
    return store_.Find({}, {{{"acme", serial, {}}, ""}})[0]->device;
  }

 private:
  static std::string OctetsOf(const grpc::ByteBuffer& buffer) {
    std::vector<grpc::Slice> slices;
    std::string octets;
    EXPECT_TRUE(buffer.Dump(&slices).ok());
    for (const grpc::Slice& slice : slices) {
      octets.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
    }
    return octets;
  }

  static Said SaidIn(const grpc::Status& status) {
    Said said;
    said.message = status.error_message();
    google::rpc::Status whole;
    EXPECT_TRUE(whole.ParseFromString(status.error_details()));
    for (const auto& any : whole.details()) {
      google::rpc::ErrorInfo info;
      google::rpc::BadRequest bad;
      if (any.UnpackTo(&info)) {
        said.reason = info.reason();
      } else if (any.UnpackTo(&bad)) {
        for (const auto& violation : bad.field_violations()) {
          absl::StrAppend(&said.fields, said.fields.empty() ? "" : " ",
                          violation.field());
        }
      }
    }
    return said;
  }
};

// ADR 0022: whoever knows it claims the rest of the order.
TEST_F(DeviceSight, SalesOrdersAreToldToOperatorsAlone) {
  Record("SOLD", "", kOrder);
  const struct {
    const char* method;
    const char* request;
  } cases[] = {
      {"DeviceService/GetDevice", "device { serial_number: 'SOLD' }"},
      {"DeviceService/BatchGetDevices", "devices { serial_number: 'SOLD' }"},
      {"DeviceService/ListDevices", "organization_id: 'org-acme'"},
      {"DeviceService/ListDevices",
       "organization_id: 'org-acme' view: DEVICE_VIEW_FULL"},
      {"DeviceService/ExportDevices", "organization_id: 'org-acme'"},
      {"DeviceService/ExportDevices",
       "organization_id: 'org-acme' view: DEVICE_VIEW_BASIC"},
  };
  for (const auto& c : cases) {
    for (const char* who : {"operator", "acme"}) {
      const Said said = Ask(who, c.method, c.request);
      SCOPED_TRACE(absl::StrCat(c.method, " by ", who, " of ", c.request));
      EXPECT_EQ(said.reason, "OK");
      EXPECT_NE(said.answer.find("SOLD"), std::string::npos);
      EXPECT_EQ(said.answer.find(kOrder) != std::string::npos,
                std::string(who) == "operator");
    }
  }
}

// All of them may be others'.
TEST_F(DeviceSight, ASerialNumberOfSeveralIsAsOneOfNone) {
  Record("TWIN", "issuer-1", "");
  Record("TWIN", "issuer-2", "");
  const std::string anchor =
      absl::StrCat(" anchor_der: \"",
                   absl::CHexEscape(voucher_root_.CertificateDer()), "\"");
  const struct {
    const char* method;
    std::string request;
  } cases[] = {
      {"DeviceService/GetDevice", "device { serial_number: '$S' }"},
      {"DeviceService/BatchGetDevices", "devices { serial_number: '$S' }"},
      {"TransferService/GetOwnershipHistory", "device { serial_number: '$S' }"},
      {"TransferService/VerifyOwnershipHistory",
       absl::StrCat("device { serial_number: '$S' }", anchor)},
  };
  for (const auto& c : cases) {
    const auto ask = [&](const char* who, const char* serial) {
      return Ask(who, c.method,
                 absl::StrReplaceAll(c.request, {{"$S", serial}}));
    };
    SCOPED_TRACE(c.method);
    EXPECT_EQ(ask("other", "TWIN").reason, "DEVICE_UNKNOWN");
    EXPECT_EQ(ask("other", "TWIN").message, ask("other", "none").message);
    EXPECT_EQ(ask("other", "OWNED-1").message, ask("other", "none").message);
    EXPECT_EQ(ask("operator", "TWIN").reason, "DEVICE_AMBIGUOUS");
  }
}

TEST_F(DeviceSight, ASerialNumberOfSeveralIsAsOneOfNoneInOutcomes) {
  Record("TWIN", "issuer-1", "");
  Record("TWIN", "issuer-2", "");
  constexpr char kNamed[] =
      "devices { serial_number: 'TWIN' } devices { serial_number: 'none' } "
      "devices { serial_number: 'OWNED-1' } validate_only: ";
  for (const char* only : {"true", "false"}) {
    const auto offered = Answer<masa::v1::OfferTransferResponse>(
        "other", "TransferService/OfferTransfer",
        absl::StrCat(kNamed, only, " to_organization_id: 'org-acme'"));
    const auto released = Answer<masa::v1::ReleaseDevicesResponse>(
        "other", "TransferService/ReleaseDevices", absl::StrCat(kNamed, only));
    for (const auto& outcomes : {offered.outcomes(), released.outcomes()}) {
      ASSERT_EQ(outcomes.size(), 3);
      for (const masa::v1::ItemOutcome& outcome : outcomes) {
        EXPECT_EQ(outcome.reason(), "DEVICE_UNKNOWN");
        EXPECT_EQ(outcome.message(), outcomes[1].message());
      }
    }
  }
}

TEST_F(DeviceSight, AnOwnerReadsTheVouchersOfItsOwnTime) {
  const auto list = [this](const char* who) {
    return Answer<masa::v1::ListVouchersResponse>(
               who, "VoucherService/ListVouchers",
               absl::StrCat(kOwned, " view: VOUCHER_VIEW_FULL"))
        .vouchers();
  };
  const auto get = [this](const char* who, const std::string& id) {
    return Ask(who, "VoucherService/GetVoucher",
               absl::StrCat(kOwned, " voucher_id: '", id, "'"))
        .reason;
  };
  const std::string earlier = Issue("acme", domain_ca_);
  EXPECT_EQ(list("acme").size(), 1);
  EXPECT_EQ(get("acme", earlier), "OK");
  clock_.Advance(absl::Seconds(10));
  Ask("operator", "DeviceService/AssignDevices",
      "devices { serial_number: 'OWNED-1' } organization_id: 'org-other'");
  EXPECT_EQ(list("other").size(), 0);
  EXPECT_EQ(get("other", earlier), "DEVICE_UNKNOWN");
  EXPECT_EQ(get("operator", earlier), "OK");
  const std::string own = Issue("other", other_ca_);
  EXPECT_EQ(get("other", own), "OK");
  ASSERT_EQ(list("other").size(), 1);
  EXPECT_EQ(list("other")[0].voucher_id(), own);
  EXPECT_EQ(list("operator").size(), 2);
}

// RFC 8995, section 5.8: the domains and nonces of all, and no more.
TEST_F(DeviceSight, AnAuditLogNamesNobodyOfAnEarlierOwner) {
  Issue("acme", domain_ca_);
  const auto log = [this](const char* who) {
    return Answer<masa::v1::GetDeviceAuditLogResponse>(
               who, "AuditService/GetDeviceAuditLog", kOwned)
        .entries();
  };
  ASSERT_EQ(log("acme").size(), 1);
  EXPECT_NE(log("acme")[0].actor(), "");
  clock_.Advance(absl::Seconds(10));
  Ask("operator", "DeviceService/AssignDevices",
      "devices { serial_number: 'OWNED-1' } organization_id: 'org-other'");
  ASSERT_EQ(log("other").size(), 1);
  EXPECT_NE(log("other")[0].domain_id(), "");
  EXPECT_EQ(log("other")[0].actor(), "");
  EXPECT_EQ(log("other")[0].request_id(), "");
  EXPECT_NE(log("operator")[0].actor(), "");
  EXPECT_NE(log("operator")[0].request_id(), "");
}

TEST_F(DeviceSight, EventsOfEarlierOwnersVouchersNameNobody) {
  Issue("acme", domain_ca_);
  clock_.Advance(absl::Seconds(10));
  Ask("operator", "DeviceService/AssignDevices",
      "devices { serial_number: 'OWNED-1' } organization_id: 'org-other'");
  clock_.Advance(absl::Seconds(10));
  Issue("other", other_ca_);
  Sequence("acme");
  const std::string issued = "kind: 'voucher-issued' ";
  for (const std::string& of_device : {std::string("device { serial_number: "
                                                   "'OWNED-1' }"),
                                       std::string()}) {
    const auto list = [&](const char* who, const std::string& more) {
      return Answer<masa::v1::ListAuditEventsResponse>(
                 who, "AuditService/ListAuditEvents",
                 absl::StrCat(issued, of_device, more))
          .events();
    };
    const auto all = list("operator", "");
    const auto seen = list("other", "");
    ASSERT_EQ(all.size(), 2);
    ASSERT_EQ(seen.size(), 2);
    EXPECT_EQ(seen[0].actor(), all[0].actor()) << "its own, the newest";
    EXPECT_NE(all[1].actor(), "");
    EXPECT_EQ(seen[1].actor(), "");
    EXPECT_EQ(seen[1].request_id(), "");
    EXPECT_EQ(seen[1].who_salt(), "");
    EXPECT_EQ(seen[1].entry(), all[1].entry());
    const std::string earlier = absl::StrCat(" actor: '", all[1].actor(), "'");
    EXPECT_EQ(list("operator", earlier).size(), 1);
    EXPECT_EQ(list("other", earlier).size(), 0) << "nor can it be guessed";
  }
  const auto told = Answer<masa::v1::StreamAuditEventsResponse>(
      "other", "AuditService/StreamAuditEvents", "");
  int vouchers = 0;
  for (const masa::v1::AuditEvent& event : told.events()) {
    if (event.kind() == "voucher-issued") {
      EXPECT_EQ(event.actor().empty(), vouchers++ == 0);
    }
  }
  EXPECT_EQ(vouchers, 2);
}

TEST_F(DeviceSight, ADeviceThatIsNamedTwiceIsOne) {
  constexpr char kTwice[] =
      "devices { serial_number: 'OWNED-1' } "
      "devices { serial_number: 'OWNED-1' } ";
  const auto blocked = Answer<masa::v1::BlockDevicesResponse>(
      "operator", "DeviceService/BlockDevices", kTwice);
  const auto assigned = Answer<masa::v1::AssignDevicesResponse>(
      "operator", "DeviceService/AssignDevices",
      absl::StrCat(kTwice, "organization_id: 'org-other'"));
  for (const auto& outcomes : {blocked.outcomes(), assigned.outcomes()}) {
    ASSERT_EQ(outcomes.size(), 2);
    EXPECT_EQ(outcomes[0].reason(), "");
    EXPECT_EQ(outcomes[1].reason(), "");
  }
  EXPECT_EQ(Stored("OWNED-1").state, storage::DeviceState::kBlocked);
  EXPECT_EQ(Stored("OWNED-1").organization_id, "org-other");
}

TEST_F(DeviceSight, AnOperatorSaysWhichCustomerItMeans) {
  const struct {
    const char* method;
    const char* request;
    const char* field;
  } cases[] = {
      {"OrganizationService/GetOrganization", "", "organization_id"},
      {"GroupService/ListGroups", "", "organization_id"},
      {"AccessService/ListAccessBindings", "", "organization_id"},
      {"DomainCertService/ListDomainCerts", "", "organization_id"},
      {"DomainCertService/ListExpiringDomainCerts", "", "organization_id"},
      {"TransferService/ListTransfers", "", "organization_id"},
      {"TransferService/ClaimDevices",
       "claims { device { serial_number: 'S-1' } sales_order: 'SO' }",
       "organization_id"},
      {"TransferService/ReleaseDevices", "devices { serial_number: 'S-1' }",
       "from_organization_id"},
      {"TransferService/OfferTransfer",
       "devices { serial_number: 'S-1' } to_organization_id: 'org-acme'",
       "from_organization_id"},
  };
  for (const auto& c : cases) {
    const Said said = Ask("operator", c.method, c.request);
    EXPECT_EQ(said.reason, "INVALID_ARGUMENT") << c.method << said.message;
    EXPECT_EQ(said.fields, c.field) << c.method;
  }
}

TEST_F(DeviceSight, OnlyAnOfferPutsADeviceInTransfer) {
  constexpr char kState[] = "state: DEVICE_STATE_IN_TRANSFER";
  const std::string device = absl::StrCat(
      " { serial_number: 'N' product_id: 'default' ", kState, " }");
  const struct {
    const char* method;
    std::string request;
    const char* field;
  } cases[] = {
      {"DeviceService/SetDeviceState", absl::StrCat(kOwned, kState), "state"},
      {"DeviceService/CreateDevice", absl::StrCat("device", device),
       "device.state"},
      {"DeviceService/BatchCreateDevices", absl::StrCat("devices", device),
       "devices[0].state"},
  };
  for (const auto& c : cases) {
    const Said said = Ask("operator", c.method, c.request);
    EXPECT_EQ(said.reason, "INVALID_ARGUMENT") << c.method;
    EXPECT_EQ(said.fields, c.field) << c.method;
  }
  EXPECT_EQ(Stored("OWNED-1").state, storage::DeviceState::kManufactured);
}

}  // namespace
}  // namespace masa::authority
