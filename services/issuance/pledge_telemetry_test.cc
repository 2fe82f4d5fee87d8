// What devices tell, from the call to what is kept of it.
#include <algorithm>

#include "gtest/gtest.h"
#include "services/issuance/test_pledge_desk.h"

namespace masa::issuance {
namespace {

constexpr char kGood[] = R"({"version":1,"status":true})";

class PledgeTelemetry : public PledgeDeskTest {
 protected:
  PledgeCall Telling(PledgeOperation operation, const Identity& with,
                     const std::string& body) {
    PledgeCall call = From(with, body);
    call.operation = operation;
    call.content_type = "application/json";
    return call;
  }
  std::vector<storage::DeviceReport> Kept(const std::string& serial) {
    const auto found = store_.Find({}, {{{"acme", serial, {}}, ""}});
    return *reports_.ReportsOf({}, found[0]->device.bucket,
                               found[0]->device.device_id);
  }
  size_t Events() {
    const auto events = store_.Events();
    return std::count_if(events.begin(), events.end(), [](const auto& one) {
      return one.kind == storage::kDeviceReported;
    });
  }
  // A certificate of the owner's own EST server for the same device.
  Identity Enrolled(const std::string& serial) {
    CertificateSpec spec = Spec("enrolled", false);
    spec.subject_serial_number = serial;
    return testing::MakeIdentity(spec, &est_ca_);
  }
};

// CR-21, CR-22.
TEST_F(PledgeTelemetry, AVouchersEndIsKeptWithItsEvent) {
  const auto answer = desk_.AskOne(
      Telling(PledgeOperation::kVoucherStatus, owned_,
              R"({"version":1,"status":false,"reason":"no anchor",)"
              R"("reason-context":{"a":"b"},"more":1})"));
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_EQ(answer->body, "");
  EXPECT_EQ(answer->unknown_keys, std::vector<std::string>{"more"});
  const auto kept = Kept("OWNED-1");
  ASSERT_EQ(kept.size(), 1u);
  EXPECT_EQ(kept[0].kind, storage::ReportKind::kVoucherStatus);
  EXPECT_FALSE(kept[0].success);
  EXPECT_TRUE(kept[0].is_proven);
  EXPECT_EQ(kept[0].reason, "no anchor");
  EXPECT_EQ(kept[0].context_json, R"({"a":"b"})");
  const storage::AuditEvent event = store_.Events().back();
  EXPECT_EQ(event.kind, storage::kDeviceReported);
  EXPECT_EQ(event.request_id, "id");
  EXPECT_EQ(event.payload.find("no anchor"), std::string::npos);
}

TEST_F(PledgeTelemetry, ANewerVersionIsToldToPeople) {
  const auto answer =
      desk_.AskOne(Telling(PledgeOperation::kVoucherStatus, owned_,
                           R"({"version":2,"status":true})"));
  ASSERT_TRUE(answer.ok()) << answer.status();
  EXPECT_TRUE(answer->is_newer_telemetry);
}

// CR-23: whose certificate it was is on record.
TEST_F(PledgeTelemetry, AnEnrollmentsEndSaysWhoseCertificateTlsShowed) {
  ASSERT_TRUE(desk_
                  .AskOne(Telling(PledgeOperation::kEnrollStatus, owned_,
                                  R"({"version":1,"status":false})"))
                  .ok());
  clock_.Advance(absl::Seconds(1));
  ASSERT_TRUE(desk_
                  .AskOne(Telling(PledgeOperation::kEnrollStatus,
                                  Enrolled("OWNED-1"), kGood))
                  .ok());
  const auto kept = Kept("OWNED-1");
  ASSERT_EQ(kept.size(), 2u);
  EXPECT_FALSE(kept[0].is_proven);
  EXPECT_TRUE(kept[0].success);
  EXPECT_TRUE(kept[1].is_proven);
  EXPECT_FALSE(kept[1].success);
  EXPECT_EQ(Events(), 2u);
}

// Who proves nothing hears the same of every serial number.
TEST_F(PledgeTelemetry, StrangersLearnNothingOfSerialNumbers) {
  EXPECT_TRUE(desk_
                  .AskOne(Telling(PledgeOperation::kEnrollStatus,
                                  Enrolled("NONE"), kGood))
                  .ok());
  EXPECT_EQ(Events(), 0u);
  EXPECT_EQ(Refused(Telling(PledgeOperation::kVoucherStatus,
                            Enrolled("OWNED-1"), kGood)),
            Reason::kChainInvalid);
  EXPECT_EQ(Refused(Telling(PledgeOperation::kVoucherStatus, Enrolled("NONE"),
                            kGood)),
            Reason::kChainInvalid);
}

TEST_F(PledgeTelemetry, RefusesWhatItCannotRead) {
  const struct {
    const char* body;
    const char* content_type;
    Reason reason;
  } kCases[] = {
      {"", "application/json", Reason::kMalformed},
      {R"({"version":1})", "application/json", Reason::kMalformed},
      {R"({"status":true})", "application/json", Reason::kMalformed},
      {kGood, "text/plain", Reason::kMediaTypeUnknown},
      {kGood, "application/jsonx", Reason::kMediaTypeUnknown},
  };
  for (const auto& c : kCases) {
    PledgeCall call = Telling(PledgeOperation::kVoucherStatus, owned_, c.body);
    call.content_type = c.content_type;
    EXPECT_EQ(Refused(call), c.reason) << c.body << c.content_type;
  }
  EXPECT_EQ(Events(), 0u);
  for (const char* type : {"", "Application/JSON; charset=utf-8"}) {
    PledgeCall call = Telling(PledgeOperation::kVoucherStatus, owned_, kGood);
    call.content_type = type;
    EXPECT_TRUE(desk_.AskOne(call).ok()) << type;
  }
}

// PV-10: the serial number may stand elsewhere in the IDevID.
TEST_F(PledgeTelemetry, TheDeviceIsFoundWhereItsProductHasTheSerialNumber) {
  ChangeCatalog([](masa::v1::Catalog& catalog) {
    catalog.mutable_products(1)->set_serial_source(
        masa::v1::SERIAL_SOURCE_COMMON_NAME);
  });
  CertificateSpec spec = Spec("OWNED-1", false);
  spec.subject_serial_number = "something else";
  const Identity idevid = testing::MakeIdentity(spec, &idevid_ca_);
  ASSERT_TRUE(
      desk_.AskOne(Telling(PledgeOperation::kVoucherStatus, idevid, kGood))
          .ok());
  EXPECT_EQ(Kept("OWNED-1").size(), 1u);
}

TEST_F(PledgeTelemetry, AStoreThatIsAwayIsNoTelemetryKept) {
  ASSERT_TRUE(
      desk_.AskOne(Telling(PledgeOperation::kVoucherStatus, owned_, kGood))
          .ok());
  store_.Stop(true);
  EXPECT_EQ(Refused(Telling(PledgeOperation::kEnrollStatus, owned_, kGood)),
            Reason::kStoreUnavailable);
  store_.Stop(false);
}

}  // namespace
}  // namespace masa::issuance
