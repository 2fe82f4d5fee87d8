// Certificates beside the devices whose they are: which device may have one,
// and what a revocation does to it.
#include "services/status/reason.h"
#include "storage/audit_kinds.h"
#include "storage/certificate_rules.h"
#include "storage/contract/certificate_contract.h"

namespace masa::storage {
namespace {

template <typename T>
std::string ReasonIn(const absl::StatusOr<T>& outcome) {
  return outcome.ok() ? "OK"
                      : std::string(InfoOf(ReasonOf(outcome.status())).name);
}

}  // namespace

void CertificateContract::Import(const Device& device) {
  const auto imported = under_test_->devices().Import(
      context_, "ada", now_, {device}, OnConflict::kFail)[0];
  EXPECT_TRUE(imported.ok()) << imported.status();
}

absl::StatusOr<IssuedCertificate> CertificateContract::Revoke(
    const Enrollment& enrollment, int32_t reason) {
  return store().Revoke(context_, "ada", now_,
                        {"a", enrollment.certificate.serial, reason});
}

void CertificateContract::SetBlocked(const std::string& serial, bool blocked) {
  const auto set = under_test_->devices().SetBlocked(
      context_, "ada", now_, {{"a", serial, {}}}, blocked)[0];
  EXPECT_TRUE(set.ok()) << set.status();
}

TEST_P(CertificateContract, ADeviceOnRecordStaysWhatItIs) {
  const Enrollment asked = Of("S1", '1');
  Device device = *asked.device;
  device.idevid_cert_der.clear();
  device.labels = {{"site", "north"}};
  device.model = "M";
  Import(device);
  ASSERT_TRUE(Enroll(asked).ok());
  const auto stored = Stored("S1");
  ASSERT_TRUE(stored.ok()) << stored.status();
  EXPECT_EQ(stored->device.labels, device.labels);
  EXPECT_EQ(stored->device.model, "M");
  EXPECT_EQ(stored->device.version, 2);
  EXPECT_EQ(stored->device.idevid_cert_der, asked.certificate.certificate_der);
  EXPECT_EQ(CountEvents(kDeviceUpdated), 1);
}

TEST_P(CertificateContract, ADeviceWithACertificateOfItsOwnKeepsIt) {
  const Enrollment asked = Of("S1", '1');
  Device device = *asked.device;
  device.idevid_cert_der = "made elsewhere";
  Import(device);
  EXPECT_EQ(ReasonIn(Enroll(asked)), "CERT_EXISTS");
  const auto stored = Stored("S1");
  ASSERT_TRUE(stored.ok()) << stored.status();
  EXPECT_EQ(stored->device.idevid_cert_der, "made elsewhere");
  EXPECT_EQ(stored->device.version, 1);
  EXPECT_TRUE(Ask({"a", "S1"}).certificates.empty());
  EXPECT_EQ(CountEvents(kCertificateIssued), 0);
}

// One at a time, and together; whichever profile issues.
TEST_P(CertificateContract, ADeviceHasOneValidIdevidWhateverTheProfile) {
  Enrollment second = Of("S1", '2');
  second.certificate.profile = "other";
  const auto both = store().Enroll(context_, {Of("S1", '1'), second});
  EXPECT_EQ(ReasonIn(both[0]), "OK");
  EXPECT_EQ(ReasonIn(both[1]), "CERT_EXISTS");
  EXPECT_EQ(ReasonIn(Enroll(second)), "CERT_EXISTS");
  const auto stored = Stored("S1");
  ASSERT_TRUE(stored.ok()) << stored.status();
  EXPECT_EQ(stored->device.version, 1);
  EXPECT_EQ(stored->device.idevid_cert_der,
            Of("S1", '1').certificate.certificate_der);
  EXPECT_EQ(CountEvents(kCertificateIssued), 1);
  // A CA of its own makes a device of its own.
  second.certificate.ca_key_id = std::string(20, 'd');
  second.device->idevid_issuer = second.certificate.ca_key_id;
  EXPECT_EQ(ReasonIn(Enroll(second)), "OK");
}

TEST_P(CertificateContract, AServerMayHaveCertificatesOfTwoProfiles) {
  Enrollment first = Of("host.example", '1'), second = Of("host.example", '2');
  second.certificate.profile = "other";
  for (Enrollment* one : {&first, &second}) {
    one->device.reset();
    EXPECT_EQ(ReasonIn(Enroll(*one)), "OK");
  }
}

TEST_P(CertificateContract, WhatHasEndedMakesPlaceForAnother) {
  Enrollment first = Of("S1", '1');
  first.certificate.not_after = now_ + absl::Hours(1);
  ASSERT_EQ(ReasonIn(Enroll(first)), "OK");
  Enrollment second = Of("S1", '2');
  second.certificate.profile = "other";
  EXPECT_EQ(ReasonIn(Enroll(second)), "CERT_EXISTS");
  second.certificate.issued_at = now_ + absl::Hours(2);
  EXPECT_EQ(ReasonIn(Enroll(second)), "OK");
  EXPECT_EQ(Stored("S1")->device.idevid_cert_der,
            second.certificate.certificate_der);
}

TEST_P(CertificateContract, ABlockedDeviceGetsNoCertificate) {
  const Enrollment asked = Of("S1", '1');
  Device device = *asked.device;
  Import(device);
  SetBlocked("S1", true);
  EXPECT_EQ(ReasonIn(Enroll(asked)), "DEVICE_BLOCKED");
  EXPECT_TRUE(Ask({"a", "S1"}).certificates.empty());
}

// Revoke, enrol anew, lift the block: in this order nobody is believed by what
// is revoked.
TEST_P(CertificateContract, ARevocationBlocksItsDeviceUntilItHasAnother) {
  const Enrollment first = Of("S1", '1'), second = Of("S1", '2');
  ASSERT_EQ(ReasonIn(Enroll(first)), "OK");
  ASSERT_EQ(ReasonIn(Revoke(first, 4)), "OK");
  const auto blocked = Stored("S1");
  ASSERT_TRUE(blocked.ok()) << blocked.status();
  EXPECT_EQ(blocked->device.state, DeviceState::kBlocked);
  EXPECT_EQ(blocked->device.version, 2);
  EXPECT_EQ(CountEvents(kDeviceStateSet), 1);
  Enrollment renewal = second;
  renewal.renewed_der = first.certificate.certificate_der;
  EXPECT_EQ(ReasonIn(Enroll(renewal)), "DEVICE_BLOCKED");
  ASSERT_EQ(ReasonIn(Enroll(second)), "OK");
  EXPECT_EQ(Stored("S1")->device.state, DeviceState::kBlocked);
  EXPECT_EQ(ReasonIn(Enroll(Of("S1", '3'))), "CERT_EXISTS");
  SetBlocked("S1", false);
  const auto free = Stored("S1");
  ASSERT_TRUE(free.ok()) << free.status();
  EXPECT_EQ(free->device.state, DeviceState::kManufactured);
  EXPECT_EQ(free->device.idevid_cert_der, second.certificate.certificate_der);
}

TEST_P(CertificateContract, ARevocationOfWhatIsNotOnRecordBlocksNobody) {
  const Enrollment first = Of("S1", '1');
  Enrollment second = Of("S1", '2');
  second.renewed_der = first.certificate.certificate_der;
  ASSERT_EQ(ReasonIn(Enroll(first)), "OK");
  ASSERT_EQ(ReasonIn(Enroll(second)), "OK");
  ASSERT_EQ(ReasonIn(Enroll(Of("S2", '3'))), "OK");
  ASSERT_EQ(ReasonIn(Revoke(first, 1)), "OK");
  Enrollment server = Of("S2", '4');
  server.certificate.profile = "servers";
  server.device.reset();
  ASSERT_EQ(ReasonIn(Enroll(server)), "OK");
  ASSERT_EQ(ReasonIn(Revoke(server, 1)), "OK");
  for (const char* serial : {"S1", "S2"}) {
    EXPECT_EQ(Stored(serial)->device.state, DeviceState::kManufactured);
  }
  EXPECT_EQ(CountEvents(kDeviceStateSet), 0);
}

// Whoever was superseded, and whoever stole that key, gets no further.
TEST_P(CertificateContract, ARenewalIsOfTheKeyOnRecord) {
  const Enrollment first = Of("S1", '1');
  Enrollment second = Of("S1", '2'), third = Of("S1", '3');
  second.renewed_der = first.certificate.certificate_der;
  third.renewed_der = first.certificate.certificate_der;
  ASSERT_EQ(ReasonIn(Enroll(first)), "OK");
  ASSERT_EQ(ReasonIn(Enroll(second)), "OK");
  EXPECT_EQ(ReasonIn(Enroll(third)), "ENROLLER_NOT_ALLOWED");
  EXPECT_EQ(Stored("S1")->device.idevid_cert_der,
            second.certificate.certificate_der);
  // An answer that was lost is given again all the same.
  const auto again = Enroll(second);
  ASSERT_EQ(ReasonIn(again), "OK");
  EXPECT_TRUE(again->replayed);
  EXPECT_EQ(CountEvents(kCertificateIssued), 2);
}

// With another CA's certificate it would be another device, which nobody owns
// and nobody has blocked.
TEST_P(CertificateContract, ARenewalMakesNoDevice) {
  const Enrollment first = Of("S1", '1');
  ASSERT_EQ(ReasonIn(Enroll(first)), "OK");
  Enrollment renewal = Of("S1", '2');
  renewal.renewed_der = first.certificate.certificate_der;
  renewal.certificate.ca_key_id = std::string(20, 'd');
  renewal.device->idevid_issuer = renewal.certificate.ca_key_id;
  EXPECT_EQ(ReasonIn(Enroll(renewal)), "ENROLLER_NOT_ALLOWED");
  EXPECT_EQ(CountEvents(kCertificateIssued), 1);
}

}  // namespace masa::storage
