// What ovgs.v1 says of fields, and of what the caller may not know of.
#include "services/authority/test_ovgs.h"

namespace masa::authority {
namespace {

namespace v1 = ::ovgs::v1;

TEST_F(OvgsApi, ErrorsNameTheFieldsOfThisProtocol) {
  Serve({});
  v1::CreateDomainCertRequest create;
  create.set_group_id("org-acme");
  create.set_certificate_der("garbage");
  const int64_t now = absl::ToUnixSeconds(issuance::Noon());
  create.mutable_expiry_time()->set_seconds(now + 30 * 86'400);
  std::string cert_id;
  EXPECT_EQ(CreateCert(create, &cert_id), "CERT_MALFORMED certificate_der");
  create.set_certificate_der(domain_ca_.CertificateDer());
  create.mutable_expiry_time()->set_seconds(1);
  EXPECT_EQ(CreateCert(create, &cert_id), "LIFETIME_IN_PAST expiry_time");
  create.mutable_expiry_time()->set_seconds(now + 200'000'000'000);
  ASSERT_EQ(CreateCert(create, &cert_id), "OK");
  v1::GetOwnershipVoucherRequest order;
  v1::GetOwnershipVoucherResponse voucher;
  const auto ask = [&] {
    grpc::ClientContext call;
    return Ovgs()->GetOwnershipVoucher(&call, order, &voucher);
  };
  EXPECT_EQ(FieldsIn(ask()), "cert_id lifetime component.serial_number");
  order.mutable_component()->set_serial_number("OWNED-1");
  order.set_cert_id(cert_id);
  order.mutable_lifetime()->set_seconds(now + 100'000'000'000);
  const grpc::Status late = ask();
  EXPECT_EQ(ReasonIn(late), "LIFETIME_EXCEEDS_CERT");
  EXPECT_EQ(FieldsIn(late), "lifetime");
  EXPECT_EQ(late.error_message(),
            "lifetime is after the end of the domain certificate");
}

// O13: the code may tell, the words do not; and who tries is counted.
TEST_F(OvgsApi, WhatIsForeignIsSpokenOfAsUnknown) {
  const auto place = [this](const char* serial, const char* group, auto method,
                            auto request, auto response) {
    grpc::ClientContext call;
    request.mutable_component()->set_serial_number(serial);
    request.set_group_id(group);
    const auto status = (Ovgs().get()->*method)(&call, request, &response);
    return status.error_message() + FieldsIn(status);
  };
  const auto add = [&](const char* serial, const char* group) {
    return place(serial, group, &v1::OwnershipVoucherService::Stub::AddSerial,
                 v1::AddSerialRequest(), v1::AddSerialResponse());
  };
  const auto remove = [&](const char* serial, const char* group) {
    return place(serial, group,
                 &v1::OwnershipVoucherService::Stub::RemoveSerial,
                 v1::RemoveSerialRequest(), v1::RemoveSerialResponse());
  };
  const auto cert = [this](const char* cert_id) {
    grpc::ClientContext call;
    v1::GetDomainCertRequest request;
    request.set_cert_id(cert_id);
    v1::GetDomainCertResponse response;
    return Ovgs()->GetDomainCert(&call, request, &response).error_message();
  };
  // S-1 is nobody's.
  EXPECT_EQ(add(issuance::kSerial, "org-acme"), add("none", "org-acme"));
  EXPECT_EQ(remove(issuance::kSerial, "org-acme"), remove("none", "org-acme"));
  EXPECT_EQ(cert("cert-org-other"), cert("none"));
  EXPECT_EQ(
      calls_.probes(),
      (std::vector<std::string>{"AddSerial", "RemoveSerial", "GetDomainCert"}));
  // Who may not place anything in the group learns of no device.
  EXPECT_EQ(add("OWNED-1", "org-other"), add("none", "org-other"));
}

}  // namespace
}  // namespace masa::authority
