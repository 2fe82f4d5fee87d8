// What every RPC of masa.v1 says to a request that it cannot take: one table,
// over a socket.
#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>
#include <google/protobuf/text_format.h>
#include <grpcpp/generic/generic_stub.h>

#include <set>
#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "gtest/gtest.h"
#include "services/authority/api_error_rows.h"
#include "services/authority/test_api.h"
#include "services/authority/test_call.h"
#include "services/rpc/channel.h"

namespace masa::authority {
namespace {

// What a refusal says of itself.
struct Said {
  grpc::StatusCode code = grpc::StatusCode::OK;
  std::string reason;
  std::string fields;
  std::set<std::string> details;
  bool twice = false;  // a kind of detail
};

Said SaidIn(const grpc::Status& status) {
  Said said;
  said.code = status.error_code();
  google::rpc::Status whole;
  EXPECT_TRUE(whole.ParseFromString(status.error_details()));
  for (const auto& any : whole.details()) {
    said.twice = said.twice || !said.details.insert(any.type_url()).second;
    google::rpc::ErrorInfo info;
    google::rpc::BadRequest bad;
    if (any.UnpackTo(&info)) {
      said.reason = info.domain() == "masa.v1" ? info.reason() : "";
    } else if (any.UnpackTo(&bad)) {
      std::vector<std::string> fields;
      for (const auto& violation : bad.field_violations()) {
        fields.push_back(violation.field());
      }
      said.fields = absl::StrJoin(fields, " ");
    }
  }
  return said;
}

class ApiErrors : public Api {
 protected:
  static const google::protobuf::MethodDescriptor* MethodOf(
      const std::string& method) {
    return google::protobuf::DescriptorPool::generated_pool()->FindMethodByName(
        absl::StrCat("masa.v1.", absl::StrReplaceAll(method, {{"/", "."}})));
  }

  grpc::Status Ask(const ErrorRow& row) {
    const auto* method = MethodOf(row.method);
    std::unique_ptr<google::protobuf::Message> request(
        google::protobuf::MessageFactory::generated_factory()
            ->GetPrototype(method->input_type())
            ->New());
    EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(
        absl::StrReplaceAll(
            row.request, {{"$CERT", absl::CEscape(domain_ca_.CertificateDer())},
                          {"$LONG", std::string(300, 'x')}}),
        request.get()))
        << row.request;
    grpc::ClientContext context;
    rpc::Carry({}, &context);
    grpc::ByteBuffer answer;
    const grpc::Status status =
        CallByName(ChannelOf(row.who), row.method, *request, &context, &answer);
    return status;
  }
};

TEST_F(ApiErrors, EachNamesItsReasonAndItsFields) {
  for (const ErrorRow& row : AllErrorRows()) {
    const grpc::Status status = Ask(row);
    const Said said = SaidIn(status);
    const std::string where =
        absl::StrCat(row.method, " by ", row.who, " of ", row.request, ": ",
                     status.error_message());
    EXPECT_EQ(said.reason, row.reason) << where;
    EXPECT_EQ(said.fields, row.fields) << where;
    EXPECT_EQ(static_cast<int>(said.code),
              static_cast<int>(InfoOf(ReasonNamed(row.reason)).code))
        << where;
    EXPECT_FALSE(said.twice) << where;
    EXPECT_FALSE(status.error_message().empty()) << where;
  }
}

// A new RPC gets a row: what it says of a field that is wrong, and of what is
// not there.
TEST_F(ApiErrors, NoRpcIsLeftOut) {
  std::set<std::string> tested;
  for (const ErrorRow& row : AllErrorRows()) {
    ASSERT_NE(MethodOf(row.method), nullptr) << row.method;
    tested.insert(row.method);
  }
  for (const char* service :
       {"DeviceService", "PolicyService", "ApprovalService",
        "OrganizationService", "GroupService", "AccessService",
        "DomainCertService", "TransferService", "KeyAdminService",
        "VoucherService", "VoucherJobService", "CertificateService",
        "ReportService", "AdminService"}) {
    const auto* descriptor =
        google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(
            absl::StrCat("masa.v1.", service));
    ASSERT_NE(descriptor, nullptr) << service;
    for (int i = 0; i < descriptor->method_count(); ++i) {
      if (descriptor->method(i)->client_streaming() &&
          descriptor->method(i)->server_streaming()) {
        continue;  // its errors are in its answers
      }
      const std::string name =
          absl::StrCat(service, "/", descriptor->method(i)->name());
      EXPECT_TRUE(tested.contains(name)) << name << " has no row";
    }
  }
}

}  // namespace
}  // namespace masa::authority
