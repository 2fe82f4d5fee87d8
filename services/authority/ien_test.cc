// Who names a device with its manufacturer's enterprise number means a device
// of that manufacturer: at every call of masa.v1 that takes a DeviceKey, over a
// socket, by a table that must name each.
#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>
#include <google/protobuf/text_format.h>

#include <set>
#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "gtest/gtest.h"
#include "services/authority/api_services.h"
#include "services/authority/test_api.h"
#include "services/authority/test_call.h"
#include "services/authority/test_fields.h"
#include "services/rpc/channel.h"

namespace masa::authority {
namespace {

using google::protobuf::Descriptor;

struct IenRow {
  const char* method;
  const char* who;
  const char* request;  // text format; $KEY is what a DeviceKey says
  // Where the refusal is; empty where an outcome has no place for it.
  const char* field;
};

constexpr IenRow kRows[] = {
    {"DeviceService/GetDevice", "acme", "device { $KEY }", "device.ien"},
    {"DeviceService/BatchGetDevices", "acme",
     "devices { serial_number: 'OWNED-1' } devices { $KEY }", "devices[1].ien"},
    {"DeviceService/SetDeviceState", "operator",
     "device { $KEY } state: DEVICE_STATE_ALLOCATED", "device.ien"},
    {"DeviceService/UpdateDevice", "operator",
     "device { $KEY } update { model: 'M' } update_mask { paths: 'model' }",
     "device.ien"},
    {"DeviceService/DeleteDevice", "operator",
     "device { $KEY } validate_only: true", "device.ien"},
    {"DeviceService/UndeleteDevice", "operator", "device { $KEY }",
     "device.ien"},
    {"DeviceService/AssignDevices", "operator",
     "devices { $KEY } organization_id: 'org-acme'", ""},
    {"DeviceService/BlockDevices", "operator",
     "devices { $KEY } validate_only: true", ""},
    {"OwnershipService/ResolveOwnership", "acme", "device { $KEY }",
     "device.ien"},
    {"OwnershipService/ResolveOwnerships", "acme",
     "requests { device { serial_number: 'OWNED-1' } } "
     "requests { device { $KEY } }",
     "requests[1].device.ien"},
    {"OwnershipService/StreamResolveOwnership", "acme",
     "request { device { $KEY } }", "request.device.ien"},
    {"VoucherService/IssueVoucher", "acme",
     "device { $KEY } pinned_cert_der: '$CERT' "
     "expires_on { seconds: 1790003600 }",
     "device.ien"},
    {"VoucherService/IssueVouchers", "acme",
     "requests { device { $KEY } pinned_cert_der: '$CERT' "
     "expires_on { seconds: 1790003600 } }",
     "requests[0].device.ien"},
    {"VoucherService/StreamIssueVouchers", "acme",
     "request { device { $KEY } pinned_cert_der: '$CERT' "
     "expires_on { seconds: 1790003600 } }",
     "request.device.ien"},
    {"VoucherService/GetVoucher", "acme",
     "device { $KEY } voucher_id: '00000000-0000-7000-8000-000000000000'",
     "device.ien"},
    {"VoucherService/ListVouchers", "acme", "device { $KEY }", "device.ien"},
    {"AuditService/GetDeviceAuditLog", "acme", "device { $KEY }", "device.ien"},
    {"AuditService/ListAuditEvents", "acme", "device { $KEY }", "device.ien"},
    {"ReportService/ListDeviceReports", "acme", "device { $KEY }",
     "device.ien"},
    {"GroupService/PlaceDevices", "acme",
     "devices { $KEY } group_id: 'org-acme'", ""},
    {"TransferService/OfferTransfer", "acme",
     "devices { $KEY } to_organization_id: 'org-other' validate_only: true",
     ""},
    {"TransferService/ClaimDevices", "acme",
     "claims { device { $KEY } sales_order: 'SO' }", ""},
    {"TransferService/ReleaseDevices", "acme",
     "devices { $KEY } validate_only: true", ""},
    {"TransferService/GetOwnershipHistory", "acme", "device { $KEY }",
     "device.ien"},
    {"TransferService/VerifyOwnershipHistory", "acme",
     "device { $KEY } anchor_der: '$CERT'", "device.ien"},
};

// Whether a request has a DeviceKey, however deep.
bool TakesAKey(const Descriptor* type, std::set<const Descriptor*>* seen) {
  if (type == nullptr || !seen->insert(type).second) {
    return false;
  }
  bool takes = type->full_name() == "masa.v1.DeviceKey";
  for (int i = 0; i < type->field_count(); ++i) {
    takes = takes || TakesAKey(type->field(i)->message_type(), seen);
  }
  return takes;
}

class IenApi : public Api {
 protected:
  IenApi() {
    masa::v1::Catalog catalog = Catalog();
    catalog.mutable_tenants(0)->set_iana_enterprise_number(32473);
    EXPECT_TRUE(store_.Apply({}, "test", issuance::Noon(), catalog).ok());
  }

  // All that was said: the refusal of the call with its fields, or the answer's
  // octets, in which an item's refusal stands as text.
  std::string Ask(const IenRow& row, const std::string& ien) {
    const auto* method =
        google::protobuf::DescriptorPool::generated_pool()->FindMethodByName(
            absl::StrCat("masa.v1.",
                         absl::StrReplaceAll(row.method, {{"/", "."}})));
    std::unique_ptr<google::protobuf::Message> request(
        google::protobuf::MessageFactory::generated_factory()
            ->GetPrototype(method->input_type())
            ->New());
    EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(
        absl::StrReplaceAll(
            row.request,
            {{"$CERT", absl::CEscape(domain_ca_.CertificateDer())},
             {"$KEY",
              absl::StrCat("serial_number: 'OWNED-1' ien: '", ien, "'")}}),
        request.get()))
        << row.request;
    grpc::ClientContext context;
    rpc::Carry({}, &context);
    grpc::ByteBuffer answer;
    const grpc::Status status =
        CallByName(ChannelOf(row.who), row.method, *request, &context, &answer);
    grpc::Slice whole;
    EXPECT_TRUE(!status.ok() || answer.DumpToSingleSlice(&whole).ok());
    return status.ok()
               ? std::string(reinterpret_cast<const char*>(whole.begin()),
                             whole.size())
               : absl::StrCat(status.error_details(), " at ", FieldsIn(status));
  }
};

TEST_F(IenApi, AnotherManufacturersNumberIsRefusedAtItsField) {
  for (const IenRow& row : kRows) {
    const size_t events = store_.Events().size();
    const std::string said = Ask(row, "9");
    EXPECT_TRUE(absl::StrContains(said, "IEN_NOT_SERVED")) << row.method;
    EXPECT_TRUE(absl::StrContains(said, row.field))
        << row.method << " names no " << row.field;
    // Wrong claims are counted, whatever is wrong with them.
    EXPECT_EQ(store_.Events().size(),
              events + (absl::EndsWith(row.method, "/ClaimDevices") ? 1 : 0))
        << row.method << " wrote something";
  }
}

TEST_F(IenApi, TheTenantsOwnNumberAndNoneAreServed) {
  for (const char* ien : {"", "32473"}) {
    for (const IenRow& row : kRows) {
      EXPECT_FALSE(absl::StrContains(Ask(row, ien), "IEN_NOT_SERVED"))
          << row.method << " with '" << ien << "'";
    }
  }
}

TEST_F(IenApi, NoRpcThatTakesADeviceIsLeftOut) {
  std::set<std::string> rows;
  for (const IenRow& row : kRows) {
    rows.insert(row.method);
  }
  std::set<std::string> takers;
  for (const std::string& service : ApiServices()) {
    const auto* descriptor =
        google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(
            service);
    ASSERT_NE(descriptor, nullptr) << service;
    for (int i = 0; i < descriptor->method_count(); ++i) {
      std::set<const Descriptor*> seen;
      if (TakesAKey(descriptor->method(i)->input_type(), &seen)) {
        takers.insert(absl::StrCat(descriptor->name(), "/",
                                   descriptor->method(i)->name()));
      }
    }
  }
  EXPECT_EQ(takers, rows);
}

}  // namespace
}  // namespace masa::authority
