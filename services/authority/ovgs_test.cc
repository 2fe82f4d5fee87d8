// What ovgs.v1 takes for a good request, before anything is looked up.
#include <string>

#include "gtest/gtest.h"
#include "services/authority/ovgs/requests.h"
#include "services/status/field_faults.h"
#include "services/status/reason.h"

namespace masa::authority::ovgs {
namespace {

namespace v1 = ::ovgs::v1;

v1::Component Part(const std::string& ien, const std::string& serial) {
  v1::Component component;
  component.set_ien(ien);
  component.set_serial_number(serial);
  return component;
}

std::string FirstField(const absl::Status& status) {
  const auto faults = FieldFaultsOf(status);
  return faults.empty() ? "" : faults[0].field;
}

// O2: without `ien` a part is the tenant's, unless the configuration is strict.
TEST(PartOf, TakesTheTenantsNumber) {
  EXPECT_TRUE(PartOf(Part("32473", "S"), 32473, true).ok());
  EXPECT_TRUE(PartOf(Part("", "S"), 32473, false).ok());
  EXPECT_EQ(FirstField(PartOf(Part("", "S"), 32473, true).status()),
            "component.ien");
  const absl::Status other = PartOf(Part("9", "S"), 32473, false).status();
  EXPECT_EQ(ReasonOf(other), Reason::kIenNotServed);
  EXPECT_EQ(other.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(FirstField(PartOf(Part("32473", ""), 32473, false).status()),
            "component.serial_number");
}

// O6, O16.
TEST(PartsOf, AreOneToFiveHundred) {
  google::protobuf::RepeatedPtrField<v1::Component> parts;
  const auto read = [&parts] {
    return PartsOf(parts, "component", 32473, false);
  };
  EXPECT_EQ(FirstField(read().status()), "component");
  for (int i = 0; i < kMostComponents; ++i) {
    *parts.Add() = Part("", "S");  // the same part may be named again
  }
  EXPECT_EQ(read()->keys.size(), 500u);
  EXPECT_EQ(read()->fields[7], "component[7]");
  *parts.Add() = Part("", "S");
  EXPECT_EQ(ReasonOf(read().status()), Reason::kTooManyItems);
  parts.DeleteSubrange(2, parts.size() - 2);
  parts[1].clear_serial_number();
  EXPECT_EQ(FirstField(read().status()), "component[1].serial_number");
}

// O12, O14.
TEST(SerialOf, HasTheTpmAsItIsRecorded) {
  issuance::PlacedDevice placed;
  placed.device.ek_public_key_der = "ek";
  EXPECT_EQ(SerialOf(placed).tpm_info().endorsement_key(), "ek");
  EXPECT_EQ(SerialOf(placed).tpm_info().platform_primary_key(), "");
  placed.device.details.ek_cert_der = "certificate";
  placed.device.details.ppk_public_key_der = "ppk";
  const v1::GetSerialResponse serial = SerialOf(placed);
  EXPECT_EQ(serial.tpm_info().ek_certificate(), "certificate");
  EXPECT_FALSE(serial.tpm_info().has_endorsement_key());
  EXPECT_EQ(serial.tpm_info().platform_primary_key(), "ppk");
  EXPECT_EQ(serial.public_key_der(), "ek");
  const auto voucher = VoucherOf(storage::Committed(), placed.device);
  EXPECT_EQ(voucher.tpm_info().ek_certificate(), "certificate");
  EXPECT_EQ(voucher.public_key_der(), "ek");
}

TEST(BindingOf, NamesEveryFieldThatIsMissing) {
  const absl::Status status = BindingOf(v1::AddUserRoleRequest()).status();
  std::vector<std::string> fields;
  for (const FieldFault& fault : FieldFaultsOf(status)) {
    fields.push_back(fault.field);
  }
  EXPECT_EQ(fields, (std::vector<std::string>{"username", "user_type", "org_id",
                                              "group_id", "user_role"}));
}

TEST(BindingOf, GivesNoRoleThatIsNotACustomers) {
  v1::AddUserRoleRequest request;
  request.set_username("u");
  request.set_user_type(v1::ACCOUNT_TYPE_USER);
  request.set_org_id("org-acme");
  request.set_group_id("g");
  const struct {
    int role;
    absl::StatusCode code;
  } cases[] = {
      {v1::USER_ROLE_ADMIN, absl::StatusCode::kOk},
      {v1::USER_ROLE_ASSIGNER, absl::StatusCode::kOk},
      {v1::USER_ROLE_REQUESTOR, absl::StatusCode::kOk},
      {v1::USER_ROLE_SUPPORT, absl::StatusCode::kPermissionDenied},
      {v1::USER_ROLE_UNSPECIFIED, absl::StatusCode::kInvalidArgument},
      {9, absl::StatusCode::kInvalidArgument},
  };
  for (const auto& c : cases) {
    request.set_user_role(static_cast<v1::UserRole>(c.role));
    EXPECT_EQ(BindingOf(request).status().code(), c.code) << c.role;
    if (c.code == absl::StatusCode::kOk) {
      EXPECT_EQ(RoleOf(BindingOf(request)->role), c.role);
    }
  }
  request.set_user_type(static_cast<v1::AccountType>(7));
  EXPECT_EQ(FirstField(BindingOf(request).status()), "user_type");
}

// O3: nothing is asked of revocation_checks; O9: of a lifetime only where the
// configuration lets vouchers be endless.
TEST(CertOf, NeedsAnEndAndNoChecks) {
  v1::CreateDomainCertRequest request;
  request.set_group_id("g");
  request.set_certificate_der("der");
  EXPECT_EQ(FirstField(CertOf(request).status()), "expiry_time");
  request.mutable_expiry_time()->set_seconds(1'800'000'000);
  EXPECT_TRUE(CertOf(request).ok());
  request.mutable_expiry_time()->set_seconds(int64_t{1} << 60);
  EXPECT_EQ(FirstField(CertOf(request).status()), "expiry_time");
}

TEST(LifetimeOf, IsNeededUnlessVouchersMayBeEndless) {
  google::protobuf::Timestamp end;
  EXPECT_EQ(FirstField(LifetimeOf(false, end, false).status()), "lifetime");
  EXPECT_FALSE(LifetimeOf(false, end, true)->has_value());
  end.set_seconds(1'800'000'000);
  EXPECT_EQ(**LifetimeOf(true, end, false),
            absl::FromUnixSeconds(1'800'000'000));
  end.set_nanos(-1);
  EXPECT_EQ(FirstField(LifetimeOf(true, end, true).status()), "lifetime");
}

TEST(CheckFields, ADescriptionIsATextThatIsKept) {
  v1::CreateGroupRequest request;
  request.set_parent("org-acme");
  for (const std::string& bad :
       {std::string(), std::string(1025, 'd'), std::string("a\0b", 3)}) {
    request.set_description(bad);
    const auto faults = FieldFaultsOf(CheckFields(request));
    ASSERT_EQ(faults.size(), 1u) << bad.size();
    EXPECT_EQ(faults[0].field, "description");
  }
  request.set_description(std::string(1024, 'd'));
  EXPECT_TRUE(CheckFields(request).ok());
}

TEST(Together, NamesTheFieldsOfAllThatIsInvalid) {
  const absl::Status foreign = Refuse(Reason::kIenNotServed, "no");
  const absl::Status both =
      Together({CheckCertId(""), foreign, CheckGroupId("")});
  EXPECT_EQ(ReasonOf(both), Reason::kInvalidArgument);
  ASSERT_EQ(FieldFaultsOf(both).size(), 2u);
  EXPECT_EQ(FieldFaultsOf(both)[1].field, "group_id");
  EXPECT_EQ(Together({CheckCertId("c"), foreign}), foreign);
  EXPECT_TRUE(Together({CheckCertId("c"), CheckGroupId("g")}).ok());
}

// O14: where old clients look for it, too.
TEST(SerialOf, ShowsTheEndorsementKeyTwice) {
  issuance::PlacedDevice placed;
  placed.device.ek_public_key_der = "ek";
  placed.group_ids = {"org-acme", "g"};
  const v1::GetSerialResponse serial = SerialOf(placed);
  EXPECT_EQ(serial.public_key_der(), "ek");
  EXPECT_EQ(serial.tpm_info().endorsement_key(), "ek");
  EXPECT_EQ(serial.group_ids_size(), 2);
  placed.device.ek_public_key_der.clear();
  EXPECT_EQ(SerialOf(placed).tpm_info().ek_data_case(),
            v1::TpmInfo::EK_DATA_NOT_SET);
}

}  // namespace
}  // namespace masa::authority::ovgs
